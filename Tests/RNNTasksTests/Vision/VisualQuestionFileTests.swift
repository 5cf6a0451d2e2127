import Testing

@testable import RNNCore
@testable import RNNTasks
@testable import TestSupport

@Suite("Models of questions about images in files")
struct VisualQuestionFileTests {
  private static let configurations: [VisualQuestionConfiguration] = [
    VisualQuestionConfiguration(
      vocabulary: 7, embedding: 3, hiddenSize: 4,
      image: .init(rows: 2, columns: 3, patchWidth: 5), answers: 8, dropout: 0.25),
    VisualQuestionConfiguration(
      vocabulary: 5, embedding: 2, cell: .gru(.after), layers: 2, hiddenSize: 6,
      directions: .concatenated,
      image: .init(rows: 1, columns: 1, patchWidth: 1, attention: .dot),
      answers: 2),
    VisualQuestionConfiguration(
      vocabulary: 2, embedding: 1, cell: .lstm(peephole: true), hiddenSize: 1,
      directions: .summed,
      image: .init(rows: 1, columns: 2, patchWidth: 1, attention: .concat),
      answers: 3),
    VisualQuestionConfiguration(
      vocabulary: 2, embedding: 1, cell: .elman(.relu), hiddenSize: 2, image: nil, answers: 3),
  ]

  private static func makeTrainer(
    _ configuration: VisualQuestionConfiguration = configurations[0], seed: UInt64
  ) throws -> Trainer<VisualQuestionModel> {
    try Trainer(
      VisualQuestionModel(configuration, seed: seed, team: ThreadTeam(count: 1)), rate: 0.01,
      clipping: .globalNorm(1), averaging: 0.9, seed: seed)
  }

  private static func batch(_ seed: UInt64) throws -> VisualQuestionBatch {
    try VisualQuestionCase(configuration: configurations[0]).batch(seed: seed)
  }

  @Test("A model comes back bit for bit", arguments: configurations)
  func roundTrip(_ configuration: VisualQuestionConfiguration) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let model = try VisualQuestionModel(configuration, seed: 3)
    try model.save(to: folder.path("m"), metadata: ["task": "test"])
    let file = try ModelFile(reading: folder.path("m"))
    #expect(file.kind == "visual-question")
    #expect(try file.configuration(VisualQuestionConfiguration.self) == configuration)
    #expect(file.metadata == ["task": "test"])
    let loaded = try VisualQuestionModel(contentsOf: folder.path("m"))
    #expect(loaded.configuration == configuration)
    #expect(loaded.parameters.bits == model.parameters.bits)
  }

  @Test("It is not read as another kind of model, nor another as it")
  func otherKind() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try VisualQuestionModel(Self.configurations[0], seed: 3).save(to: folder.path("vqa"))
    try SequenceModel(
      ModelConfiguration(
        input: .features(width: 2), body: .recurrent(.irnn), hiddenSize: 2, outputs: 1), seed: 1
    ).save(to: folder.path("sequence"))
    expectError(.unsupported, about: folder.path("vqa")) {
      _ = try SequenceModel(contentsOf: folder.path("vqa"))
    }
    expectError(.unsupported, about: folder.path("vqa")) {
      _ = try EncoderDecoder(contentsOf: folder.path("vqa"))
    }
    expectError(.unsupported, about: folder.path("sequence")) {
      _ = try VisualQuestionModel(contentsOf: folder.path("sequence"))
    }
    expectError(.shape, about: folder.path("vqa")) {
      try VisualQuestionModel(Self.configurations[3], seed: 3).load(
        ModelFile(reading: folder.path("vqa")))
    }
  }

  @Test("A run taken up from a file ends with the bits of one that never stopped")
  func resumes() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let whole = try Self.makeTrainer(seed: 1)
    for step in 0..<3 { try whole.step(Self.batch(UInt64(step))) }
    try whole.save(to: folder.path("c"))
    for step in 3..<6 { try whole.step(Self.batch(UInt64(step))) }
    let second = try Self.makeTrainer(seed: 2)
    try TrainingCheckpoint(reading: folder.path("c")).restore(second)
    for step in 3..<6 { try second.step(Self.batch(UInt64(step))) }
    #expect(second.model.parameters.bits == whole.model.parameters.bits)
    #expect(second.updater.averaged?.bits == whole.updater.averaged?.bits)
  }

  @Test("Each of 3000 damaged files is refused with its name, or is the same model")
  func damagedFiles() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let model = try VisualQuestionModel(Self.configurations[2], seed: 1)
    try model.save(to: folder.path("m"))
    let original = try folder.bytes(of: "m")
    var mutator = Mutator(seed: 2028)
    for round in 0..<3000 {
      let path = try folder.write(mutator.mutated(original), to: "bad")
      do throws(RNNError) {
        let loaded = try VisualQuestionModel(contentsOf: path)
        #expect(loaded.parameters.bits == model.parameters.bits, "round \(round)")
      } catch {
        #expect(error.argument.hasPrefix(path), "\(error), round \(round)")
      }
    }
  }

  @Test(
    "Damaged configurations of a file without checksum are refused, or describe a model",
    arguments: configurations)
  func damagedConfigurations(_ configuration: VisualQuestionConfiguration) throws {
    let text = configuration.json
    var mutator = Mutator(seed: 6)
    for round in 0..<1500 {
      let bytes = mutator.mutated(Array(text.utf8))
      guard let damaged = String(validating: bytes, as: UTF8.self) else { continue }
      do throws(RNNError) {
        let found = try VisualQuestionConfiguration(json: damaged, name: "text")
        #expect(try VisualQuestionConfiguration(json: found.json, name: "text") == found)
        #expect(try found.parameterCount() > 0, "round \(round)")
      } catch {
        #expect(!error.argument.isEmpty, "round \(round)")
      }
    }
  }
}
