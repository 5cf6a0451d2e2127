import Testing

@testable import RNNCore

@Suite("Where a gradient first stopped being finite")
struct NonFiniteOriginTests {
  /// A network of three units a layer with all biases 0; what is not named keeps weights of 1, U is
  /// 0.
  private func makeTrainer(
    _ cell: CellKind = .elman(.relu), layers: Int = 1, directions: Directions = .forward,
    answer: SequenceBatch.Answer = .everyStep, weights: [String: Float],
    policy: NonFinitePolicy = .skip
  ) throws -> Trainer<SequenceModel> {
    let model = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 1), body: .recurrent(cell, layers: layers, directions: directions),
        hiddenSize: 3, outputs: 2, loss: .meanSquaredError, answer: answer),
      seed: 1)
    for slice in model.parameters.layout.slices {
      let standard: Float = slice.name.contains("bias") || slice.role == .recurrentWeight ? 0 : 1
      try model.parameters.set(
        slice.name,
        to: Array(repeating: weights[slice.name] ?? standard, count: slice.count))
    }
    return try Trainer(model, rule: .sgd(), rate: 1e-3, nonFinite: policy)
  }

  /// Sequences of zeros, one of them with a number at one step.
  private func batch(
    lengths: [Int], sequence: Int, step: Int, value: Float = 1,
    answer: SequenceBatch.Answer = .everyStep, target: Float = 0
  ) throws -> SequenceBatch {
    try SequenceBatch(
      lengths.enumerated().map { index, length in
        var values = [Float](repeating: 0, count: length)
        if index == sequence { values[step] = value }
        let count = answer == .atEnd ? 2 : 2 * length
        let targets = [Float](repeating: target, count: count)
        return Example(
          input: .features(values, width: 1),
          target: answer == .atEnd ? .valuesAtEnd(targets) : .valuesPerStep(targets))
      })
  }

  private func expect(
    _ trainer: Trainer<SequenceModel>, _ batch: SequenceBatch, _ quantity: NonFiniteOrigin.Quantity,
    _ layer: String, sequence: Int, step: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let report = try trainer.step(batch)
    let expected = NonFiniteOrigin(
      quantity: quantity, layer: layer, sequence: sequence, step: step)
    #expect(report.nonFiniteOrigin == expected, sourceLocation: sourceLocation)
    #expect(trainer.statistics.firstNonFinite?.origin == expected, sourceLocation: sourceLocation)
    #expect(report.nonFiniteParameter != nil, sourceLocation: sourceLocation)
  }

  /// 1, 3e15, 9e30, and then more than a Float holds: three steps after the input.
  @Test("A state that overflows, in the caller's sequence and step")
  func forward() throws {
    let trainer = try makeTrainer(weights: ["weight_hh_l0": 1e15])
    try expect(
      trainer, batch(lengths: [3, 6, 9], sequence: 1, step: 2), .hiddenState, "l0", sequence: 1,
      step: 5)
  }

  @Test("The hidden half of an Elman-Jordan state that overflows")
  func hybrid() throws {
    let trainer = try makeTrainer(
      .jordan(.relu, teacherForcing: false, hybrid: true),
      weights: ["weight_hh_l0": 1e15, "weight_ho_l0": 0])
    try expect(
      trainer, batch(lengths: [3, 6, 9], sequence: 1, step: 2), .hiddenState, "l0", sequence: 1,
      step: 5)
  }

  @Test("The reverse direction's steps are the caller's too")
  func reverse() throws {
    for directions in [Directions.concatenated, .summed] {
      let trainer = try makeTrainer(
        directions: directions, weights: ["weight_hh_l0_reverse": 1e15])
      try expect(
        trainer, batch(lengths: [9, 3, 7], sequence: 2, step: 4), .hiddenState, "l0_reverse",
        sequence: 2, step: 1)
    }
  }

  @Test("The upper layer, when the lower one is finite, and else the lower one")
  func layers() throws {
    let upper = try makeTrainer(layers: 2, weights: ["weight_hh_l1": 1e15])
    let numbers = try batch(lengths: [6, 2], sequence: 0, step: 1)
    try expect(upper, numbers, .hiddenState, "l1", sequence: 0, step: 4)
    let both = try makeTrainer(
      layers: 2, weights: ["weight_hh_l0": 1e15, "weight_hh_l1": 1e30])
    try expect(both, numbers, .hiddenState, "l0", sequence: 0, step: 4)
  }

  /// With inputs of 0 every state is 0 and tanh' is 1: only the gradient grows, 3e15 times a step.
  @Test("BPTT that overflows although the states are finite")
  func backward() throws {
    let trainer = try makeTrainer(
      .elman(.tanh), answer: .atEnd, weights: ["weight_hh_l0": 1e15])
    let numbers = try batch(
      lengths: [2, 7, 3], sequence: 0, step: 0, value: 0, answer: .atEnd, target: 1)
    try expect(trainer, numbers, .preactivationGradient, "l0", sequence: 1, step: 3)
  }

  @Test("Outputs that overflow")
  func outputs() throws {
    let trainer = try makeTrainer(weights: ["readout.weight": 1e20])
    try expect(
      trainer, batch(lengths: [4, 5], sequence: 1, step: 3, value: 1e20), .outputGradient,
      "readout", sequence: 1, step: 3)
    let atEnd = try makeTrainer(answer: .atEnd, weights: ["readout.weight": 1e20])
    try expect(
      atEnd, batch(lengths: [4, 5], sequence: 0, step: 3, value: 1e20, answer: .atEnd),
      .outputGradient, "readout", sequence: 0, step: 3)
  }

  @Test("Finite factors whose product overflows")
  func products() throws {
    // h = 1e10, z = 3e20, dE/da about 1e30: no factor overflows, but dE/da times the input of 1e30
    // does.
    let trainer = try makeTrainer(weights: ["readout.weight": 1e10, "weight_ih_l0": 1e-20])
    try expect(
      trainer, batch(lengths: [2, 4], sequence: 1, step: 2, value: 1e30), .weightGradient, "l0",
      sequence: 1, step: 2)
  }

  @Test("A cell state that was not finite before the first step")
  func cellState() throws {
    let trainer = try makeTrainer(.lstm(), weights: [:])
    var state = trainer.model.zeroState(sequences: 2)
    state.cell[0][3] = .infinity
    let report = try trainer.step(
      batch(lengths: [2, 2], sequence: 0, step: 0), state: &state)
    #expect(
      report.nonFiniteOrigin
        == NonFiniteOrigin(quantity: .cellState, layer: "l0", sequence: 1, step: 0))
  }

  /// 3e15 and 9e30 in the second window, infinity in the third; small outputs keep the gradients
  /// finite.
  @Test("Truncated BPTT counts steps and sequences as the whole batch does")
  func truncated() throws {
    let trainer = try makeTrainer(weights: ["weight_hh_l0": 1e15, "readout.weight": 1e-30])
    var state = trainer.model.zeroState(sequences: 3)
    let reports = try trainer.step(
      batch(lengths: [1, 3, 9], sequence: 2, step: 1),
      truncation: TruncatedBPTT(every: 2, through: 2), state: &state)
    let origins = reports.compactMap(\.nonFiniteOrigin)
    #expect(
      origins.first == NonFiniteOrigin(quantity: .hiddenState, layer: "l0", sequence: 2, step: 4))
  }

  @Test("The error says layer, time step and sequence")
  func text() throws {
    let trainer = try makeTrainer(weights: ["weight_hh_l0": 1e15], policy: .throw)
    #expect {
      try trainer.step(batch(lengths: [3, 6], sequence: 1, step: 2))
    } throws: { error in
      let text = "\(error)"
      return text.contains("gradient of weight_ih_l0")
        && text.contains("hidden state of l0 at time step 5 of sequence 1")
    }
  }

  @Test("A finite step has no origin")
  func finite() throws {
    let trainer = try makeTrainer(weights: [:])
    let report = try trainer.step(batch(lengths: [3, 6], sequence: 1, step: 2))
    #expect(report.nonFiniteOrigin == nil && trainer.statistics.firstNonFinite == nil)
  }

  @Test("A feed-forward network's hidden layer is named")
  func feedForward() throws {
    let model = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 1), body: .feedForward(.relu), hiddenSize: 3, outputs: 2,
        loss: .meanSquaredError),
      seed: 1)
    try model.parameters.set("hidden.weight", to: [1e20, 1, 1])
    let trainer = try Trainer(model, rate: 0.1, nonFinite: .skip)
    try expect(
      trainer, batch(lengths: [4, 2], sequence: 0, step: 3, value: 1e20), .hiddenState, "hidden",
      sequence: 0, step: 3)
  }
}
