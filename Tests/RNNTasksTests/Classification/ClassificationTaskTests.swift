import Foundation
import RNNCore
import RNNTasks
import Testing

@Suite("Classification")
struct ClassificationTaskTests {
  private func task(
    _ files: [String: String], open name: String? = nil, encoding: TaskEncoding? = nil,
    _ change: (inout DataOptions) -> Void = { _ in }
  ) throws -> ClassificationTask {
    let directory = try TemporaryDirectory()
    for (name, text) in files { try directory.write(text.utf8, to: name) }
    var options = DataOptions()
    let url = name.map { directory.url.appendingPathComponent($0) } ?? directory.url
    options.minimumCount = 1
    change(&options)
    return try #require(
      try makeTask(.classify, at: url, options: options, encoding: encoding)
        as? ClassificationTask)
  }

  /// `count` lines, each its own word.
  private func lines(_ count: Int, _ word: String) -> String {
    (0..<count).map { "\(word)\($0)\n" }.joined()
  }

  @Test("A directory for each part and class: a text a file, with its lines put together")
  func classFolders() throws {
    let files = [
      "train/pos/1.txt": "Good film\ngood", "train/neg/2.txt": "bad\n", "train/neg/10.txt": "Ill",
      "dev/pos/a": "a good bad one\n", "test/neg/b": "bad\n", "README.txt": "read me",
    ]
    let task = try task(files)
    #expect(task.classification.classes == ["neg", "pos"])
    // Sorted by name: neg/10, neg/2, pos/1.
    #expect(task.training.map(\.tokens) == [[0], [1], [2, 3, 2]])
    #expect(task.training.flatMap(\.classes) == [0, 0, 1])
    #expect(task.validation.map(\.tokens) == [[4, 2, 1, 4]] && task.test.map(\.tokens) == [[1]])
    #expect(task.shape.answer == .atEnd && task.shape.outputs == 2)
    #expect(task.shape.input == .tokens(vocabulary: 5))
    let characters = try self.task(files) { ($0.unit, $0.mostSteps) = (.character, 4) }
    #expect(characters.training.map(\.length) == [3, 4, 4])
    let cased = try self.task(files) { $0.lowercase = false }
    #expect(cased.training.map(\.tokens) == [[0], [1], [2, 3, 4]])
  }

  @Test("A file for each class, named by stem or by extension: a text a line")
  func classFiles() throws {
    let byStem = try task(["a.txt": lines(10, "x"), "b.txt": lines(20, "y")])
    #expect(byStem.classification.classes == ["a", "b"])
    // 10 % of each class are tested, 15 % of all, rounded for each class, validated.
    #expect(byStem.test.flatMap(\.classes) == [0, 1, 1])
    #expect(byStem.validation.flatMap(\.classes) == [0, 0, 1, 1, 1])
    #expect(byStem.training.count == 22)
    let byExtension = try task(["rt.pos": lines(9, "x"), "rt.neg": lines(9, "y")])
    #expect(byExtension.classification.classes == ["neg", "pos"])
  }

  @Test("White space around labels is dropped, within them it is kept")
  func spacesAroundLabels() throws {
    let text = "pos\ta\npos \tb\n\u{A0}pos\u{3000}\tc\nquite\u{A0}neg\u{200B}\td\nquite neg\te\n"
    let task = try task(["train": text, "valid": "pos\ta\n", "test": "pos\ta\n"])
    #expect(task.classification.classes == ["pos", "quite neg", "quite\u{A0}neg"])
    #expect(task.training.flatMap(\.classes) == [0, 0, 0, 2, 1])
    let error = #expect(throws: RNNError.self) {
      try self.task(["train": "a\tb\n \u{A0}\tc\n"])
    }
    #expect(error?.expected == "a class, a tab and a text")
    #expect(error?.argument.hasSuffix("train, line 2") == true)
  }

  @Test("A first line that is a heading is refused with the option that passes over it")
  func headings() throws {
    let rows = "up\tone\nlow\ttwo\n"
    for heading in [
      "label", "Class", "SENTIMENT", "gold_label", "Class Index", " #target", "topics", "Intents",
      "type", "star_rating", "review score", "is_spam", "sms_label", "y",
    ] {
      let files = [
        "train": "\(heading)\ttext\n\(rows)", "valid": "label\ttext\n\(rows)",
        "test": "x\ty\n\(rows)",
      ]
      let error = #expect(throws: RNNError.self) { try self.task(files) }
      #expect(error?.kind == .format && error?.argument.hasSuffix("train, line 1") == true)
      #expect(error?.found.hasSuffix(", which skipsHeader (--skip-header) passes over") == true)
      let task = try self.task(files) { $0.skipsHeader = true }
      #expect(task.classification.classes == ["low", "up"])
      #expect([task.training, task.validation, task.test].map(\.count) == [2, 2, 2])
    }
    // A class of that name has other lines; and what is none of the usual names is a class.
    for text in [
      "label\ta\n\(rows)label\tb\n", "target practice\ta\n\(rows)", "\(rows)label\ta\n",
      "y\ta\nn\tb\nn\tc\n\(rows)", "credit score\ta\n\(rows)", "is a\ta\n\(rows)",
    ] {
      #expect(try task(["train": text, "valid": rows, "test": rows]).training.count > 2)
    }
    let alone = ["train": "label\ttext\n", "valid": rows, "test": rows]
    let error = #expect(throws: RNNError.self) { try task(alone) { $0.skipsHeader = true } }
    #expect(error?.kind == .empty)
  }

  @Test("Lines of class, tab and text, in one file or in one for each part")
  func labeledLines() throws {
    let files = [
      "train.tsv": "b\tone\ttwo\na\tone\r\nb\ttwo one\na\tone two\n", "valid.tsv": "a\ttwo two\n",
    ]
    let task = try task(files) { $0.testShare = 0.5 }
    #expect(task.classification.classes == ["a", "b"] && task.validation[0].length == 2)
    #expect(task.training.count == 2 && task.test.count == 2)
    let single = try self.task(["all": "b\tx\na\ty\nb\tz\na\tw\n"], open: "all") {
      ($0.testShare, $0.validationShare) = (0.5, 0)
    }
    #expect(single.training.count == 2 && single.test.count == 2)
    #expect(single.validation == single.training)
  }

  @Test("The draw of parts is disjoint, complete, and depends on the seed alone")
  func split() throws {
    let files = ["a": lines(40, "x"), "b": lines(21, "y")]
    func texts(_ seed: UInt64) throws -> [[String]] {
      let task = try task(files) { $0.seed = seed }
      guard case .text(let text) = task.classification.input else { return [] }
      #expect(text.count == task.training.count)
      return [task.training, task.validation, task.test].map { part in
        part.map { text.decode($0.tokens) }
      }
    }
    let (first, again, other) = (try texts(1), try texts(1), try texts(2))
    #expect(first == again && first != other)
    // Held-out words are all different and so unknown: only their numbers can be told.
    #expect(first.map(\.count) == [46, 9, 6] && Set(first[0]).count == 46)
  }

  @Test("Classes without a choice, unknown classes, empty texts and bad lines are located")
  func errors() throws {
    let cases: [([String: String], RNNError.Kind, String)] = [
      (["a": "x\n\ny\n", "b": "z\n"], .empty, "/a, line 2"),
      (["train": "a\tx\nb y\n"], .format, "/train, line 2"),
      (["train": "a\tx\n\ty\n"], .format, "/train, line 2"),
      (["train": "a\tx\nb\t \n"], .empty, "/train, line 2"),
      (["train": "a\tx\nb\ty\n", "valid": "c\tx\n", "test": "a\tx\n"], .vocabulary, "/valid"),
      (["train/a/1": "x", "train/b/1": "y", "test/a/1": " \n"], .empty, "/test/a/1"),
      (["train/a/1": "x", "train/b/.hidden": "y"], .empty, "/train/b"),
      (["train": "a\tx\n", "valid": "a\tx\n", "test": "a\tx\n"], .range, ""),
      (["README": "x"], .empty, ""),
    ]
    for (files, kind, ending) in cases {
      let error = #expect(throws: RNNError.self) { try task(files) }
      #expect(error?.kind == kind, "\(files)")
      #expect(error?.argument.hasSuffix(ending) == true, "\(files)")
    }
    let changes: [(inout DataOptions) -> Void] = [
      { $0.testShare = 0 }, { $0.validationShare = -0.1 }, { $0.testShare = .nan },
      { ($0.testShare, $0.validationShare) = (0.5, 0.5) }, { $0.mostSteps = 0 },
      { $0.validationShare = 0.001 }, { $0.wordDropout = 1 },
    ]
    for change in changes {
      let error = #expect(throws: RNNError.self) {
        try task(["a": lines(9, "x"), "b": lines(9, "y")], change)
      }
      #expect(error?.kind == .range)
    }
  }

  @Test("The score is the accuracy, with the confusions")
  func score() throws {
    let task = try task(["a": lines(20, "x"), "b": lines(20, "y")])
    let predictions = task.test.map { _ in SequencePrediction.classes([1]) }
    let score = task.score(predictions: predictions, examples: task.test, meanLoss: 1)
    #expect(score.metrics == [Metric(name: "accuracy", value: 0.5, higherIsBetter: true)])
    #expect(score.confusion?.counts == [[0, 2], [0, 2]])
    #expect(task.mainMetric == Metric(name: "accuracy", value: 0, higherIsBetter: true))
    #expect(abs(try #require(task.guessLoss) - log(2)) < 1e-12)
    let dropped = try self.task(["a": lines(20, "x"), "b": lines(20, "y")]) { $0.wordDropout = 0.5 }
    let unknown = dropped.trainingExamples(1000, seed: 1).count { $0.tokens == [30] }
    // Five standard errors of a half among about 1000.
    #expect(abs(unknown - 500) < 100)
  }

  @Test("A saved encoding keeps words, classes and the cut")
  func saved() throws {
    let first = try task(["train": "b\tx y z\na\ty\n", "dev": "a\tx\n", "test": "a\tx\n"]) {
      $0.mostSteps = 2
    }
    let files = ["train": "a\tq y x\n", "dev": "b\tz z z\n", "test": "b\tx\n"]
    let second = try task(files, encoding: first.encoding)
    #expect(second.encoding == first.encoding && second.training.map(\.tokens) == [[2, 1]])
    #expect(second.validation[0].tokens == [2, 2] && second.validation[0].classes == [1])
    #expect(first.classification.encode("X y z") == [0, 1])
    let other = try MusicTaskTests.task([[[[60]]], [[[60]]], [[[60]]]])
    let error = #expect(throws: RNNError.self) { try task(files, encoding: other.encoding) }
    #expect(error?.description == "encoding: expected one of the kind classify, found music")
  }
}
