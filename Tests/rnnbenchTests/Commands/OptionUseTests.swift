import Foundation
import RNNCore
import Testing

@Suite("Options that would change nothing, and files that would be lost")
struct OptionUseTests {
  private static let small = ["--hidden", "3", "--batch", "4", "--epochs", "2"]

  private static func train(_ kind: String, _ data: String, _ more: String) -> [String] {
    ["train", kind, "--data", data, "--model", "x"] + small
      + more.split(separator: " ").map(String.init)
  }

  private static func series(_ line: CommandLine) throws {
    let rows = (0..<20).map { "\($0 % 2),\(1 - $0 % 2),\($0 % 3):\($0 % 2 == 0 ? "a" : "b")" }
    try line.write(
      "@univariate true\n@classLabel true a b\n@data\n" + rows.joined(separator: "\n") + "\n",
      to: "s.ts")
  }

  @Test("An option that a kind of data does not use is refused in one line that names it")
  func train() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    try Self.series(line)
    for part in ["train", "valid", "test"] {
      for file in ["seq.in", "seq.out"] {
        try line.write(
          Data(contentsOf: URL(fileURLWithPath: line.path("tags/\(part)/\(file)"))),
          to: "plain/\(part)/\(file)")
      }
    }
    let before = line.contents
    let cases = [
      ("music", "tunes.json", "--unit word"), ("music", "tunes.json", "--crf"),
      ("music", "tunes.json", "--embedding 3"), ("music", "tunes.json", "--tied"),
      ("music", "tunes.json", "--minimum-count 2"), ("lm", "text", "--columns 1,2"),
      ("lm", "text", "--crf"), ("lm", "text", "--no-crf"), ("lm", "text", "--intent-weight 1"),
      ("lm", "text", "--word-dropout 0.1"), ("lm", "text", "--group-lengths"),
      ("lm", "text", "--validation-share 0.1"), ("lm", "text", "--test-share nan"),
      ("tag", "tags", "--steps 5"), ("tag", "tags", "--tied"), ("tag", "tags", "--chunk 3"),
      ("tag", "tags", "--most-steps 3"), ("tag", "tags", "--unit word"),
      ("tag", "tags", "--momentum 0.5"), ("tag", "tags", "--clip 1 --clip-mode none"),
      ("tag", "plain", "--intent-weight 1"), ("classify", "classes.tsv", "--crf"),
      ("classify", "classes.tsv", "--comments"), ("classify", "s.ts", "--word-dropout 0.1"),
      ("classify", "s.ts", "--embedding 3"), ("tag", "tags", "--init xavier --cell irnn"),
      ("tag", "tags", "--uniform-start 0.1 --cell irnn"),
      ("lm", "text", "--layers 2 --cell feedforward"),
      ("tag", "tags", "--recurrent-dropout 0.1 --cell feedforward"),
      ("tag", "tags", "--directions forward --cell feedforward"),
      ("tag", "tags", "--init xavier --cell min-gru"), ("lm", "text", "--init xavier --cell lru"),
      ("tag", "tags", "--directions bidirectional-sum --cell bi-gru"),
      ("lm", "text", "--minimum-count 2"), ("lm", "text", "--minimum-count 2 --unit character"),
      ("classify", "classes.tsv", "--minimum-count 2 --unit character"),
      ("classify", "classes.tsv", "--word-dropout 0.1 --unit character"),
      ("parse", "trees", "--lowercase --parser-source tags"),
    ]
    for (kind, data, options) in cases {
      let arguments = Self.train(kind, data, options)
      let outcome = try line.run(arguments)
      #expect(outcome.code == 1, "\(arguments)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(arguments): \(outcome.errors)")
      let name = String(options.prefix { $0 != " " })
      #expect(outcome.errors.hasPrefix("rnnbench: \(name): "), "\(arguments): \(outcome.errors)")
    }
    #expect(line.contents == before)
    // Those that are of use where they are.
    for (kind, data, options) in [
      ("tag", "tags", "--no-crf --intent-weight 0 --minimum-count 1"),
      ("tag", "plain", "--momentum 0.5 --optimizer momentum"),
      ("classify", "s.ts", "--most-steps 2"),
      ("lm", "text", "--tied --embedding 3 --steps 7 --lowercase"),
    ] {
      let outcome = try line.run(Self.train(kind, data, options + " --overwrite"))
      #expect(outcome.code == 0, "\(options): \(outcome.errors)")
    }
  }

  @Test("Directions take the place of those of the standard cell", arguments: Directions.allCases)
  func directions(_ directions: Directions) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let outcome = try line.run(
      Self.train("tag", "tags", "--embedding 3 --directions \(directions.rawValue) --json t.json"))
    #expect(outcome.code == 0, "\(outcome.errors)")
    let file = try ModelFile(reading: line.path("x"))
    guard
      case .recurrent(let cell, _, let found) = try file.configuration(ModelConfiguration.self).body
    else { throw ExpectationError() }
    #expect(found == directions && cell == .lstm())
    let facts = try #require(try line.json("t.json")["configuration"] as? [String: Any])
    #expect(facts["cell"] as? String == (directions == .concatenated ? "bi-lstm" : "lstm"))
    #expect(facts["directions"] as? String == directions.rawValue)
  }

  private struct ExpectationError: Error {}

  @Test(
    "A mistyped subcommand or cell is answered with what there is",
    arguments: [
      ("trian", Int32(64), "did you mean train?"),
      ("profiel copy", 64, "did you mean profile?"),
      ("bench", 64, "compare"), ("compare --cells bi-foo", 1, "feedforward"),
      ("compare --cells lstm:peephol", 1, "peephole"),
    ])
  func mistyped(_ text: String, _ code: Int32, _ word: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run(text.split(separator: " ").map(String.init))
    #expect(outcome.code == code && outcome.errors.contains(word), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(!outcome.errors.contains("bench: did"), "nothing is near")
  }

  @Test(
    "What comparisons, profiles and surfaces have no use for is refused",
    arguments: [
      "compare --attention dot", "clip --feeding answer", "profile --sampling constant=0.1",
      "surface temporal-order --reverse-source", "compare --no-image", "compare --intent-weight 1",
      "compare --momentum 0.5", "profile --seeds 5", "profile --success 0.5",
      "profile --target-loss 1", "surface temporal-order --seeds 2",
      "surface --plane random", "surface --weights 1,2", "surface temporal-order --weights 1",
      "surface linear --grid 5", "surface linear --thresholds 1",
      "surface linear --path-steps 3", "surface linear --start 1,1",
      "surface linear --x-range 0:1", "surface linear --plane random",
      "surface --seed 2", "surface linear --seed 2", "evaluate --model m --data d --seed 2",
      "explain --seed 2",
    ])
  func others(_ text: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let words = text.split(separator: " ").map(String.init)
    let outcome = try line.run(words)
    let name = try #require(words.last { $0.hasPrefix("--") })
    // What no task has a use for is no option of the command.
    let begins =
      outcome.code == 64 ? "rnnbench: Unknown option '\(name)'" : "rnnbench: \(name): expected "
    #expect(outcome.errors.hasPrefix(begins), "\(outcome.errors)")
    #expect(outcome.code == 1 || outcome.code == 64, "\(outcome.output)")
  }

  @Test("A saved model is measured as it was trained, and a run goes on as it began")
  func saved() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    #expect(try line.run(Self.train("lm", "text", "--embedding 3 --seed 4")).code == 0)
    // What a token is and which examples are the test belong to the model: evaluate has no such
    // options.
    for options in ["--unit word", "--minimum-count 9", "--test-share 0.5", "--columns 1,2"] {
      let outcome = try line.run(
        ["evaluate", "--model", "x", "--data", "text"]
          + options.split(separator: " ").map(String.init))
      let name = String(options.prefix { $0 != " " })
      #expect(outcome.code != 0 && outcome.errors.contains(name), "\(options): \(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1 && outcome.output.isEmpty)
    }
    let folders = try line.run(Self.train("tag", "tags", "--columns 1,2 --overwrite"))
    #expect(folders.code == 1 && folders.errors.contains("files in columns"))
    #expect(try line.run(Self.train("lm", "text", "--embedding 3 --seed 4 --overwrite")).code == 0)
    let other = try line.run(Self.train("lm", "text", "--embedding 3 --resume --seed 5"))
    #expect(other.code == 1 && other.errors.contains("seed"), "\(other.errors)")
    for seed in ["", " --seed 4"] {
      let same = try line.run(Self.train("lm", "text", "--embedding 3 --resume" + seed))
      #expect(same.code == 0, "\(same.errors)")
    }
  }

  @Test("No file is written over another that the same command names")
  func sameFile() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let text = try Data(contentsOf: URL(fileURLWithPath: line.path("text")))
    let before = line.contents
    for arguments in [
      ["train", "lm", "--data", "text", "--model", "./text", "--overwrite"] + Self.small,
      Self.train("lm", "text", "--json x"), Self.train("lm", "text", "--csv y --report ./y"),
      Self.train("lm", "text", "--json text"), ["doctor", "--json", "y", "--csv", "y"],
    ] {
      let outcome = try line.run(arguments)
      #expect(outcome.code != 0 && outcome.errors.contains("same file"), "\(arguments)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: line.path("text"))) == text)
    #expect(line.contents == before)
  }

  @Test("A model that no memory holds is refused, not tried")
  func tooLarge() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    // 1.7 TiB of weights: fewer than the library's own bound.
    let outcome = try line.run(
      ["train", "lm", "--data", "text", "--model", "x", "--hidden", "200000"])
    #expect(outcome.code == 1 && outcome.errors.contains("GiB"), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test("A saved CRF and a tied readout are profiled on the task that they were made for")
  func profiles() throws {
    let line = try CommandLine()
    defer { line.remove() }
    for (task, options) in [("slots", "--crf"), ("lm", "--tied --embedding 6")] {
      let made = try line.run(
        ["profile", task, "--cells", "gru", "--hidden", "6", "--updates", "1"]
          + ["--save", "x"] + options.split(separator: " ").map(String.init))
      #expect(made.code == 0, "\(made.errors)")
      let again = try line.run(["profile", "--model", "x"])
      #expect(again.code == 0, "\(again.errors)")
    }
  }

  @Test("A CRF is refused where outputs are no classes", arguments: ["adding", "spelled-digits"])
  func refusesChain(_ task: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run(["compare", task, "--cells", "gru", "--crf"])
    #expect(outcome.code == 1 && outcome.output.isEmpty, "\(outcome.output)")
    #expect(outcome.errors.contains("--crf"), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test("Looks without a finite loss have no star")
  func noStar() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let outcome = try line.run(
      Self.train("lm", "text", "--embedding 64 --hidden 7 --rate 3e37 --clip-mode none"))
    #expect(outcome.output.contains("epoch") && !outcome.output.contains("*"), "\(outcome.output)")
  }
}
