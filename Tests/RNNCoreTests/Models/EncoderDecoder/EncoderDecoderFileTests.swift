import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Encoder-decoders in files")
struct EncoderDecoderFileTests {
  private static let configurations: [EncoderDecoderConfiguration] = [
    EncoderDecoderConfiguration(
      source: .tokens(vocabulary: 7, embedding: 3), targetVocabulary: 6, targetEmbedding: 2,
      hiddenSize: 4, dropout: 0.25),
    EncoderDecoderConfiguration(
      source: .features(width: 3), targetVocabulary: 5, targetEmbedding: 2, cell: .gru(.after),
      layers: 2, hiddenSize: 3, directions: .summed, attention: .concat, start: 2, end: 4),
    EncoderDecoderConfiguration(
      source: .tokens(vocabulary: 2, embedding: 1), targetVocabulary: 3, targetEmbedding: 1,
      cell: .lstm(peephole: true), hiddenSize: 1, directions: .forward, attention: nil,
      reversesSource: true),
    EncoderDecoderConfiguration(
      source: .tokens(vocabulary: 2, embedding: 1), targetVocabulary: 3, targetEmbedding: 1,
      cell: .elman(.relu), hiddenSize: 2, attention: .dot, feeding: .context,
      sampling: .linear(updates: 9, most: 0.25)),
    EncoderDecoderConfiguration(
      source: .tokens(vocabulary: 2, embedding: 1), targetVocabulary: 3, targetEmbedding: 1,
      layers: 2, hiddenSize: 2, feeding: .answer, sampling: .inverseSigmoid(3.5)),
  ]

  private static func makeTrainer(
    _ configuration: EncoderDecoderConfiguration = configurations[0], seed: UInt64,
    averaging: Float? = nil
  ) throws -> Trainer<EncoderDecoder> {
    try Trainer(
      EncoderDecoder(configuration, seed: seed, team: ThreadTeam(count: 1)), rate: 0.01,
      clipping: .globalNorm(1), averaging: averaging, seed: seed)
  }

  private static func batch(_ seed: UInt64) throws -> PairBatch {
    var random = RandomGenerator(seed: seed)
    func tokens(_ count: Int, below limit: Int) -> [Int32] {
      (0..<count).map { _ in Int32(random.integer(below: limit)) }
    }
    let pairs = [4, 1, 3].map { length in
      SequencePair(
        source: .tokens(tokens(length, below: 7)), target: tokens(5 - length, below: 6))
    }
    return try PairBatch(pairs, for: configurations[0])
  }

  @Test("A model comes back bit for bit", arguments: configurations)
  func roundTrip(_ configuration: EncoderDecoderConfiguration) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let model = try EncoderDecoder(configuration, seed: 3)
    try model.save(to: folder.path("m"), metadata: ["task": "test"])
    let file = try ModelFile(reading: folder.path("m"))
    #expect(file.kind == "encoder-decoder")
    #expect(try file.configuration(EncoderDecoderConfiguration.self) == configuration)
    #expect(file.metadata == ["task": "test"])
    let loaded = try EncoderDecoder(contentsOf: folder.path("m"))
    #expect(loaded.configuration == configuration)
    #expect(loaded.parameters.bits == model.parameters.bits)
  }

  @Test("One kind of model is not read as the other")
  func otherKind() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try EncoderDecoder(Self.configurations[0], seed: 3).save(to: folder.path("pairs"))
    try SequenceModel(
      ModelConfiguration(
        input: .features(width: 2), body: .recurrent(.irnn), hiddenSize: 2, outputs: 1), seed: 1
    ).save(to: folder.path("sequence"))
    expectError(.unsupported, about: folder.path("pairs")) {
      _ = try SequenceModel(contentsOf: folder.path("pairs"))
    }
    expectError(.unsupported, about: folder.path("sequence")) {
      _ = try EncoderDecoder(contentsOf: folder.path("sequence"))
    }
  }

  @Test(
    "A run taken up from a file ends with the bits of one that never stopped",
    arguments: [nil, 0.9])
  func resumes(_ averaging: Float?) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let whole = try Self.makeTrainer(seed: 1, averaging: averaging)
    for step in 0..<3 { try whole.step(Self.batch(UInt64(step))) }
    let kept = ParameterStore(layout: whole.model.parameters.layout)
    try kept.fill(seed: 9)
    try whole.save(to: folder.path("kept"), kept: kept)
    try whole.save(to: folder.path("plain"))
    for step in 3..<6 { try whole.step(Self.batch(UInt64(step))) }
    for name in ["kept", "plain"] {
      let checkpoint = try TrainingCheckpoint(reading: folder.path(name))
      let second = try Self.makeTrainer(seed: 2, averaging: averaging)
      try checkpoint.restore(second)
      for step in 3..<6 { try second.step(Self.batch(UInt64(step))) }
      #expect(second.model.parameters.bits == whole.model.parameters.bits)
      #expect(second.updater.averaged?.bits == whole.updater.averaged?.bits)
      #expect(second.updater.optimizer.updates == 6)
      let layout = second.model.parameters.layout
      #expect(try checkpoint.kept(layout: layout)?.bits == (name == "kept" ? kept.bits : nil))
    }
  }

  @Test(
    "With averaging the average stands in the model's place while asked for, and no step is taken")
  func averaging() throws {
    let trainer = try Self.makeTrainer(seed: 1, averaging: 0.5)
    try trainer.step(Self.batch(1))
    try trainer.step(Self.batch(2))
    let (own, average) = (trainer.model.parameters.bits, trainer.updater.averaged?.bits)
    #expect(own != average)
    trainer.withAveragedParameters {
      #expect(trainer.model.parameters.bits == average)
      expectError(.unsupported, about: "training step") { try trainer.step(Self.batch(3)) }
    }
    #expect(trainer.model.parameters.bits == own)
  }

  @Test("A checkpoint of another shape is refused")
  func otherShape() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try Self.makeTrainer(seed: 1).save(to: folder.path("c"))
    let checkpoint = try TrainingCheckpoint(reading: folder.path("c"))
    expectError(.shape, about: folder.path("c")) {
      try checkpoint.restore(Self.makeTrainer(Self.configurations[2], seed: 1))
    }
  }

  @Test("Sizes that no memory holds are refused before memory is taken")
  func hugeSizes() throws {
    var configuration = Self.configurations[0]
    configuration.targetVocabulary = 1 << 25
    expectError(.range, about: "target vocabulary") { try configuration.validate() }
    configuration = Self.configurations[0]
    (configuration.hiddenSize, configuration.layers) = (1 << 20, 3)
    expectError(.memory, about: "model") { try configuration.validate() }
    configuration = Self.configurations[0]
    configuration.layers = 5000
    expectError(.range, about: "layers") { try configuration.validate() }
  }

  @Test("Each of 3000 damaged files is refused with its name, or is the same model")
  func damagedFiles() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let model = try EncoderDecoder(Self.configurations[2], seed: 1)
    try model.save(to: folder.path("m"))
    let original = try folder.bytes(of: "m")
    var mutator = Mutator(seed: 2027)
    for round in 0..<3000 {
      let path = try folder.write(mutator.mutated(original), to: "bad")
      do throws(RNNError) {
        let loaded = try EncoderDecoder(contentsOf: path)
        #expect(loaded.parameters.bits == model.parameters.bits, "round \(round)")
      } catch {
        #expect(error.argument.hasPrefix(path), "\(error), round \(round)")
      }
    }
  }

  @Test("Damaged configurations of a file without checksum are refused, or describe a model")
  func damagedConfigurations() throws {
    let text = Self.configurations[1].json
    var mutator = Mutator(seed: 5)
    for round in 0..<3000 {
      let bytes = mutator.mutated(Array(text.utf8))
      guard let damaged = String(validating: bytes, as: UTF8.self) else { continue }
      do throws(RNNError) {
        let found = try EncoderDecoderConfiguration(json: damaged, name: "text")
        try found.validate()
        #expect(try EncoderDecoderConfiguration(json: found.json, name: "text") == found)
      } catch {
        #expect(!error.argument.isEmpty, "round \(round)")
      }
    }
  }
}
