import Foundation
import RNNCore
import Testing

@testable import RNNTasks

/// Files of one kind of tags as data of a task.
@Suite("Kinds of tags")
struct TagKindsTests {
  private func directory(_ files: [String: String]) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for (name, text) in files { try directory.write(text.utf8, to: name) }
    return directory
  }

  private func task(
    _ files: [String: String], encoding: TaskEncoding? = nil,
    _ change: (inout DataOptions) -> Void = { _ in }
  ) throws -> TaggingTask {
    let directory = try directory(files)
    var options = DataOptions()
    options.minimumCount = 1
    change(&options)
    return try #require(
      try makeTask(.tag, at: directory.url, options: options, encoding: encoding) as? TaggingTask)
  }

  private func columns(_ sentences: [[(String, String)]]) -> String {
    sentences.map { $0.map { "\($0) \($1)\n" }.joined() }.joined(separator: "\n")
  }

  /// The same chunks of training, validation and test in a scheme.
  private func chunks(_ scheme: TagScheme, held: TagScheme? = nil) -> [String: String] {
    let parts: [(String, [[(String, String)]])] = [
      (
        "train.txt",
        [
          [("fly", "O"), ("new", "B-city"), ("york", "I-city"), ("rome", "B-city")],
          [("rome", "B-city"), ("monday", "B-day"), ("stop", "O")],
        ]
      ),
      ("dev.txt", [[("rome", "B-city"), ("fly", "O")]]),
      (
        "test.txt",
        [[("new", "B-town"), ("york", "I-town")], [("monday", "B-day"), ("x", "B-day")]]
      ),
    ]
    return Dictionary(
      uniqueKeysWithValues: parts.map { name, sentences in
        let scheme = name == "train.txt" ? scheme : held ?? scheme
        return (
          name,
          columns(
            sentences.map { sentence in
              Array(
                zip(
                  sentence.map(\.0), scheme.tags(of: sentence.compactMap { ChunkTag($0.1) })))
            })
        )
      })
  }

  @Test(
    "Chunks of every scheme are the same classes and examples, and are written in their own",
    arguments: [
      (TagScheme.iob1, ["I-city", "I-city", "B-city", "O"]),
      (.bioes, ["B-city", "E-city", "S-city", "O"]), (.bilou, ["B-city", "L-city", "U-city", "O"]),
    ])
  func schemes(scheme: TagScheme, written: [String]) throws {
    let plain = try task(chunks(.iob2))
    #expect(plain.tagging.scheme == .iob2)
    for named in [nil, scheme] {
      let own = try task(chunks(scheme)) { $0.scheme = named }
      #expect(own.tagging.scheme == scheme && own.tagging.tags == plain.tagging.tags)
      #expect(own.training == plain.training && own.validation == plain.validation)
      #expect(own.test == plain.test && own.fingerprint == plain.fingerprint)
      let ids = ["B-city", "I-city", "B-city", "O"].map(own.tagging.tags.id)
      #expect(own.tagging.tags(of: ids) == written)
      #expect(own.tagging.tags(of: ids, scheme: .iob2) == ["B-city", "I-city", "B-city", "O"])
      // A class that training lacks is no chunk.
      let unknown = [own.tagging.tags.id(of: "B-town"), own.tagging.tags.id(of: "I-<unknown>")]
      #expect(own.tagging.tags(of: unknown) == ["O", "O"])
      // Saved, and with new data in another scheme.
      let again = try task(chunks(scheme, held: .bilou), encoding: own.encoding) {
        $0.scheme = nil
      }
      #expect(again.tagging == own.tagging)
      if scheme == .bilou { #expect(again.test == own.test) }
    }
  }

  @Test(
    "Data for a saved model are read in the scheme that they are in", arguments: TagScheme.allCases)
  func savedScheme(scheme: TagScheme) throws {
    guard scheme.hasChunks else { return }
    let saved = try task(chunks(.bioes))
    let other = try task(chunks(scheme), encoding: saved.encoding)
    #expect(other.test == saved.test && other.training == saved.training)
    // And where it is named, only in that.
    let error = #expect(throws: RNNError.self) {
      try task(chunks(scheme == .bilou ? .bioes : .bilou), encoding: saved.encoding) {
        $0.scheme = scheme
      }
    }
    #expect(error?.kind == .format && error?.expected == scheme.allowed)
  }

  @Test("A model that was saved without a scheme knows tags as they are")
  func earlier() throws {
    let json =
      #"{"kind":"tag","lowercase":false,"digits":false,"words":["fly","rome"],"#
      + #""tags":["O","I-city","B-city","I-<unknown>"],"trainedTags":3,"intents":[]}"#
    let encoding = try TaskEncoding(json: json, name: "saved")
    #expect(encoding.json == json)
    let text = "fly O\nrome I-city\n"
    let task = try task(["train": text, "valid": text, "test": text], encoding: encoding)
    #expect(task.test.map(\.classes) == [[0, 1]])
    #expect(
      task.tagging.hasChunks && task.tagging.tags(of: [0, 1, 2]) == ["O", "I-city", "B-city"])
    #expect(task.tagging.tags(of: [0, 1], scheme: .bioes) == ["O", "S-city"])
    let singles = ["train": "fly S-x\n", "valid": text, "test": text]
    #expect(throws: RNNError.self) { try self.task(singles, encoding: encoding) }
  }

  private static let speech = [
    "train": "the DT\ndog NN\n\nbarks VBZ\nthe DT\n", "dev": "dog NN\n", "test": "cat FW\nthe DT\n",
  ]

  @Test("Labels are classes as they are")
  func labels() throws {
    let task = try task(Self.speech)
    #expect(task.tagging.scheme == .labels && !task.tagging.hasChunks)
    #expect(task.tagging.tags.all == ["DT", "NN", "VBZ", "FW", "<unknown>"])
    #expect(task.tagging.tags(of: [0, 2, 3, 4]) == ["DT", "VBZ", "<unknown>", "<unknown>"])
    #expect(task.tagging.tags(of: [0, 2], scheme: .bioes) == ["DT", "VBZ"])
    #expect(try TaskEncoding(json: task.encoding.json, name: "saved") == task.encoding)
    // Chunks are labels where that is said, and hold for the model.
    let plain = try self.task(chunks(.iob2)) { $0.scheme = .labels }
    #expect(plain.tagging.tags.all.suffix(2) == ["I-town", "<unknown>"])
    let more = ["train": "a XX\n", "dev": "b B-\n", "test": "c S-x\n"]
    let other = try self.task(more, encoding: plain.encoding)
    #expect(other.test.map(\.classes) == [[Int32(plain.tagging.tags.count - 1)]])
    for (encoding, scheme) in [(plain.encoding, TagScheme.iob2), (task.encoding, .bioes)] {
      let error = #expect(throws: RNNError.self) {
        try self.task(chunks(.iob2), encoding: encoding) { $0.scheme = scheme }
      }
      #expect(error?.kind == .unsupported && error?.argument == "scheme")
    }
  }

  @Test("Labels are scored by accuracy, that of unknown words apart, with the confusions")
  func labelScore() throws {
    // Gold DT NN VBZ | FW DT, where cat is unknown, predicted DT VBZ VBZ | NN DT.
    let examples = [
      Example(input: .tokens([0, 1, 3]), target: .classPerStep([0, 1, 2])),
      Example(input: .tokens([3, 0]), target: .classPerStep([3, 0])),
    ]
    let task = try task(Self.speech)
    #expect(task.tagging.words.unknownID == 3)
    let score = task.score(
      predictions: [.classes([0, 2, 2]), .classes([1, 0])], examples: examples, meanLoss: 0)
    #expect(score.metrics.map(\.name) == ["accuracy", "accuracy of unknown words"])
    #expect(score.metrics.map(\.value) == [3.0 / 5, 1.0 / 2] && score.chunks == nil)
    let confusion = try #require(score.confusion)
    #expect(confusion.names == task.tagging.tags.all)
    // scikit-learn 1.9: confusion_matrix and f1_score(average=None) of the five words.
    #expect(
      confusion.counts
        == [
          [2, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 0],
        ])
    #expect(confusion.byClass.map(\.f1) == [1, 0, 2.0 / 3, 0, 0])
    // What training lacks is never right; nothing unknown is no number.
    let lacking = task.score(
      predictions: [.classes([3])],
      examples: [Example(input: .tokens([0]), target: .classPerStep([3]))], meanLoss: 0)
    #expect(lacking.metrics[0].value == 0 && lacking.metrics[1].value.isNaN)
    #expect(task.mainMetric.name == "accuracy" && task.mainMetric.value == 0)
  }

  @Test("Chunks of types that came up after training are counted one by one, by their names")
  func newTypes() throws {
    let saved = try task(chunks(.iob2))
    let text = "fly B-one\nnew B-two\nyork I-two\nrome B-city\n\nfly B-one\nnew I-two\n"
    let other = try task(
      ["train": "fly O\nrome B-city\n", "dev": text, "test": text], encoding: saved.encoding)
    let city = saved.tagging.tags.id(of: "B-city")
    let score = other.score(
      predictions: [.classes([0, city, 0, city]), .classes([0, 0])], examples: other.test,
      meanLoss: 0)
    // seqeval: one of two found, five wanted.
    let chunks = try #require(score.chunks)
    #expect(chunks.total.correct == 1 && chunks.total.predicted == 2 && chunks.total.gold == 5)
    #expect(score.metrics[0].value == 2.0 / 7)
    #expect(chunks.table.map(\.type) == ["city", "one", "two"])
    #expect(chunks.table.map(\.counts.gold) == [1, 2, 2])
    // Sentences that become the same example each count with their own tags, again and again.
    let same = "fly B-one\nnew B-one\n\nfly B-one\nnew I-one\n"
    let twice = try task(
      ["train": "fly O\nrome B-city\n", "dev": "fly O\n", "test": same], encoding: saved.encoding)
    #expect(twice.test[0] == twice.test[1])
    for _ in 0..<2 {
      let none = twice.score(
        predictions: [.classes([0, 0]), .classes([0, 0])], examples: twice.test, meanLoss: 0)
      #expect(none.chunks?.total.gold == 3)
    }
  }

  @Test("A heading of columns is refused, and passed over where that is asked for")
  func heading() throws {
    let files = Self.speech.mapValues { "word tag\n" + $0 }
    let error = #expect(throws: RNNError.self) { try task(files) }
    #expect(error?.kind == .format && error?.argument.hasSuffix("/train, line 1") == true)
    #expect(error?.found.contains("'tag'") == true)
    let plain = try task(Self.speech)
    let skipped = try task(files) { $0.skipsHeader = true }
    #expect(skipped.encoding == plain.encoding && skipped.test == plain.test)
  }

  @Test("Labels beside intents keep the confusions of words")
  func labelsAndIntents() throws {
    var files: [String: String] = [:]
    for part in ["train", "valid", "test"] {
      files[part + "/seq.in"] = "the dog\nbarks\n"
      (files[part + "/seq.out"], files[part + "/label"]) = ("DT NN\nVBZ\n", "x\ny\n")
    }
    let task = try task(files)
    let score = task.score(
      predictions: [.classes([0, 1], label: 0), .classes([2], label: 0)], examples: task.test,
      meanLoss: 0)
    #expect(score.metrics[0].value == 1 && score.metrics[1].value.isNaN)
    #expect(score.metrics.dropFirst(2).map(\.value) == [0.5, 0.5])
    #expect(score.confusion?.names == task.tagging.tags.all)
  }

  @Test("A tag of another scheme than that of training has its line")
  func lines() throws {
    var files = Self.speech.mapValues { _ in "a B-x\nb O\n" }
    files["test"] = "a B-x\n\nb O\nc NN\n"
    let error = #expect(throws: RNNError.self) { try task(files) }
    #expect(error?.kind == .format && error?.found == "'NN'")
    #expect(error?.argument.hasSuffix("/test, line 4") == true)
    files["train"] = "a B-x\n\nb I-x\nc B\n"
    let train = #expect(throws: RNNError.self) { try task(files) }
    #expect(train?.found == "'B'" && train?.argument.hasSuffix("/train, line 4") == true)
    let alone = #expect(throws: RNNError.self) {
      try task(Self.speech.mapValues { _ in "a\nb\n" })
    }
    #expect(alone?.kind == .shape && alone?.found == "1 column")
  }

  private static func conllu(_ words: [(String, String)]) -> String {
    "# text\n1-2\tx\t_\t_\t_\t_\t_\t_\t_\t_\n"
      + words.enumerated().map { index, word in
        "\(index + 1)\t\(word.0)\t_\t\(word.1)\t_\t_\t\(index)\tdep\t_\t_\n"
      }.joined()
  }

  @Test("A treebank in CoNLL-U is read by its names")
  func treebank() throws {
    let task = try task([
      "en_x-ud-train.conllu": Self.conllu([("the", "DET"), ("dog", "NOUN")]),
      "en_x-ud-dev.conllu": Self.conllu([("dog", "NOUN")]),
      "en_x-ud-test.conllu": Self.conllu([("a", "DET")]), "stats.xml": "<x/>", "README.md": "x",
    ])
    #expect(task.tagging.words.symbols == ["the", "dog"])
    #expect(task.tagging.tags.all == ["DET", "NOUN", "<unknown>"])
    #expect(task.test.map(\.tokens) == [[2]])
  }

  // MARK: - Held-out data alone

  @Test("A file, a folder and a part of a directory are held out alone")
  func heldOut() throws {
    let trained = try task(chunks(.bioes))
    let intents = [
      "train/seq.in": "fly rome\n", "train/seq.out": "O S-city\n", "train/label": "x\n",
    ]
    let folders = try directory([
      "test/seq.in": "fly new york\nrome\n", "test/seq.out": "O B-city L-city\nU-town\n",
      "test/label": "x\ny\n", "valid/seq.in": "fly\n", "valid/seq.out": "O\n",
      "columns/new.test.txt": "fly O\nnew B-city\nyork I-city\n\nrome B-town\n",
      "columns/other.md": "x",
    ])
    func held(_ path: String, _ part: HeldOutPart = .test) throws -> TaggingTask {
      try TaggingTask(
        heldOut: path.isEmpty ? folders.url : folders.url.appendingPathComponent(path), part,
        DataOptions(), encoding: trained.tagging)
    }
    let whole = try held("")
    #expect(whole.validation.isEmpty && whole.training.isEmpty && whole.test.count == 2)
    #expect(whole.encoding == trained.encoding && whole.shape == trained.shape)
    let tags = trained.tagging.tags
    #expect(
      whole.test.map(\.classes)
        == [["O", "B-city", "I-city"].map(tags.id), [tags.id(of: "B-town")]])
    for path in ["test", "columns", "columns/new.test.txt"] {
      #expect(try held(path).test == whole.test, "\(path)")
    }
    #expect(try held("columns/new.test.txt", .validation).validation == whole.test)
    #expect(try held("", .validation).validation.map(\.classes) == [[tags.id(of: "O")]])
    let missing = #expect(throws: RNNError.self) { try held("columns", .validation) }
    #expect(missing?.kind == .file && missing?.expected.hasPrefix("a validation part") == true)
    #expect(throws: RNNError.self) { try held("nowhere") }
    // Intents of a part are read where the model has them.
    var files = intents
    for part in ["valid", "test"] {
      for (name, text) in intents { files[name.replacing("train", with: part)] = text }
    }
    let joint = try task(files)
    let labels = try TaggingTask(
      heldOut: folders.url, .test, DataOptions(), encoding: joint.tagging
    ).test.map(\.label)
    #expect(labels == [0, 1] && whole.test.allSatisfy { $0.label == nil })
  }

  @Test("Chunks are no data for a model of labels, nor labels for one of chunks")
  func otherKind() throws {
    let labels = columns([[("fly", "VB"), ("rome", "NN")]])
    let files = ["train.txt": labels, "dev.txt": labels, "test.txt": labels]
    let (ofLabels, ofChunks) = (try task(files), try task(chunks(.iob2)))
    func score(
      _ text: String, _ encoding: TaskEncoding, _ scheme: TagScheme? = nil
    ) throws -> TaggingTask {
      let directory = try directory(["new.txt": text])
      guard case .tag(let tagging) = encoding else { throw CancellationError() }
      var options = DataOptions()
      options.scheme = scheme
      return try TaggingTask(
        heldOut: directory.url.appendingPathComponent("new.txt"), .test, options,
        encoding: tagging)
    }
    let given = "fly O\nrome B-city\n"
    let chunks = #expect(throws: RNNError.self) { try score(given, ofLabels.encoding) }
    #expect(chunks?.kind == .unsupported && chunks?.expected.contains("VB") == true)
    #expect(chunks?.found.contains("B-city") == true)
    // One that is known is enough; others count as wrong.
    #expect(try score(given + "go VB\n", ofLabels.encoding).test.count == 1)
    let other = #expect(throws: RNNError.self) { try score(labels, ofChunks.encoding) }
    #expect(other?.kind == .format && other?.argument.hasSuffix("line 1") == true)
    #expect(other?.expected.hasPrefix("a tag O, B-type") == true)
    let named = #expect(throws: RNNError.self) { try score(labels, ofChunks.encoding, .labels) }
    #expect(named?.kind == .unsupported && named?.argument == "scheme")
  }
}
