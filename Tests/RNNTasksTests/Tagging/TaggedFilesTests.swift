import Foundation
import RNNCore
import RNNTasks
import Testing

@Suite("Tagged files")
struct TaggedFilesTests {
  private func task(
    _ files: [String: String], encoding: TaskEncoding? = nil,
    _ change: (inout DataOptions) -> Void = { _ in }
  ) throws -> TaggingTask {
    let directory = try TemporaryDirectory()
    for (name, text) in files { try directory.write(text.utf8, to: name) }
    var options = DataOptions()
    options.minimumCount = 1
    change(&options)
    return try #require(
      try makeTask(.tag, at: directory.url, options: options, encoding: encoding)
        as? TaggingTask)
  }

  private static let columns = [
    "train.txt": "-DOCSTART- -X- O\n\nEU NNP B-ORG\nrejects VBZ O\n\n\nGerman\tJJ\tB-MISC\n",
    "dev.txt": "EU NNP I-ORG\n", "test.txt": "German JJ B-PER\nlamb NN I-PER\r\n\r\n",
  ]

  private static let folders = [
    "train/seq.in": "fly to rome\nstop\n", "train/seq.out": "O O B-to\nO\n",
    "train/label": "flight\nstop#now\n", "valid/seq.in": "fly\n", "valid/seq.out": "O\n",
    "valid/label": "fare\n", "test/seq.in": "to rome\nfly\n", "test/seq.out": "O B-to\nB-by\n",
    "test/label": "flight\nflight\n",
  ]

  @Test("Columns are numbered from either end, separated by blanks or tabs")
  func columnNumbers() throws {
    let task = try task(Self.columns)
    #expect(task.training.map(\.tokens) == [[0, 1], [2]])
    // The I-ORG of dev.txt begins a chunk, as a B-ORG does.
    #expect(task.tagging.tags.all == ["B-ORG", "O", "B-MISC", "B-PER", "I-PER", "I-<unknown>"])
    #expect(task.tagging.tags.trainedCount == 3 && task.shape.labels == nil)
    #expect(task.validation[0].classes == [0])
    #expect(task.test[0].tokens == [2, 3] && task.test[0].classes == [3, 4])
    let swapped = try self.task([
      "train": "O\ta b\nB-x\tc\n", "valid": "O\ta b\n", "test": "O\t1\n",
    ]) { ($0.tokenColumn, $0.tagColumn) = (2, 1) }
    #expect(swapped.tagging.words.symbols == ["a b", "c"])
  }

  @Test("White space around words and tags is dropped; a first line is passed over where asked")
  func spaces() throws {
    let rows = "Mira\u{A0}Lu \tB-PER \n\u{FEFF}sings\tO\u{200B}\n \t\u{3000}\nnow\tO\n"
    let files = ["train": rows, "valid": rows, "test": rows]
    let task = try task(files)
    #expect(task.tagging.words.symbols == ["Mira\u{A0}Lu", "sings", "now"])
    #expect(task.tagging.tags.trainedCount == 2 && task.training.map(\.length) == [2, 1])
    let headed = try self.task(files.mapValues { "word\tlabel\n\($0)" }) { $0.skipsHeader = true }
    #expect(headed.fingerprint == task.fingerprint)
    for heading in ["label", "NER_tags", "pos", "Tag", "types"] {
      let error = #expect(throws: RNNError.self) {
        try self.task(files.mapValues { "word\t\(heading)\n\($0)" })
      }
      #expect(error?.argument.hasSuffix("train, line 1") == true)
      #expect(error?.found.contains("--skip-header") == true, "\(heading)")
    }
    let letters = ["train": "a\ty\nb\tx1\n", "valid": "a\ty\n", "test": "a\ty\n"]
    #expect(try self.task(letters).training[0].length == 2)
    let known = ["train": "a\tpos\nb\tneg\nc\tpos\n", "valid": "a\tneg\n", "test": "a\tneg\n"]
    #expect(try self.task(known).training[0].length == 3)
  }

  @Test("Comments are lines with # where they are asked for")
  func comments() throws {
    let files = ["train": "# O\n#x B-a\n\n", "valid": "a O\n", "test": "a O\n"]
    #expect(try task(files).tagging.words.symbols == ["#", "#x"])
    let error = #expect(throws: RNNError.self) { try task(files) { $0.skipsComments = true } }
    #expect(error?.kind == .empty && error?.argument.hasSuffix("/train") == true)
  }

  @Test(
    "Bad columns have file and line",
    arguments: [
      ("a O\nb\n", RNNError.Kind.shape, 2, "a column 2"),
      ("a\n", .shape, 1, "a column 2"),
      ("a\t\tO\n\t\tO\n", .empty, 1, "text in column 2"),
    ])
  func badColumns(text: String, kind: RNNError.Kind, line: Int, expected: String) throws {
    var files = Self.columns
    files["test.txt"] = text
    let error = #expect(throws: RNNError.self) { try task(files) { $0.tagColumn = 2 } }
    // In the others, column 2 has parts of speech.
    #expect(error?.argument.hasSuffix("test.txt, line \(line)") == true)
    let lone = ["train": text, "valid": text, "test": text]
    let own = #expect(throws: RNNError.self) { try task(lone) { $0.tagColumn = 2 } }
    #expect(own?.kind == kind && own?.expected == expected)
    #expect(own?.argument.hasSuffix("/train, line \(line)") == true)
    let far = #expect(throws: RNNError.self) { try task(lone) { $0.tokenColumn = .number(.min) } }
    #expect(far?.kind == .shape)
    #expect(throws: RNNError.self) { try task(lone) { $0.tokenColumn = 0 } }
  }

  @Test("Intents are classes, several at once being one; unknown ones are never right")
  func intents() throws {
    let task = try task(Self.folders)
    let intents = try #require(task.tagging.intents)
    #expect(intents.all == ["flight", "stop#now", "fare", "<unknown>"])
    #expect(task.shape.labels == 4 && task.training.map(\.label) == [0, 1])
    #expect(task.validation.map(\.label) == [2] && task.test.map(\.label) == [0, 0])
    #expect(intents.name(of: 1) == "stop#now" && intents.name(of: 2) == nil)

    let perfect = task.test.map {
      SequencePrediction.classes($0.classes, label: $0.label ?? -1)
    }
    var score = task.score(predictions: perfect, examples: task.test, meanLoss: 0)
    #expect(score.metrics.map(\.name) == ["F1", "intent accuracy", "sentence accuracy"])
    // B-by is not trained: one of two chunks is missed, and its sentence is wrong.
    #expect(score.metrics.map(\.value) == [2.0 / 3, 1, 0.5])
    #expect(score.chunks?.byType["by"]?.gold == 1)
    #expect(score.confusion?.counts[0] == [2, 0, 0, 0])

    score = task.score(
      predictions: [.classes([0], label: 2)], examples: task.validation, meanLoss: 0)
    #expect(score.metrics.map(\.value) == [0, 0, 0])
    let plain = task.score(
      predictions: task.test.map(\.truth), examples: task.test, meanLoss: 0)
    #expect(plain.metrics.count == 1 && plain.confusion == nil)
  }

  @Test("Labels that one part lacks are not used, those of a compared task neither")
  func withoutIntents() throws {
    var files = Self.folders
    files["valid/label"] = nil
    let task = try task(files)
    #expect(task.shape.labels == nil && task.training.allSatisfy { $0.label == nil })
    files["valid/label"] = "a\nb\n"
    let long = #expect(throws: RNNError.self) { try self.task(files) }
    #expect(long?.kind == .shape && long?.expected == "1 lines, as in seq.in")
    files["valid/label"] = "a b\n"
    let two = #expect(throws: RNNError.self) { try self.task(files) }
    #expect(two?.argument.hasSuffix("valid/label, line 1") == true && two?.found == "2")
    files["valid/label"] = "a\n"
    files["test/label"] = "a\n"
    let short = #expect(throws: RNNError.self) { try self.task(files) }
    #expect(short?.expected == "2 lines, as in seq.in" && short?.found == "1")
  }

  @Test("Words are normalised before they are counted")
  func normalisation() throws {
    var files = Self.folders
    files["train/seq.in"] = "Fly FLY 747\n12a\n"
    let task = try task(files) { ($0.lowercase, $0.digits) = (true, true) }
    #expect(task.tagging.words.symbols == ["fly", "DIGITDIGITDIGIT", "DIGITDIGITa"])
    #expect(task.tagging.encode(["FLY", "99a", "x"]) == [0, 2, 3])
    #expect(task.tagging.tags(of: [0, 1, 2, 3]) == ["O", "B-to", "O", "O"])
  }

  @Test("Tags and intents that are new to a saved encoding share a class that is never right")
  func saved() throws {
    let first = try task(Self.folders)
    var files = Self.folders
    files["test/seq.out"] = "B-new I-new\nB-to\n"
    files["test/label"] = "else\nflight\n"
    let second = try task(files, encoding: first.encoding)
    #expect(second.shape == first.shape && second.encoding == first.encoding)
    #expect(second.test.map(\.classes) == [[3, 3], [1]] && second.test.map(\.label) == [3, 0])
    let perfect = second.test.map {
      SequencePrediction.classes($0.classes, label: $0.label ?? -1)
    }
    let score = second.score(predictions: perfect, examples: second.test, meanLoss: 0)
    #expect(score.metrics.map(\.value) == [2.0 / 3, 0.5, 0.5])
    // Data without intents are tagged by the same model, and scored by their tags alone.
    files["test/label"] = nil
    let plain = try self.task(files, encoding: first.encoding)
    #expect(plain.shape == first.shape && plain.test.allSatisfy { $0.label == nil })
    #expect(plain.score(predictions: perfect, examples: plain.test, meanLoss: 0).metrics.count == 1)
  }
}
