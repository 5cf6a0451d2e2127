import Foundation
import RNNCore
import RNNTasks
import Testing

@testable import RNNStudies

@Suite("train, evaluate and generate")
struct TrainCommandTests {
  @Test("Each kind of data is learned, measured and written down", arguments: TrainedKind.all)
  func everyKind(_ kind: TrainedKind) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let outcome = try line.run(
      kind.arguments(["--json", "t.json", "--csv", "t.csv", "--report", "t.html"]))
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains(kind.metric) && outcome.output.contains("All epochs are done"))
    let object = try line.json("t.json")
    #expect(object["schema"] as? String == "rnnbench/train/1")
    let looks = try #require(object["looks"] as? [[String: Any]])
    #expect(looks.map { $0["epochs"] as? Int } == [1, 2, 3])
    #expect((object["test"] as? [String: Any])?["metrics"] != nil)
    #expect(try line.report("t.html").contains("<svg"))
    #expect(
      try String(contentsOfFile: line.path("t.csv"), encoding: .utf8).split(separator: "\r\n").count
        == 4)

    // The file says the same of the same data.
    let again = try line.run(
      [
        "evaluate", "--model", "m", "--json", "e.json", "--report", "e.html", "--csv", "e.csv",
      ] + kind.place)
    #expect(again.code == 0, "\(again.errors)")
    #expect(try line.report("e.html").contains("On test data: "))
    let evaluated = try #require(try line.json("e.json")["score"] as? NSDictionary)
    if ["lm", "classify", "autoencode"].contains(kind.name) {
      // Training set parts of the file aside, of which evaluation knows nothing.
      #expect(again.output.contains("was trained on a part of them"), "\(again.output)")
    } else {
      #expect(evaluated == object["test"] as? NSDictionary)
    }
    // Nothing but what was asked for.
    #expect(line.contents.filter { $0.hasPrefix(".rnncore") }.isEmpty)
  }

  @Test(
    "A run killed at any moment, many times, ends with the bits of one that was not",
    arguments: TrainedKind.ofEachLearner)
  func killed(_ kind: TrainedKind) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let arguments = kind.arguments([
      "--dropout", "0.2", "--epochs", "60", "--patience", "0", "--averaging", "0.9",
    ])
    let begin = Date.now
    let whole = try line.run(arguments)
    let seconds = Float(Date.now.timeIntervalSince(begin))
    #expect(whole.code == 0, "\(whole.errors)")
    let expected = try line.tensors("m")
    try FileManager.default.removeItem(atPath: line.path("m"))

    var random = RandomGenerator(seed: 5)
    var (kills, loads, isDone) = (0, 0, false)
    for round in 0..<60 where !isDone {
      let exists = FileManager.default.fileExists(atPath: line.path("m"))
      let running = try line.start(arguments + (exists ? ["--resume"] : []))
      // From the first moment of the program on, and now and then far into the run.
      let delay = Double(random.uniform(0, seconds * (round % 4 == 3 ? 0.8 : 0.2)))
      let deadline = Date.now.addingTimeInterval(delay)
      while running.process.isRunning, Date.now < deadline { usleep(500) }
      if running.process.isRunning {
        kill(
          running.process.processIdentifier,
          round % 3 == 0 ? SIGTERM : round % 3 == 1 ? SIGINT : SIGKILL)
        kills += 1
      }
      let outcome = try running.outcome()
      if FileManager.default.fileExists(atPath: line.path("m")) {
        _ = try ModelFile(reading: line.path("m"))
        loads += 1
      }
      isDone = outcome.code == 0
      if isDone { continue }
      #expect(
        [SIGKILL, SIGTERM, SIGINT, 128 + SIGTERM, 128 + SIGINT].contains(outcome.code),
        "\(outcome.errors)")
    }
    #expect(kills >= 3)
    if !isDone {
      // A machine that became slow or busy got less far.
      let exists = FileManager.default.fileExists(atPath: line.path("m"))
      let rest = try line.run(arguments + (exists ? ["--resume"] : []))
      #expect(rest.code == 0, "\(rest.errors)")
    }
    #expect(loads >= 1)
    #expect(try line.tensors("m") == expected)
    #expect(line.contents.filter { $0.hasPrefix(".rnncore") }.isEmpty)
  }

  @Test("A signal saves and names the way on; more epochs than before can follow")
  func signals() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let kind = TrainedKind.all[1]
    for (signal, code) in [(SIGINT, Int32(130)), (SIGTERM, Int32(143))] {
      try? FileManager.default.removeItem(atPath: line.path("m"))
      let running = try line.start(
        kind.arguments(["--epochs", "100000", "--patience", "0", "--overwrite"]))
      while running.process.isRunning, !FileManager.default.fileExists(atPath: line.path("m")) {
        usleep(1000)
      }
      kill(running.process.processIdentifier, signal)
      let outcome = try running.outcome()
      #expect(outcome.code == code)
      #expect(outcome.output.contains("Interrupted") && outcome.output.contains("--resume"))
      #expect(!outcome.errors.contains("rnnbench:"), "\(outcome.errors)")
    }
    let more = try line.run(kind.arguments(["--epochs", "2", "--patience", "0", "--resume"]))
    #expect(more.code == 0, "\(more.errors)")
  }

  @Test("Text comes from a saved language model, the same for the same seed")
  func generates() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    #expect(try line.run(TrainedKind.all[1].arguments()).code == 0)
    func text(_ more: [String]) throws -> String {
      let outcome = try line.run(["generate", "--model", "m", "--length", "40"] + more)
      #expect(outcome.code == 0, "\(outcome.errors)")
      return outcome.output
    }
    let first = try text(["--prompt", "line", "--seed", "3"])
    #expect(first.hasPrefix("line") && first.unicodeScalars.count >= 44)
    #expect(try text(["--prompt", "line", "--seed", "3"]) == first)
    #expect(try text(["--prompt", "line", "--seed", "4"]) != first)
    // The likeliest character always: seeds change nothing.
    let greedy = try text(["--temperature", "0", "--seed", "1"])
    #expect(try text(["--temperature", "0", "--seed", "2"]) == greedy)
    #expect(try text(["--top-k", "1", "--seed", "9"]) == greedy)
    #expect(try text(["--top-p", "1e-6", "--seed", "9"]) == greedy)
  }

  @Test("What cannot be done is said in one line, and changes no file")
  func refusals() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    #expect(try line.run(TrainedKind.all[0].arguments()).code == 0)
    let before = try Data(contentsOf: URL(fileURLWithPath: line.path("m")))
    try line.write("no model", to: "noise")
    let lm = ["--data", "text", "--model", "m"]
    let cases: [([String], String)] = [
      (TrainedKind.all[0].arguments(), "--resume"),
      (TrainedKind.all[0].arguments(["--resume", "--overwrite"]), "--overwrite"),
      (TrainedKind.all[0].arguments(["--resume", "--rate", "0.5"]), "rate"),
      (["train", "lm", "--resume"] + lm, "tag"),
      (["train", "tag", "--data", "tags", "--model", "none", "--resume"], "none"),
      (["train", "tag", "--data", "tags", "--model", "noise", "--resume"], "noise"),
      (["train", "lm", "--data", "text", "--model", "x", "--epochs", "0"], "--epochs"),
      (["train", "lm", "--data", "text", "--model", "x", "--schedule", "up"], "--schedule"),
      (["train", "lm", "--data", "text", "--model", "x", "--cell", "bi-lstm"], "past alone"),
      (["train", "lm", "--data", "text", "--model", "x", "--cell", "lst"], "lst"),
      (["train", "lm", "--data", "nothing", "--model", "x"], "nothing"),
      (["train", "lm", "--data", "text", "--model", "nowhere/x"], "nowhere"),
      (["train", "lm", "--data", "text", "--model", "x", "--time-limit", "0"], "--time-limit"),
      (["train", "poetry", "--data", "text", "--model", "x"], "poetry"),
      (["train", "lm", "--data", "text"], "--model"),
      (["evaluate", "--model", "m", "--data", "text"], "text"),
      (["evaluate", "--model", "noise", "--data", "text"], "noise"),
      (["generate", "--model", "m"], "a language model"),
      (["generate", "--model", "noise"], "noise"),
      (["generate", "--model", "m", "--temperature", "-1"], "temperature"),
      (["generate", "--model", "m", "--top-k", "0"], "top"),
      (["generate", "--model", "m", "--top-p", "1.5"], "top"),
    ]
    for (arguments, word) in cases {
      let outcome = try line.run(arguments)
      #expect(outcome.code != 0, "\(arguments)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains(word), "\(arguments): \(outcome.errors)")
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: line.path("m"))) == before)
    #expect(!line.contents.contains("x"))
  }

  @Test("A text never has a symbol that training did not show; unknown ones of a prompt are named")
  func knownSymbols() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.write(String(repeating: "a", count: 300), to: "letters")
    try line.write(String(repeating: "one two\n", count: 60), to: "words")
    func train(_ more: String...) throws {
      let small = ["--hidden", "4", "--embedding", "3", "--layers", "1", "--batch", "4"]
      let arguments = ["train", "lm", "--model", "m", "--epochs", "1", "--overwrite"]
      let outcome = try line.run(arguments + small + more)
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    try train("--data", "letters")
    // Hardly trained, of one character and the unknown one: half of all would be unknown.
    for more in [
      ["--temperature", "3"], ["--top-k", "2"], ["--top-p", "1"], ["--temperature", "0"],
    ] {
      let outcome = try line.run(["generate", "--model", "m", "--length", "60"] + more)
      #expect(outcome.output == String(repeating: "a", count: 60) + "\n")
    }
    let prompt = "a\u{301}b\u{7}aab" + "cdefghi"
    let outcome = try line.run(["generate", "--model", "m", "--length", "3", "--prompt", prompt])
    #expect(Array(outcome.output.utf8) == Array((prompt + "aaa\n").utf8))
    #expect(
      outcome.errors
        == "rnnbench: --prompt: the model does not know the characters '\\u{301}', 'b', "
        + "'\\u{7}', 'c', 'd', 'e', 'f', 'g' and 2 more\n")
    try train("--data", "words", "--unit", "word")
    for prompt in ["one  three two", "one"] {
      let outcome = try line.run([
        "generate", "--model", "m", "--length", "40", "--temperature", "9", "--prompt", prompt,
      ])
      #expect(outcome.output.hasPrefix(prompt) && !outcome.output.contains("<unk>"))
      #expect(outcome.errors.contains("'three'") == prompt.contains("three"))
    }
    // Words too rare for an id of their own were shown as the unknown one.
    try line.write("x y z\nx1 y1 z1\n" + String(repeating: "one two\n", count: 40), to: "words")
    try train("--data", "words", "--unit", "word", "--minimum-count", "2")
    let unknown = try line.run([
      "generate", "--model", "m", "--length", "200", "--temperature", "9",
    ])
    #expect(unknown.output.contains("<unk>"))
  }

  @Test("A run that goes on names the options that differ, always the same")
  func differences() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let arguments = ["train", "lm", "--data", "text", "--model", "m", "--threads", "1"]
    let small = ["--hidden", "4", "--embedding", "3", "--layers", "1", "--batch", "4"]
    #expect(try line.run(arguments + small + ["--epochs", "1"]).code == 0)
    let cases = [
      ("--batch 8", "--batch"), ("--rate 0.1", "--rate"), ("--hidden 16", "--hidden"),
      ("--steps 5", "--steps"), ("--seed 9", "--seed"), ("--cell gru", "--cell"),
      ("--dropout 0.1", "--dropout"),
      ("--steps 5 --batch 8 --seed 9", "--steps, --batch, --seed"),
      ("--seed 9 --batch 8 --steps 5", "--steps, --batch, --seed"),
    ]
    for (options, names) in cases {
      for _ in 0..<3 {
        let words = options.split(separator: " ").map(String.init)
        let outcome = try line.run(arguments + ["--resume", "--epochs", "2"] + words)
        #expect(outcome.code == 1)
        #expect(
          outcome.errors
            == "rnnbench: --resume: expected the options of the run in m, found another \(names)\n")
      }
    }
  }

  @Test("Data that have changed are no data to go on with")
  func changedData() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    #expect(try line.run(TrainedKind.all[1].arguments()).code == 0)
    try line.write(
      "line 1 says something else.\n" + String(repeating: "line 2 says 3.\n", count: 59), to: "text"
    )
    let outcome = try line.run(TrainedKind.all[1].arguments(["--resume", "--epochs", "9"]))
    #expect(outcome.code != 0 && outcome.errors.contains("--data"), "\(outcome.errors)")
  }
}
