import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Models with a conditional random field")
struct SequenceLossTests {
  private static func configuration(
    _ body: ModelConfiguration.Body = .recurrent(.lstm())
  ) -> ModelConfiguration {
    ModelConfiguration(
      input: .tokens(vocabulary: 6, embedding: 3), body: body, hiddenSize: 5, outputs: 4,
      loss: .conditionalRandomField)
  }

  @Test("Reductions are those of the plain model", arguments: Loss.Reduction.allCases)
  func reductions(_ reduction: Loss.Reduction) throws {
    try expectOracleGradients(Self.configuration(), reduction: reduction)
    var tied = Self.configuration()
    tied.input = .tokens(vocabulary: 4, embedding: 5)
    tied.tiesEmbedding = true
    try expectOracleGradients(tied, reduction: reduction)
  }

  @Test("The parameters are those of the package pytorch-crf, and start small")
  func parameters() throws {
    let model = try SequenceModel(Self.configuration(), seed: 1)
    let slices = model.parameters.layout.slices.filter { $0.layer == "crf" }
    #expect(
      slices.map(\.name) == [
        "crf.transitions", "crf.start_transitions", "crf.end_transitions",
      ])
    #expect(slices.map(\.count) == [16, 4, 4])
    for slice in slices {
      let values = try model.parameters.values(of: slice.name)
      #expect(values.allSatisfy { abs($0) <= 0.1 } && Set(values).count == values.count)
    }
    #expect(model.parameters.layout.layers.last?.name == "crf")
  }

  @Test("Loss, training and profile are the same loss, and training makes it small")
  func entries() throws {
    let model = try SequenceModel(Self.configuration(), seed: 1)
    let batch = try TrainingFixture(configuration: model.configuration).batch(seed: 3)
    let pass = model.makePass()
    var state = model.zeroState(sequences: 3)
    let loss = try model.loss(for: batch, state: &state, pass: pass)
    state = model.zeroState(sequences: 3)
    let pair = try model.outputsAndLoss(for: batch, state: &state, pass: pass)
    #expect(pair.loss == loss)
    for probing in ProfiledLoss.allCases {
      #expect(try model.profile(for: batch, probing: probing).loss == loss.value)
    }
    let trainer = try Trainer(model, rate: 0.05)
    #expect(try trainer.step(batch).loss == loss.value)
    for _ in 0..<200 { try trainer.step(batch) }
    #expect(try trainer.step(batch).loss < loss.value / 50)
  }

  @Test("A profile of the last answer follows the last emission alone")
  func lastAnswer() throws {
    let model = try SequenceModel(Self.configuration(), seed: 1)
    let batch = try TrainingFixture(configuration: model.configuration, lengths: [4]).batch(seed: 3)
    let last = try model.profile(for: batch, probing: .lastAnswer)
    let all = try model.profile(for: batch, probing: .allAnswers)
    #expect(last.loss == all.loss)
    #expect(last.layers != all.layers)
  }

  @Test("Slopes of a slice are those of its values")
  func slice() throws {
    let model = try SequenceModel(Self.configuration(), seed: 1)
    let batch = try TrainingFixture(configuration: model.configuration).batch(seed: 3)
    var generator = RandomGenerator(seed: 1)
    let surface = try ModelSlice(
      model, batch: batch, first: model.randomDirection(using: &generator),
      second: model.direction(of: "crf.transitions", element: 5))
    let point = try surface.point(0.1, 0.2)
    let step = 1e-2
    let closeness = Closeness(
      absolute: 1e-4, relative: 1e-3,
      reason: "differences over 0.02 of losses with Float rounding 1e-7, and 1e-4 of curvature")
    expectClose(
      [
        (try surface.value(0.1 + step, 0.2) - surface.value(0.1 - step, 0.2)) / (2 * step),
        (try surface.value(0.1, 0.2 + step) - surface.value(0.1, 0.2 - step)) / (2 * step),
      ], [point.slopeU, point.slopeV], closeness, "slopes")
  }

  @Test("An output that is not finite is found at its step")
  func nonFiniteOrigin() throws {
    var configuration = Self.configuration(.feedForward(.identity))
    configuration.input = .features(width: 1)
    let model = try SequenceModel(configuration, seed: 1)
    try model.parameters.set("readout.weight", to: Array(repeating: 3e38, count: 20))
    try model.parameters.set("hidden.weight", to: Array(repeating: 1, count: 5))
    try model.parameters.set("hidden.bias", to: Array(repeating: 0, count: 5))
    let trainer = try Trainer(model, rate: 0.1, nonFinite: .skip)
    let report = try trainer.step(
      SequenceBatch([
        Example(input: .features([0, 0], width: 1), target: .classPerStep([0, 1])),
        Example(input: .features([0, 0, 9, 0], width: 1), target: .classPerStep([0, 1, 2, 3])),
      ]))
    #expect(!report.didUpdate)
    let origin = NonFiniteOrigin(
      quantity: .outputGradient, layer: "readout", sequence: 1, step: 2)
    #expect(report.nonFiniteOrigin == origin)
  }

  @Test("What a chain cannot be trained on is refused by name")
  func refusals() throws {
    var atEnd = Self.configuration()
    atEnd.answer = .atEnd
    expectError(.unsupported, about: "conditional random field") { try atEnd.validate() }

    let model = try SequenceModel(Self.configuration(), seed: 1)
    let trainer = try Trainer(model, rate: 0.1)
    let before = model.parameters.bits
    for id in [-1, 4] as [Int32] {
      let batch = try SequenceBatch([
        Example(input: .tokens([0, 1]), target: .classPerStep([0, id]))
      ])
      expectError(.vocabulary, about: "target class") { try trainer.step(batch) }
    }
    let numbers = try SequenceBatch([
      Example(input: .tokens([0]), target: .valuesPerStep([0, 0, 0, 0]))
    ])
    expectError(.shape, about: "targets") { try trainer.step(numbers) }
    let batch = try TrainingFixture(configuration: model.configuration).batch(seed: 3)
    var state = model.zeroState(sequences: 3)
    expectError(.unsupported, about: "truncated BPTT") {
      try trainer.step(batch, truncation: TruncatedBPTT(every: 2, through: 2), state: &state)
    }
    #expect(model.parameters.bits == before)
  }
}
