import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("An embedding of unit vectors")
struct EmbeddingNormTests {
  private static let model = ModelCase(
    name: "",
    configuration: ModelConfiguration(
      input: .tokens(vocabulary: 19, embedding: 5), body: .recurrent(.gru()), hiddenSize: 7,
      outputs: 4))

  private static let closeness = Closeness(
    absolute: 1e-6, relative: 1e-6,
    reason: "a factor and five products in Float, rounded by 6e-8 each")

  private func trainer(
    rule: OptimizerRule, decay: Float = 0, normalizes: Bool, threads: Int = 1
  ) throws -> Trainer<SequenceModel> {
    let model = try SequenceModel(
      Self.model.configuration, seed: 3, team: ThreadTeam(count: threads, cores: threads))
    // The vector of a token that the batch has not, and that nothing moves.
    var table = try model.parameters.values(of: "embedding.weight")
    for index in 18 * 5..<19 * 5 { table[index] = 0 }
    try model.parameters.set("embedding.weight", to: table)
    return try Trainer(
      model, rule: rule, rate: 0.1, weightDecay: decay, normalizesEmbedding: normalizes)
  }

  private func batch() throws -> SequenceBatch {
    try SequenceBatch(
      [
        Example(input: .tokens([3, 17, 3]), target: .classPerStep([0, 1, 2])),
        Example(input: .tokens([0]), target: .classPerStep([3])),
      ])
  }

  private func vectors(_ trainer: Trainer<SequenceModel>) throws -> [[Double]] {
    let table = try trainer.model.parameters.values(of: "embedding.weight").map { Double($0) }
    return (0..<19).map { Array(table[5 * $0..<5 * $0 + 5]) }
  }

  private func length(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  @Test("Each update's vectors are divided by their length, and nothing else", arguments: [1, 3])
  func oneStep(threads: Int) throws {
    let plain = try trainer(rule: .sgd(), normalizes: false, threads: threads)
    let unit = try trainer(rule: .sgd(), normalizes: true, threads: threads)
    for trainer in [plain, unit] { try trainer.step(batch()) }
    for (own, other) in zip(try vectors(unit), try vectors(plain)) {
      let length = max(length(other), 1e-300)
      expectClose(own, other.map { $0 / length }, Self.closeness, "a vector")
    }
    for slice in unit.model.parameters.layout.slices where slice.layer != "embedding" {
      #expect(
        try unit.model.parameters.values(of: slice.name)
          == plain.model.parameters.values(of: slice.name))
    }
  }

  @Test(
    "After many updates every vector has length 1, also of tokens that momentum and decay move",
    arguments: [OptimizerRule.sgd(momentum: 0.9), .adam(), .adamW(), .rmsProp()])
  func manySteps(rule: OptimizerRule) throws {
    let trainer = try trainer(rule: rule, decay: 0.01, normalizes: true)
    for step in 0..<20 {
      try trainer.step(batch())
      let lengths = try vectors(trainer).map(length)
      expectClose(
        Array(lengths.dropLast()), Array(repeating: 1, count: 18), Self.closeness, "step \(step)")
      #expect(lengths[18] == 0, "a zero vector stays")
    }
  }

  @Test("The next pass reads the new vectors")
  func nextPass() throws {
    let trainer = try trainer(rule: .sgd(), normalizes: true)
    try trainer.step(batch())
    let copy = try SequenceModel(Self.model.configuration, seed: 8, team: ThreadTeam(count: 1))
    try copy.parameters.copy(from: trainer.model.parameters)
    var states = (copy.zeroState(sequences: 2), copy.zeroState(sequences: 2))
    #expect(
      try trainer.model.loss(for: batch(), state: &states.0, pass: trainer.pass).value
        == copy.loss(for: batch(), state: &states.1, pass: copy.makePass()).value)
  }

  @Test(
    "Any length that Float holds becomes 1",
    arguments: [.leastNonzeroMagnitude, .leastNormalMagnitude / 4, 1e-30, 1e-20, 1, 1e19, 1e38]
      as [Float])
  func extremes(size: Float) {
    let buffer = FloatBuffer(3)
    let row = buffer.matrix(1, 3)
    for (index, value) in [size, 0, -size].enumerated() { row.row(0)[index] = value }
    row.normalize()
    let values = row.row(0).map { Double($0) }
    expectClose(
      values, [Double(0.5).squareRoot(), 0, -Double(0.5).squareRoot()], Self.closeness, "\(size)")
  }

  @Test("A vector that is not finite stays as it is, for the checks to find")
  func nonFinite() {
    let buffer = FloatBuffer(2)
    let row = buffer.matrix(1, 2)
    (row.row(0)[0], row.row(0)[1]) = (.infinity, 2)
    row.normalize()
    #expect(Array(row.row(0)) == [.infinity, 2])
  }

  @Test("A model without an embedding has nothing to normalise")
  func features() throws {
    var configuration = Self.model.configuration
    configuration.input = .features(width: 3)
    let model = try SequenceModel(configuration, seed: 1)
    expectError(.unsupported, about: "embedding") {
      _ = try Trainer(model, rate: 0.1, normalizesEmbedding: true)
    }
  }
}
