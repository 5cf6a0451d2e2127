import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Models in files")
struct ModelFileTests {
  /// Saves, loads, and compares everything.
  private func expectRoundTrip(
    _ configuration: ModelConfiguration, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let model = try SequenceModel(configuration, seed: 1)
    try model.parameters.fill(seed: 5)
    let metadata = ["task": "a \"test\"\n", "": "ü"]
    try model.save(to: folder.path("m"), metadata: metadata)
    let file = try ModelFile(reading: folder.path("m"))
    #expect(file.kind == "sequence", sourceLocation: sourceLocation)
    #expect(
      try file.configuration(ModelConfiguration.self) == configuration,
      sourceLocation: sourceLocation)
    #expect(file.metadata == metadata, sourceLocation: sourceLocation)
    let loaded = try SequenceModel(contentsOf: folder.path("m"))
    #expect(loaded.configuration == configuration, sourceLocation: sourceLocation)
    #expect(
      loaded.parameters.layout == model.parameters.layout, sourceLocation: sourceLocation)
    #expect(loaded.parameters.bits == model.parameters.bits, sourceLocation: sourceLocation)
    #expect(folder.contents == ["m"], sourceLocation: sourceLocation)
  }

  @Test("A model of every cell comes back bit for bit", arguments: trainedCells)
  func everyCell(_ cell: CellKind) throws {
    for directions in cell.isStackable ? Directions.allCases : [.forward] {
      try expectRoundTrip(
        ModelConfiguration(
          input: .tokens(vocabulary: 7, embedding: 3), contextWindow: 3,
          body: .recurrent(cell, layers: cell.isStackable ? 2 : 1, directions: directions),
          hiddenSize: 5, outputs: 4, dropout: 0.1,
          recurrentDropout: cell.hasRecurrentProduct ? 1e-7 : 0))
    }
  }

  @Test("So does one of every input, answer and loss", arguments: ModelCase.all)
  func everyCase(_ model: ModelCase) throws { try expectRoundTrip(model.configuration) }

  @Test("So does one whose readout is its embedding, and only its text says so")
  func tiedEmbedding() throws {
    for example in TiedEmbeddingTests.all {
      try expectRoundTrip(example.configuration)
      #expect(example.configuration.json.contains(",\"tiesEmbedding\":true"))
      var plain = example.configuration
      plain.tiesEmbedding = false
      #expect(!plain.json.contains("tiesEmbedding"))
    }
  }

  @Test("So does one with a sentence head")
  func sentenceHead() throws {
    for example in SentenceHeadTests.all {
      try expectRoundTrip(example.configuration)
      let text = example.configuration.json
      #expect(text.hasSuffix(",\"sentenceClasses\":3,\"sentenceWeight\":0.7}"))
      for part in [",\"sentenceClasses\":3", ",\"sentenceWeight\":0.7"] {
        expectError(.format, about: "sentence") {
          _ = try ModelConfiguration(json: text.replacing(part, with: ""), name: "m")
        }
      }
    }
  }

  @Test("The text of a model without later fields is that of the first version")
  func firstVersion() throws {
    let text =
      #"{"input":"features","width":1,"contextWindow":1,"body":"recurrent","cell":"elman","layers":1,"#
      + #""directions":"forward","hiddenSize":4,"outputs":2,"loss":"softmaxCrossEntropy","#
      + #""answer":"every-step","dropout":0.0,"recurrentDropout":0.0}"#
    let configuration = try Self.smallModel().configuration
    #expect(configuration.json == text)
    #expect(try ModelConfiguration(json: text, name: "first") == configuration)
  }

  @Test("A loaded model gives the outputs of the saved one, and trains on like it")
  func trainsOn() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let fixture = TrainingFixture(
      configuration: ModelConfiguration(
        input: .features(width: 3), body: .recurrent(.lstm(peephole: true)), hiddenSize: 4,
        outputs: 2))
    let model = try SequenceModel(fixture.configuration, seed: 3)
    try model.save(to: folder.path("m"))
    let loaded = try SequenceModel(contentsOf: folder.path("m"))
    let batch = try fixture.batch(seed: 1)
    for model in [model, loaded] { try Trainer(model, rate: 0.1, seed: 1).step(batch) }
    #expect(loaded.parameters.bits == model.parameters.bits)
  }

  @Test("Signed zeros, subnormal and extreme numbers keep their bits")
  func bits() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let model = try Self.smallModel()
    let values: [Float] = [-0.0, .leastNonzeroMagnitude, -.greatestFiniteMagnitude, .pi]
    try model.parameters.set("readout.weight", to: values + values)
    try model.save(to: folder.path("m"))
    let loaded = try SequenceModel(contentsOf: folder.path("m"))
    #expect(loaded.parameters.bits == model.parameters.bits)
  }

  // MARK: - Files that are not models

  private static func smallModel() throws -> SequenceModel {
    try SequenceModel(
      ModelConfiguration(
        input: .features(width: 1), body: .recurrent(.elman(.tanh)), hiddenSize: 4, outputs: 2),
      seed: 1)
  }

  /// Saves a small model, changes what is in the file and expects that reading it throws.
  private func expectRefusal(
    _ kind: RNNError.Kind, about argument: String = "", says: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ change: (inout [(name: String, shape: [Int])], inout [String: String]) -> Void
  ) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("m")
    try Self.smallModel().save(to: path)
    let file = try SafeTensorsFile(reading: path)
    var tensors = file.tensors.map { (name: $0.name, shape: $0.shape) }
    var metadata = file.metadata
    change(&tensors, &metadata)
    let counts = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.shape.reduce(1, *)) })
    try SafeTensorsFile.write(tensors, metadata: metadata, to: path) {
      (name: String) throws(RNNError) in Array(repeating: 0, count: counts[name] ?? 0)
    }
    do {
      _ = try SequenceModel(contentsOf: path)
      Issue.record("nothing was thrown, expected \(kind)", sourceLocation: sourceLocation)
    } catch {
      #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
      #expect(error.argument.hasPrefix(path), "\(error)", sourceLocation: sourceLocation)
      #expect(
        argument.isEmpty || error.argument.contains(argument), "\(error)",
        sourceLocation: sourceLocation)
      #expect(error.description.contains(says), "\(error)", sourceLocation: sourceLocation)
    }
  }

  @Test("Tensors of a foreign file are no model")
  func foreign() throws {
    try expectRefusal(.format, says: "a model saved by RNNCore") { $1 = ["format": "pt"] }
    try expectRefusal(.format, says: "a model saved by RNNCore") {
      $1.removeValue(forKey: "rnncore.configuration")
    }
  }

  @Test("Another version is refused, a newer one by that name")
  func version() throws {
    for (version, found) in [
      ("2", "version 2, of a newer RNNCore"), ("31", "version 31, of a newer RNNCore"),
      ("0", "'0'"), ("-2", "'-2'"), ("1.1", "'1.1'"), ("", "''"),
    ] {
      try expectRefusal(.unsupported, about: "rnncore.model", says: found) {
        $1["rnncore.model"] = version
      }
    }
  }

  @Test("A tensor that is missing, foreign or of another shape is named")
  func tensors() throws {
    try expectRefusal(.format, says: "'weight_hh_l0' [4, 4]") { tensors, _ in
      tensors.removeAll { $0.name == "weight_hh_l0" }
    }
    try expectRefusal(.format, says: "'weight_hh_l1'") { tensors, _ in
      tensors.append((name: "weight_hh_l1", shape: [4, 4]))
    }
    // The number of values is right.
    try expectRefusal(.shape, about: "'readout.weight'", says: "[2, 4], found [4, 2]") {
      tensors, _ in
      for index in tensors.indices where tensors[index].name == "readout.weight" {
        tensors[index].shape = [4, 2]
      }
    }
    try expectRefusal(.shape, about: "'bias_ih_l0'", says: "[4], found [4, 1]") { tensors, _ in
      for index in tensors.indices where tensors[index].name == "bias_ih_l0" {
        tensors[index].shape = [4, 1]
      }
    }
  }

  @Test("State of training beside a model is passed over")
  func otherState() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let model = try Self.smallModel()
    try model.save(to: folder.path("m"), metadata: ["a": "b"])
    let file = try SafeTensorsFile(reading: folder.path("m"))
    try SafeTensorsFile.write(
      [("rnncore.optimizer.first.weight_hh_l0", [2])]
        + file.tensors.map { (name: $0.name, shape: $0.shape) },
      metadata: file.metadata.merging(["rnncore.step": "12"]) { $1 }, to: folder.path("n")
    ) { (name: String) throws(RNNError) in
      name.hasPrefix("rnncore.") ? [1, 2] : try file.values(of: name)
    }
    #expect(try ModelFile(reading: folder.path("n")).metadata == ["a": "b"])
    let loaded = try SequenceModel(contentsOf: folder.path("n"))
    #expect(loaded.parameters.bits == model.parameters.bits)
  }

  @Test(
    "A configuration that cannot be read is refused by the name of its field",
    arguments: [
      ("\"hiddenSize\":4", "\"hiddenSize\":0", "hiddenSize"),
      ("\"hiddenSize\":4", "\"hiddenSize\":4.0", "hiddenSize"),
      ("\"hiddenSize\":4", "\"hiddenSize\":99999999999999999999", "hiddenSize"),
      ("\"hiddenSize\":4", "\"hiddenSize\":4294967296", "hiddenSize"),
      ("\"hiddenSize\":4,", "", "hiddenSize"),
      ("\"layers\":1", "\"layers\":16777216", "1024"),
      ("\"cell\":\"elman\"", "\"cell\":\"transformer\"", "'transformer'"),
      ("\"cell\":\"elman\"", "\"cell\":7", "cell"),
      ("\"loss\":\"softmaxCrossEntropy\"", "\"loss\":\"hinge\"", "meanSquaredError"),
      ("\"answer\":\"every-step\"", "\"answer\":\"never\"", "at-end"),
      ("\"contextWindow\":1", "\"contextWindow\":2", "context window"),
      ("\"contextWindow\":1", "\"contextWindow\":16777215", "[4, 16777215]"),
      ("\"dropout\":0.0", "\"dropout\":1.0", "dropout"),
      ("\"dropout\":0.0", "\"dropout\":true", "dropout"),
      ("\"input\":\"features\"", "\"input\":\"pictures\"", "tokens, features"),
      ("\"input\":\"features\"", "\"input\":\"tokens\"", "vocabulary"),
      ("\"body\":", "\"colour\":\"red\",\"body\":", "'colour'"),
      ("{", "{\"tiesEmbedding\":1,", "tiesEmbedding"),
      ("{", "", "JSON"),
    ])
  func configuration(_ old: String, _ new: String, _ says: String) throws {
    func change(_ metadata: inout [String: String]) {
      let text = metadata["rnncore.configuration"] ?? ""
      #expect(text.contains(old))
      metadata["rnncore.configuration"] = text.replacing(old, with: new, maxReplacements: 1)
    }
    let kind: RNNError.Kind =
      switch says {
      case "context window", "1024": .range
      case "[4, 16777215]": .shape
      case "dropout" where new.hasSuffix("1.0"): .range
      default: .format
      }
    try expectRefusal(kind, says: says) { change(&$1) }
  }

  @Test("A changed number in the data is refused by the checksum")
  func checksum() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try Self.smallModel().save(to: folder.path("m"))
    var bytes = try folder.bytes(of: "m")
    bytes[bytes.count - 3] ^= 1
    let path = try folder.write(bytes, to: "m")
    expectError(.format, about: "rnncore.checksum") { _ = try SequenceModel(contentsOf: path) }
  }

  @Test("A checksum of none lets weights be changed by other tools, and none at all does not")
  func waivedChecksum() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try Self.smallModel().save(to: folder.path("m"))
    let checksum = try SafeTensorsFile(reading: folder.path("m")).metadata["rnncore.checksum"] ?? ""
    #expect(checksum.count == 22)
    var bytes = try folder.bytes(of: "m")
    bytes[bytes.count - 4] ^= 1
    let data = bytes.count - 4 * (4 + 16 + 4 + 4 + 8 + 2)
    for (metadata, isAccepted) in [("\"none\"", true), ("\"\"", false)] {
      // The header keeps its length.
      var text = String(decoding: bytes[8..<data], as: UTF8.self)
        .replacing("\"\(checksum)\"", with: metadata)
      while text.utf8.count < data - 8 { text += " " }
      let path = try folder.write(safeTensorsBytes(text, Array(bytes[data...])), to: "n")
      if isAccepted {
        _ = try SequenceModel(contentsOf: path)
      } else {
        expectError(.format, about: path) { _ = try SequenceModel(contentsOf: path) }
      }
    }
    expectError(.format, about: folder.path("n")) {
      var text = String(decoding: bytes[8..<data], as: UTF8.self)
      text = text.replacing("rnncore.checksum", with: "rnncore.somethin")
      _ = try SequenceModel(
        contentsOf: folder.write(safeTensorsBytes(text, Array(bytes[data...])), to: "n"))
    }
  }

  @Test("What could not be read back is not saved")
  func refusedModels() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    expectError(.format, about: "metadata") {
      try Self.smallModel().save(to: folder.path("m"), metadata: ["rnncore.model": "7"])
    }
    // Coupled gates have no forget gate whose bias could be told.
    let odd = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 1), body: .recurrent(.lstm(coupled: true, forgetBias: 1)),
        hiddenSize: 2, outputs: 1), seed: 1)
    expectError(.unsupported) { try odd.save(to: folder.path("m")) }
    #expect(folder.contents.isEmpty)
  }
}
