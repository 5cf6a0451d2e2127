import Foundation
import RNNCore
import RNNTasks
import TestSupport
import Testing

@testable import rnnbench

@Suite("Models of pairs on the command line")
struct PairCommandTests {
  private static let small = ["--hidden", "8", "--embedding", "6", "--batch", "4"]

  /// A model `m` of a kind, trained for a moment.
  private static func makeModel(
    _ line: CommandLine, _ kind: String, _ more: [String]
  ) throws {
    let outcome = try line.run(
      ["train", kind, "--model", "m", "--epochs", "2"] + small + more)
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  @Test(
    "Dates are learned and written, from the prompt and line by line, with a map of what was looked at"
  )
  func dates() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run([
      "train", "transduce", "--problem", "dates", "--model", "m", "--hidden", "48", "--pairs",
      "4000", "--epochs", "6", "--batch", "32", "--rate", "8e-3",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let model = try ModelFile(reading: line.path("m"))
    #expect(try model.configuration(EncoderDecoderConfiguration.self).attention == .general)

    let prompt = try line.run([
      "generate", "--model", "m", "--prompt", "2017-03-05", "--attention", "map.svg",
    ])
    #expect(prompt.code == 0 && prompt.errors == "rnnbench: Wrote map.svg.\n", "\(prompt.errors)")
    let written = prompt.output.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(written.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil, "\(written)")
    let map = try WellFormedXML(String(contentsOfFile: line.path("map.svg"), encoding: .utf8))
    #expect(map.text.contains("(end)"))
    // Tooltips name both tokens and their share.
    #expect(map.text.contains("←") && map.text.contains("%"))
  }

  @Test("Lines of standard input are answered in their order, empty ones by empty ones")
  func lines() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    try Self.makeModel(line, "translate", ["--data", "parallel", "--languages", "en,de"])
    let texts = (0..<70).map { $0 % 9 == 4 ? "" : "e\($0 % 7) e1" }
    let outcome = try line.run(
      ["generate", "--model", "m", "--beam", "2"], input: texts.joined(separator: "\n") + "\n")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let answers = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(answers.count == texts.count + 1)
    let alone = try line.run(["generate", "--model", "m", "--beam", "2", "--prompt", "e3 e1"])
    for (text, answer) in zip(texts, answers) {
      if text.isEmpty { #expect(answer.isEmpty) }
      if text == "e3 e1" { #expect(answer + "\n" == alone.output) }
    }
    // By the rules of all texts.
    let marked = try line.run(
      ["generate", "--model", "m", "--beam", "2"],
      input: "\u{FEFF}\(texts.joined(separator: "\u{A0} \r\n"))\r")
    #expect(marked.output == outcome.output, "\(marked.errors)")
    let nothing = try line.run(["generate", "--model", "m", "--beam", "2"], input: "")
    #expect(nothing.code == 0 && nothing.output.isEmpty, "\(nothing.errors)")
    let zero = try line.run(["generate", "--model", "m", "--beam", "2"], input: "e1\ne\02\n")
    #expect(zero.code == 1 && zero.errors.contains("standard input, line 2: "), "\(zero.errors)")
  }

  @Test("A parser writes one tree over all words, whatever it has learned")
  func trees() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    try Self.makeModel(line, "parse", ["--data", "trees"])
    let outcome = try line.run(["generate", "--model", "m", "--prompt", "w1 w5 never"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let file = URL(fileURLWithPath: line.path("tree"))
    try line.write(outcome.output, to: "tree")
    #expect(try TreeReader.trees(in: file).map(\.words) == [["w1", "w5", "never"]])
  }

  @Test("Brackets within words are written as treebanks do, and trees can be read again")
  func brackets() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let tree =
      "( (S (NP (DT the) (-LRB- -LRB-) (NN lamp) (-RRB- -RRB-) (SYM -LSB-)) (VB glows)) )\n"
    for (part, count) in [("train", 24), ("val", 4), ("test", 4)] {
      try line.write(String(repeating: tree, count: count), to: "trees/\(part).ptb")
    }
    try Self.makeModel(line, "parse", ["--data", "trees", "--minimum-count", "1"])
    func answer(_ prompt: String) throws -> (words: [String], errors: String) {
      let outcome = try line.run(["generate", "--model", "m", "--prompt", prompt])
      #expect(outcome.code == 0, "\(outcome.errors)")
      try line.write(outcome.output, to: "tree")
      let trees = try TreeReader.trees(in: URL(fileURLWithPath: line.path("tree")))
      #expect(trees.count == 1)
      return (trees.first?.words ?? [], outcome.errors)
    }
    // All are words that training shows.
    let known = try answer("the ( lamp ) [ glows")
    #expect(known.words == ["the", "-LRB-", "lamp", "-RRB-", "-LSB-", "glows"])
    #expect(known.errors.isEmpty)
    #expect(try answer("the -LRB- lamp").words == ["the", "-LRB-", "lamp"])
    let unknown = try answer("Mira (Otto) reads :) ] {x} .")
    #expect(
      unknown.words == ["Mira", "-LRB-Otto-RRB-", "reads", ":-RRB-", "]", "{x}", "."])
    #expect(unknown.errors.contains("'-LRB-Otto-RRB-'"))
  }

  @Test("An auto-encoder finds the text itself nearest to a text of its data")
  func neighbors() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    try Self.makeModel(line, "autoencode", ["--data", "classes.tsv"])
    let outcome = try line.run([
      "generate", "--model", "m", "--prompt", "poor and ill 2", "--neighbors", "3", "--data",
      "classes.tsv",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let rows = outcome.output.split(separator: "\n")
    #expect(rows.count == 4)
    #expect(rows.count > 1 && rows[1] == "1.000  poor and ill 2", "\(rows)")
  }

  @Test(
    "A classifier begins with an encoder's weights and vocabulary, and goes on without its file")
  func start() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    try Self.makeModel(
      line, "autoencode", ["--data", "classes.tsv", "--lowercase", "--minimum-count", "1"])
    let arguments = [
      "train", "classify", "--model", "c", "--data", "classes.tsv", "--epochs", "2",
      "--validation-share", "0.3", "--test-share", "0.2", "--json", "c.json",
    ]
    // Two updates of almost nothing: the weights are still those that they began with.
    let outcome = try line.run(arguments + ["--start", "m", "--rate", "1e-30"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let (encoder, classifier) = (
      try EncoderDecoder(contentsOf: line.path("m")), try SequenceModel(contentsOf: line.path("c"))
    )
    for slice in encoder.parameters.layout.slices where slice.name.hasPrefix("encoder.") {
      let name = String(slice.name.dropFirst("encoder.".count))
      #expect(
        try classifier.parameters.values(of: name) == encoder.parameters.values(of: slice.name))
    }
    try FileManager.default.removeItem(atPath: line.path("m"))
    let more = try line.run(arguments + ["--resume", "--epochs", "3", "--rate", "1e-30"])
    #expect(more.code == 0, "\(more.errors)")
  }

  @Test("The test scores of a run depend on the search that is asked for, not on the threads")
  func beams() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    try Self.makeModel(line, "translate", ["--data", "parallel", "--languages", "en,de"])
    func score(_ more: [String]) throws -> String {
      let outcome = try line.run(["evaluate", "--model", "m", "--data", "parallel"] + more)
      #expect(outcome.code == 0, "\(outcome.errors)")
      return outcome.output
    }
    #expect(try score(["--threads", "1"]) == score(["--threads", "2"]))
    #expect(try score([]).contains("By length of the source"))
    #expect(try score(["--part", "validation", "--beam", "1"]).contains("BLEU"))
  }

  @Test(
    "What does not fit is refused in one line that names it",
    arguments: [
      ("train transduce --model x", "problem"),
      ("train transduce --model x --problem dates --data text", "--data"),
      ("train translate --model x", "--data"),
      ("train translate --model x --data parallel --languages de", "languages"),
      ("train translate --model x --data parallel --languages de,fr", "parallel"),
      ("train translate --model x --data parallel --window 3", "--window"),
      ("train translate --model x --data parallel --recurrent-dropout 0.1", "--recurrent-dropout"),
      ("train translate --model x --data parallel --cell feedforward", "cell feedforward"),
      ("train translate --model x --data parallel --cell jordan", "cell"),
      ("train translate --model x --data parallel --hidden 7", "--hidden"),
      ("train translate --model x --data parallel --beam 0", "--beam"),
      ("train translate --model x --data parallel --most-words 0", "--most-words"),
      ("train transduce --model x --problem dates --lengths 0-3", "--lengths"),
      ("train transduce --model x --problem scan --pairs 999999", "count of scan"),
      ("train transduce --model x --problem copy --unit word", "--unit"),
      ("train lm --model x --data text --attention dot", "--attention"),
      ("train lm --model x --data text --problem copy", "--problem"),
      ("train lm --model x --data text --feeding answer", "--feeding"),
      ("train translate --model x --data parallel --attention none --feeding answer", "feeding"),
      ("train translate --model x --data parallel --sampling often", "sampling"),
      ("train translate --model x --data parallel --sampling constant=2", "sampling"),
      ("train parse --model x --data parallel", "parallel"),
      ("train classify --model x --data classes.tsv --start m --hidden 8", "--hidden"),
      ("train classify --model x --data classes.tsv --start m --cell gru", "--cell"),
      (
        "train classify --model x --data classes.tsv --start m --uniform-start 1", "--uniform-start"
      ),
      ("train lm --model x --data text --start m", "--start"),
      ("train classify --model x --data classes.tsv --start text", "text"),
      ("evaluate --model m", "--data"),
      ("evaluate --model m --data trees", "trees"),
      ("evaluate --model m --data parallel --columns 1,2", "--columns"),
      ("generate --model m --prompt a --length 3", "--length"),
      ("generate --model m --prompt a --neighbors 3 --data parallel", "--neighbors"),
      ("generate --model m --attention map.svg", "--attention"),
      ("generate --model m --prompt a --attention nowhere/map.svg", "nowhere/map.svg"),
      ("generate --model m --prompt a --beam 0", "--beam"),
      ("generate --model plain --prompt e1 --attention map.svg", "--attention"),
    ])
  func refuses(_ command: String, _ name: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    if command.contains("--model m") || command.contains("--start m") {
      try Self.makeModel(line, "translate", ["--data", "parallel", "--languages", "en,de"])
    }
    if command.contains("--model plain") {
      try Self.makeModel(
        line, "translate",
        ["--data", "parallel", "--languages", "en,de", "--attention", "none", "--model", "plain"])
    }
    let before = line.contents
    let outcome = try line.run(command.split(separator: " ").map(String.init))
    #expect(outcome.code == 1, "\(outcome.output)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains(name), "\(outcome.errors)")
    #expect(line.contents == before)
  }
}
