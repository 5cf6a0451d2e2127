import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Gradients that are not finite")
struct NonFinitePolicyTests {
  private static let configuration = ModelConfiguration(
    input: .features(width: 1), body: .recurrent(.elman(.relu)), hiddenSize: 3, outputs: 2,
    loss: .meanSquaredError)

  /// A model whose states overflow on inputs of 1 after a few steps, and a batch that shows it.
  private func makeTrainer(_ policy: NonFinitePolicy) throws -> Trainer<SequenceModel> {
    let model = try SequenceModel(Self.configuration, seed: 1)
    for slice in model.parameters.layout.slices {
      let value: Float = slice.role == .recurrentWeight ? 1e15 : 1
      try model.parameters.set(slice.name, to: Array(repeating: value, count: slice.count))
    }
    return try Trainer(model, rule: .sgd(), rate: 0.5, clipping: .globalNorm(1), nonFinite: policy)
  }

  private func explodingBatch() throws -> SequenceBatch {
    try SequenceBatch([
      Example(
        input: .features([1, 1, 1, 1, 1], width: 1),
        target: .valuesPerStep(Array(repeating: 0, count: 10)))
    ])
  }

  @Test("The policy throw names the first bad parameter and leaves everything as it was")
  func throwing() throws {
    let trainer = try makeTrainer(.throw)
    let before = trainer.model.parameters.bits
    var state = trainer.model.zeroState(sequences: 1)
    let stateBefore = state
    expectError(.nonFinite, about: "gradient of weight_ih_l0") {
      try trainer.step(explodingBatch(), state: &state)
    }
    #expect(trainer.model.parameters.bits == before)
    #expect(state == stateBefore)
    #expect(trainer.optimizer.updates == 0)
    #expect(trainer.statistics.nonFiniteSteps == 1)
    #expect(trainer.statistics.firstNonFinite?.parameter == "weight_ih_l0")
  }

  @Test("The policy skip leaves the parameters as they were and says so")
  func skipping() throws {
    let trainer = try makeTrainer(.skip)
    let before = trainer.model.parameters.bits
    let report = try trainer.step(explodingBatch())
    #expect(trainer.model.parameters.bits == before)
    #expect(!report.didUpdate && report.clip == nil)
    #expect(report.nonFiniteParameter == "weight_ih_l0")
    #expect(trainer.optimizer.updates == 0)
  }

  @Test("The policy rescale shrinks the recurrent weights by rate times 0.02 and nothing else")
  func rescaling() throws {
    let trainer = try makeTrainer(.rescale)
    let before = try trainer.model.parameters.named()
    let report = try trainer.step(explodingBatch())
    #expect(report.didUpdate && report.nonFiniteParameter == "weight_ih_l0")
    let closeness = Closeness(absolute: 0, relative: 1e-6, reason: "two Float products")
    for (name, values) in before {
      let factor = name == "weight_hh_l0" ? 0.99 : 1
      expectClose(
        try trainer.model.parameters.values(of: name).map(Double.init),
        values.map { factor * Double($0) }, closeness, name)
    }
  }

  @Test("A skipped step does not spoil the state carried on")
  func skippedState() throws {
    let trainer = try makeTrainer(.skip)
    var state = trainer.model.zeroState(sequences: 1)
    try trainer.step(explodingBatch(), state: &state)
    #expect(state == trainer.model.zeroState(sequences: 1))
    for through in [5, 9] {
      try trainer.step(
        explodingBatch(), truncation: TruncatedBPTT(every: 5, through: through),
        state: &state)
      #expect(state == trainer.model.zeroState(sequences: 1))
    }
  }

  @Test(
    "A bad element is found wherever it stands",
    arguments: [Float.nan, .infinity, -.infinity], [0, 1, 20, 33])
  func finding(value: Float, index: Int) throws {
    var layout = ParameterLayout()
    _ = layout.add("a", layer: "l0", rows: 5, role: .peephole)
    _ = layout.add("b", layer: "l0", rows: 18, role: .peephole)
    let store = ParameterStore(layout: layout)
    try store.fill(seed: 1)
    #expect(NonFinitePolicy.find(in: store) == nil)
    store.withUnsafeMutableValues { $0[index] = value }
    let finding = try #require(NonFinitePolicy.find(in: store))
    #expect(finding.parameter == (index < 5 ? "a" : "b"))
    #expect(finding.element == (index < 5 ? index : index - 16))
    #expect(finding.value.bitPattern == value.bitPattern)
  }

  @Test("The largest finite numbers are not bad")
  func largest() throws {
    var layout = ParameterLayout()
    _ = layout.add("a", layer: "l0", rows: 2, role: .peephole)
    let store = ParameterStore(layout: layout)
    try store.set(
      "a", to: [.greatestFiniteMagnitude, -Float.greatestFiniteMagnitude])
    #expect(NonFinitePolicy.find(in: store) == nil)
  }
}
