import Foundation
import Testing

@testable import RNNCore
@testable import RNNTasks

@Suite("Answers to new data")
struct PredictCommandTests {
  /// What is given to predict for a kind, and the field of its lines that holds the answer.
  private static let inputs: [String: (data: String, field: Int)] = [
    "tag": ("tags", 0), "classify": ("classes.tsv", 0), "translate": ("parallel/test.en", 0),
    "autoencode": ("classes.tsv", 0), "parse": ("trees", 0), "vqa": ("pictures", 0),
  ]

  @Test(
    "Answers are those that are evaluated, and their score is the evaluation's",
    arguments: TrainedKind.all.filter { inputs[$0.name] != nil })
  func agreement(_ kind: TrainedKind) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    try succeed(line, kind.arguments())
    let data = kind.name == "classify" || kind.name == "autoencode" ? "classes.tsv" : kind.data
    try succeed(
      line,
      [
        "evaluate", "--model", "m", "--data", data ?? "", "--predictions", "p.tsv", "--json",
        "e.json",
      ])
    let input = try #require(Self.inputs[kind.name])
    let predicted = try succeed(line, ["predict", "--model", "m", "--data", input.data])
    var answers = predicted.output.lines.map { $0.fields[input.field] }
    let beside = try line.text("p.tsv").lines.map(\.fields)
    var references = beside.map { $0.count > 1 ? ($0[$0.count - 2], $0[$0.count - 1]) : ("", "") }
    if kind.name == "tag" {
      // A tag a line, and an empty one behind each sentence.
      answers = answers.flatMap { $0.split(separator: " ").map(String.init) + [""] }
    }
    #expect(answers.count > 5 && answers == references.map(\.1), "\(predicted.errors)")
    references.removeAll { $0.0.isEmpty }
    let right = references.count { $0.0 == $0.1 }
    let score = try line.metrics("e.json")
    if let accuracy = score["accuracy"] ?? score["exact match"], kind.name != "parse" {
      #expect(abs(accuracy - Double(right) / Double(references.count)) < 1e-9)
    }
    #expect(score.count >= 1)
  }

  @Test("The scores of all tokens and steps are the losses that are evaluated")
  func losses() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    for kind in TrainedKind.all where ["lm", "music"].contains(kind.name) {
      let place = kind.place + ["--model", "m", "--threads", "1"]
      try succeed(line, kind.arguments(["--overwrite"]))
      try succeed(line, ["evaluate", "--json", "e.json"] + place)
      let answers = try succeed(line, ["predict", "--format", "json"] + place).output.lines
        .map { try JSONText(parsing: Array($0.utf8), name: "answer") }
      let losses = answers.flatMap { answer -> [Double] in
        if kind.name == "music" { return answer["losses"]?.numbers ?? [] }
        return (answer["tokens"]?.elements ?? []).compactMap { $0["logProbability"]?.number }
          .map { -$0 }
      }
      let mean = losses.reduce(0, +) / Double(losses.count)
      let found = try #require(
        try line.metrics("e.json")[kind.name == "lm" ? "perplexity" : "NLL/step"])
      let expected = kind.name == "lm" ? exp(mean) : mean
      #expect(abs(found - expected) < 1e-4 * expected, "\(kind.name) \(found) \(expected)")
    }
  }

  @Test("Each input has an answer, also an empty one, in the form it came in or as JSON")
  func forms() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    try succeed(line, TrainedKind.all[0].arguments())
    func predict(_ options: [String], _ input: String) throws -> [String] {
      let outcome = try succeed(line, ["predict", "--model", "m"] + options, input: input)
      return outcome.output.lines
    }
    let plain = try predict([], "w1 w7\n\n  w2\n")
    #expect(plain.count == 3 && plain[1].isEmpty && plain[2].fields[0].words.count == 1)
    let tags = plain[0].fields[0].words
    #expect(tags.count == 2 && plain[0].fields.count == 2)
    let told = try predict(["--probabilities"], "w1 w7\n")[0].fields
    #expect(told.count == 4 && told[1].words.allSatisfy { (0...1).contains(Float($0) ?? 2) })
    let columns = try predict(["--input", "columns", "--top", "2"], "# w\nw1\tx\nw7\tO\n\n")
    // A # is a word where nothing says that it begins a comment.
    #expect(columns.count == 4 && columns[3].isEmpty && columns[1].hasPrefix("w1\t"))
    #expect(columns[1].fields.count == 6 && columns[1].fields[1] == columns[1].fields[2])
    let json = try predict(["--format", "json", "--top", "1"], "w1 w7\n\nw99\n").map {
      try JSONText(parsing: Array($0.utf8), name: "answer")
    }
    #expect(json.count == 3 && json[0]["tags"] == JSONText(tags) && json[1]["tags"] == .array([]))
    #expect(json[2]["unknown"] == JSONText(1) && json[0]["unknown"] == nil)
    #expect(json[0]["top"]?.elements.count == 2)
    try line.write("w1 w7\n", to: "new.txt")
    try succeed(line, ["predict", "--model", "m", "--data", "new.txt", "--output", "out.txt"])
    #expect(try line.text("out.txt") == plain[0] + "\n")
  }

  @Test("The share of unknown words is said, and what cannot be read stops the run or is marked")
  func errors() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    try succeed(line, TrainedKind.all[0].arguments())
    let unknown = try succeed(line, ["predict", "--model", "m"], input: "w1 new w7 w1\n")
    #expect(unknown.errors.contains("25.0 % of 4 words"), "\(unknown.errors)")
    try line.write(Data("w1\n".utf8) + [0xE9] + Data(" w\nw2\n".utf8), to: "latin.txt")
    let stopped = try line.run(["predict", "--model", "m", "--data", "latin.txt"])
    #expect(stopped.code == 1 && stopped.errors.contains("line 2"), "\(stopped.errors)")
    #expect(stopped.output.lines.count == 1)
    let marked = try succeed(
      line, ["predict", "--model", "m", "--data", "latin.txt", "--on-error", "mark"])
    #expect(marked.output.lines.count == 3 && marked.output.lines[1].hasPrefix("<error>\t"))
    #expect(marked.output.lines[1].contains("line 2") && marked.errors.contains("2 of 3"))
    let object = try succeed(
      line,
      [
        "predict", "--model", "m", "--data", "latin.txt", "--on-error", "mark", "--format", "json",
      ])
    #expect(object.output.lines[1].hasPrefix(#"{"error":"#))
    let nothing = try succeed(line, ["predict", "--model", "m"], input: "")
    #expect(nothing.output.isEmpty && nothing.errors.contains("0 inputs"))
    for (options, part) in [
      (["--top", "2"], "--format json"), (["--input", "trees"], "lines or columns"),
      (["--no-continue"], "lm"), (["--data", "none"], "none"), (["--output", "no/o"], "no"),
    ] {
      let refused = try line.run(["predict", "--model", "m"] + options, input: "w1\n")
      #expect(refused.code == 1 && refused.errors.contains(part), "\(options) \(refused.errors)")
      #expect(refused.output.isEmpty && refused.errors.lines.count == 1, "\(options)")
    }
  }

  @Test("The first lines tell what the input is, and a file of the data is not written over")
  func looks() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    try succeed(line, TrainedKind.all[0].arguments())
    func lines(_ input: String) throws -> [String] {
      try succeed(line, ["predict", "--model", "m"], input: input).output.lines
    }
    // A model of folders takes lines with as many words for sentences, but knows CoNLL-U.
    #expect(try lines("w1 w7\n\nw2 w8\n").map(\.fields.count) == [2, 1, 2])
    let word = "w1\t_\t_\t_\t_\t0\t_\t_\t_"
    let treebank = try lines("# text\n1\t\(word)\n2\t\(word)\n\n")
    #expect(treebank.count == 4 && treebank[0] == "# text" && treebank[1].fields.count == 10)
    #expect(try lines("-DOCSTART- O\n\nw1 O\nw7 O\n").count == 4)
    let kept = try line.run(
      ["predict", "--model", "m", "--data", "tags", "--output", "tags/test/seq.in"])
    #expect(kept.code == 1 && kept.errors.contains("in the folder of --data"), "\(kept.errors)")

    try succeed(line, TrainedKind.all[2].arguments(["--overwrite"]))
    #expect(try lines("\ngood\tfine\nbad\tpoor\n").map(\.fields.count) == [1, 2, 2])
    #expect(try lines("so\tfine\npoor\n").map(\.fields.count) == [1, 1])
    let heading = try line.run(["predict", "--model", "m"], input: "label\ttext\ngood\tfine\n")
    #expect(heading.code == 1 && heading.errors.contains("--skip-header"), "\(heading.errors)")
  }

  @Test("A sentence in columns that cannot be read is marked; lines of no sentence only come back")
  func columns() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    try succeed(line, TrainedKind.all[0].arguments())
    let text = Data("w1 O\n\nw7 O\n".utf8) + [0xE9] + Data(" O\nw2 O\n\nw3 O\n\n\n\n".utf8)
    try line.write(text, to: "new.txt")
    let predict = ["predict", "--model", "m", "--data", "new.txt", "--input", "columns"]
    let marked = try succeed(line, predict + ["--on-error", "mark"])
    let lines = marked.output.lines
    #expect(lines.count == 10 && lines[2] == "w7 <error>" && lines[4] == "w2 <error>")
    #expect(lines[3].hasPrefix("<error>\t") && lines[3].contains("new.txt, line 4"))
    #expect(lines[6].hasPrefix("w3 ") && lines[7...].allSatisfy(\.isEmpty))
    #expect(marked.errors.contains("Answered 2 of 3 inputs"), "\(marked.errors)")
    let objects = try succeed(line, predict + ["--on-error", "mark", "--format", "json"])
    #expect(objects.output.lines.count == 3, "\(objects.output)")
    #expect(objects.output.lines[1].hasPrefix(#"{"error":"#))
    let stopped = try line.run(predict)
    #expect(stopped.code == 1 && stopped.errors.contains("line 4"), "\(stopped.errors)")
    #expect(stopped.output.lines.count == 2 && stopped.output.hasPrefix("w1 "))
  }

  @Test("All of a file is scored, of a folder the part that is named, and what is left out is said")
  func scope() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    for (index, kind) in TrainedKind.all.enumerated() where ["tag", "classify"].contains(kind.name)
    {
      try succeed(line, kind.arguments(["--overwrite"]))
      let folder = try succeed(line, ["evaluate", "--model", "m"] + kind.place)
      if index == 0 {
        #expect(folder.output.contains("left out train, valid."), "\(folder.output)")
        let alone = try succeed(
          line, ["evaluate", "--model", "m", "--data", "tags/test", "--json", "e.json"])
        #expect(alone.output.contains("Scored all of test: 8 sentences."))
        #expect(try line.json("e.json")["examples"] as? Int == 8)
        let other = try succeed(
          line, ["evaluate", "--model", "m", "--data", "tags", "--part", "validation"])
        #expect(other.output.contains("validation part of tags: 8 sentences"))
      } else {
        #expect(folder.output.contains("Scored all of classes.tsv: 40 texts."))
      }
    }
  }
}

/// Runs a command that has to succeed.
@discardableResult
private func succeed(
  _ line: CommandLine, _ arguments: [String], input: String? = nil
) throws -> CommandLine.Outcome {
  let outcome = try line.run(arguments, input: input)
  try #require(outcome.code == 0, "\(arguments) \(outcome.errors)")
  return outcome
}

extension CommandLine {
  fileprivate func text(_ name: String) throws -> String {
    try String(contentsOf: URL(fileURLWithPath: path(name)), encoding: .utf8)
  }

  /// The scores in a file that evaluate wrote, by name.
  fileprivate func metrics(_ name: String) throws -> [String: Double] {
    let score = try #require(try json(name)["score"] as? [String: Any])
    let metrics = try #require(score["metrics"] as? [String: Any])
    return metrics.compactMapValues { $0 as? Double }
  }
}

extension String {
  /// Without the end behind the last.
  fileprivate var lines: [String] {
    var lines = split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  fileprivate var fields: [String] {
    split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
  }
}

extension JSONText {
  fileprivate subscript(_ name: String) -> JSONText? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }
  fileprivate var elements: [JSONText] { if case .array(let values) = self { values } else { [] } }
  fileprivate var number: Double? { if case .number(let text) = self { Double(text) } else { nil } }
  fileprivate var numbers: [Double] { elements.compactMap(\.number) }
}
