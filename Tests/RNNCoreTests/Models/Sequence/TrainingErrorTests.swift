import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Batches that do not fit a model")
struct TrainingErrorTests {
  private static let tokens = ModelConfiguration(
    input: .tokens(vocabulary: 4, embedding: 3), body: .recurrent(.lstm()), hiddenSize: 5,
    outputs: 3)
  private static let features: ModelConfiguration = {
    var configuration = tokens
    configuration.input = .features(width: 2)
    configuration.loss = .meanSquaredError
    return configuration
  }()

  /// Expects the error from a training step and from an evaluation, and that neither leaves a
  /// trace.
  private func expectRefusal(
    _ kind: RNNError.Kind, about argument: String, _ configuration: ModelConfiguration,
    _ example: Example, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let model = try SequenceModel(configuration, seed: 1)
    let trainer = try Trainer(model, rate: 0.1)
    let before = model.parameters.bits
    let batch = try SequenceBatch([example])
    var state = model.zeroState(sequences: 1)
    expectError(kind, about: argument, sourceLocation: sourceLocation) {
      try trainer.step(batch, state: &state)
    }
    #expect(model.parameters.bits == before, sourceLocation: sourceLocation)
    #expect(state == model.zeroState(sequences: 1), sourceLocation: sourceLocation)
    expectError(kind, about: argument, sourceLocation: sourceLocation) {
      _ = try model.loss(for: batch, state: &state, pass: model.makePass())
    }
  }

  @Test("A token outside the vocabulary", arguments: [-1, 4, .max, .min] as [Int32])
  func token(id: Int32) throws {
    try expectRefusal(
      .vocabulary, about: "token", Self.tokens,
      Example(input: .tokens([0, id]), target: .classPerStep([0, 0])))
  }

  @Test("Features for tokens, and tokens for features")
  func inputKind() throws {
    try expectRefusal(
      .shape, about: "input", Self.tokens,
      Example(input: .features([0], width: 1), target: .classPerStep([0])))
    try expectRefusal(
      .shape, about: "input", Self.features,
      Example(input: .tokens([0]), target: .valuesPerStep([0, 0, 0])))
  }

  @Test("Features of another width", arguments: [1, 3])
  func featureWidth(width: Int) throws {
    try expectRefusal(
      .shape, about: "feature width", Self.features,
      Example(
        input: .features(Array(repeating: 0, count: width), width: width),
        target: .valuesPerStep([0, 0, 0])))
  }

  @Test("An answer at the wrong time")
  func answerTime() throws {
    try expectRefusal(
      .shape, about: "answers", Self.tokens, Example(input: .tokens([0]), target: .classAtEnd(0)))
    var atEnd = Self.tokens
    atEnd.answer = .atEnd
    try expectRefusal(
      .shape, about: "answers", atEnd, Example(input: .tokens([0]), target: .classPerStep([0])))
  }

  @Test(
    "Targets of another kind, width or vocabulary, also where they are fed back",
    arguments: [
      CellKind.lstm(), .jordan(.tanh, teacherForcing: false),
      .jordan(.tanh, teacherForcing: true), .jordan(.tanh, teacherForcing: true, hybrid: true),
    ])
  func targets(cell: CellKind) throws {
    var (labels, numbers) = (Self.tokens, Self.features)
    labels.body = .recurrent(cell)
    numbers.body = .recurrent(cell)
    for id in [-2, 3, 4000] as [Int32] {
      try expectRefusal(
        .vocabulary, about: "class", labels,
        Example(input: .tokens([0, 1]), target: .classPerStep([0, id])))
    }
    try expectRefusal(
      .shape, about: "target", labels,
      Example(input: .tokens([0]), target: .valuesPerStep([0, 0, 0])))
    for width in [1, 2, 4, 4000] {
      try expectRefusal(
        .shape, about: "target", numbers,
        Example(
          input: .features([0, 0], width: 2),
          target: .valuesPerStep(Array(repeating: 0, count: width))))
    }
    try expectRefusal(
      .shape, about: "target", numbers,
      Example(input: .features([0, 0], width: 2), target: .classPerStep([0])))
  }

  @Test("A batch without targets can be predicted from, not trained on")
  func noTargets() throws {
    let model = try SequenceModel(Self.tokens, seed: 1)
    let batch = try SequenceBatch(inputs: [.tokens([0, 1])])
    var state = model.zeroState(sequences: 1)
    #expect(try model.outputs(for: batch, state: &state, pass: model.makePass())[0].count == 6)
    let trainer = try Trainer(model, rate: 0.1)
    expectError(.shape, about: "target") { try trainer.step(batch) }
  }

  @Test("A batch or sequence without content")
  func empty() {
    expectError(.empty) { _ = try SequenceBatch([]) }
    expectError(.empty) { _ = try SequenceBatch(inputs: []) }
    expectError(.empty) {
      _ = try SequenceBatch([Example(input: .tokens([]), target: .classPerStep([]))])
    }
  }

  @Test("Numbers that are not finite", arguments: [.nan, .infinity, -.infinity] as [Float])
  func nonFinite(value: Float) {
    expectError(.nonFinite, about: "input of sequence 0") {
      _ = try SequenceBatch(inputs: [.features([0, value], width: 1)])
    }
    expectError(.nonFinite, about: "target of sequence 0") {
      _ = try SequenceBatch([
        Example(input: .features([0], width: 1), target: .valuesAtEnd([value]))
      ])
    }
  }

  @Test("A state of another shape", arguments: [CellKind.lstm(), .gru()])
  func states(cell: CellKind) throws {
    var configuration = Self.tokens
    configuration.body = .recurrent(cell)
    let model = try SequenceModel(configuration, seed: 1)
    let trainer = try Trainer(model, rate: 0.1)
    let batch = try SequenceBatch([
      Example(input: .tokens([0, 1]), target: .classPerStep([0, 1]))
    ])
    var other = configuration
    other.hiddenSize = 6
    var states = [
      model.zeroState(sequences: 2), try SequenceModel(other, seed: 1).zeroState(sequences: 1),
    ]
    var short = model.zeroState(sequences: 1)
    short.hidden[0].removeLast()
    var fewer = model.zeroState(sequences: 1)
    fewer.hidden = []
    var noCells = model.zeroState(sequences: 1)
    noCells.cell = []
    states += [short, fewer, noCells]
    for wrong in states {
      var state = wrong
      expectError(.shape, about: "state") { try trainer.step(batch, state: &state) }
      expectError(.shape, about: "state") {
        try trainer.step(
          batch, truncation: TruncatedBPTT(every: 1, through: 1), state: &state)
      }
      #expect(state == wrong)
    }
  }

  @Test("A recurrent state for a model that has none")
  func feedForwardState() throws {
    var plain = Self.tokens
    plain.body = .feedForward()
    let trainer = try Trainer(SequenceModel(plain, seed: 1), rate: 0.1)
    var state = try SequenceModel(Self.tokens, seed: 1).zeroState(sequences: 1)
    let batch = try SequenceBatch(
      [1, 2].map { _ in Example(input: .tokens([0, 1]), target: .classPerStep([0, 1])) })
    expectError(.shape, about: "state") {
      try trainer.step(batch, truncation: TruncatedBPTT(every: 1, through: 1), state: &state)
    }
  }

  @Test("Sizes and rates that make no model")
  func configurations() {
    func expectRange(_ change: (inout ModelConfiguration) -> Void) {
      var configuration = Self.tokens
      change(&configuration)
      expectError(.range) { _ = try SequenceModel(configuration, seed: 1) }
    }
    expectRange { $0.hiddenSize = 0 }
    expectRange { $0.outputs = 0 }
    expectRange { $0.input = .tokens(vocabulary: 0, embedding: 1) }
    expectRange { $0.input = .tokens(vocabulary: 1, embedding: 0) }
    expectRange { $0.input = .features(width: 0) }
    expectRange { $0.body = .recurrent(.gru(), layers: 0) }
    for window in [-1, 0, 2, 4] { expectRange { $0.contextWindow = window } }
    for rate in [-0.1, 1, .nan] as [Float] {
      expectRange { $0.dropout = rate }
      expectRange { $0.recurrentDropout = rate }
    }
  }
}
