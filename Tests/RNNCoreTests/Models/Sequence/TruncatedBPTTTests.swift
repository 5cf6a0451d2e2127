import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Truncated BPTT")
struct TruncatedBPTTTests {
  static let model = ModelCase(
    name: "lstm",
    configuration: ModelConfiguration(
      input: .tokens(vocabulary: 11, embedding: 5), body: .recurrent(.lstm(), layers: 2),
      hiddenSize: 7, outputs: 4))
  static let lengths = [13, 4, 1, 9]
  static let settings = [
    (3, 3), (3, 8), (5, 2), (4, 13), (13, 13), (20, 20), (1, 1), (1, 4), (6, 4),
  ]

  @Test(
    "counts every answer once when it looks back at least as far as it moves", arguments: settings)
  func countsEveryAnswerOnce(_ setting: (Int, Int)) throws {
    let truncation = try TruncatedBPTT(every: setting.0, through: setting.1)
    let covered = truncation.windows(13).flatMap { Array($0.answersFrom..<$0.steps.upperBound) }
    #expect(Set(covered).count == covered.count)
    if setting.1 >= setting.0 { #expect(covered == Array(0..<13)) }
    for window in truncation.windows(13) { #expect(window.steps.count <= setting.1) }
  }

  @Test("hands back the state of one whole pass", arguments: settings)
  func handsBackTheState(_ setting: (Int, Int)) throws {
    let batch = try SequenceBatch(Self.model.examples(lengths: Self.lengths))
    // A rate this small moves no state beyond rounding.
    let trainer = try TrainerTests.trainer(Self.model, threads: 2, rule: .sgd(), rate: 1e-20)
    var carried = trainer.model.zeroState(sequences: 4)
    let reports = try trainer.step(
      batch, truncation: TruncatedBPTT(every: setting.0, through: setting.1), state: &carried)
    var whole = trainer.model.zeroState(sequences: 4)
    _ = try trainer.model.loss(for: batch, state: &whole, pass: trainer.model.makePass())
    let closeness = Closeness(
      absolute: 1e-6, relative: 1e-5, reason: "other batch shapes round differently")
    for (a, b) in zip(carried.hidden + carried.cell, whole.hidden + whole.cell) {
      expectClose(a.map(Double.init), b.map(Double.init), closeness, "state")
    }
    if setting.1 >= setting.0 {
      #expect(reports.reduce(0) { $0 + $1.elements } == Self.lengths.reduce(0, +))
    }
  }

  @Test("is plain BPTT when its window holds the whole sequence")
  func wholeWindowIsPlainBPTT() throws {
    let batch = try SequenceBatch(Self.model.examples(lengths: Self.lengths))
    let plain = try TrainerTests.trainer(Self.model, threads: 1)
    try plain.step(batch)
    let truncated = try TrainerTests.trainer(Self.model, threads: 1)
    var state = truncated.model.zeroState(sequences: 4)
    let truncation = try TruncatedBPTT(every: 13, through: 99)
    try truncated.step(batch, truncation: truncation, state: &state)
    for name in plain.gradients.layout.slices.map(\.name) {
      #expect(
        try plain.gradients.values(of: name) == truncated.gradients.values(of: name), "\(name)")
    }
  }

  @Test("with k2 above k1 gives the gradient of the last answers through the whole window")
  func overlappingWindowsSeeFurther() throws {
    // The last window of k1 = 2, k2 = 6 over 8 steps holds steps 2..<8 and answers 6 and 7.
    let example = Self.model.examples(lengths: [8])[0]
    guard case .tokens(let ids) = example.input, case .classPerStep(let classes) = example.target
    else { return }
    let trainer = try TrainerTests.trainer(Self.model, threads: 1, rule: .sgd(), rate: 1e-20)
    var state = trainer.model.zeroState(sequences: 1)
    try trainer.step(
      SequenceBatch([example]), truncation: TruncatedBPTT(every: 2, through: 6), state: &state)

    let plain = try TrainerTests.trainer(Self.model, threads: 1, rule: .sgd(), rate: 1e-20)
    var before = plain.model.zeroState(sequences: 1)
    let head = Example(
      input: .tokens(Array(ids[..<2])), target: .classPerStep(Array(classes[..<2])))
    try plain.step(SequenceBatch([head]), state: &before)
    let tail = Example(
      input: .tokens(Array(ids[2...])),
      target: .classPerStep([-1, -1, -1, -1] + Array(classes[6...])))
    try plain.step(SequenceBatch([tail]), state: &before)
    for name in plain.gradients.layout.slices.map(\.name) {
      expectClose(
        try trainer.gradients.values(of: name).map(Double.init),
        try plain.gradients.values(of: name).map(Double.init),
        Closeness(absolute: 1e-7, relative: 1e-5, reason: "the state was rounded in other chunks"),
        name)
    }
  }

  /// Losses of all answers in windows, and of the whole sequences at once, with parameters that
  /// stay.
  private static func losses(
    _ configuration: ModelConfiguration, _ setting: (Int, Int), reduction: Loss.Reduction = .sum
  ) throws -> (windows: [StepReport], whole: StepReport) {
    let model = ModelCase(name: "", configuration: configuration)
    let batch = try SequenceBatch(model.examples(lengths: lengths))
    func trainer() throws -> Trainer<SequenceModel> {
      try Trainer(
        SequenceModel(configuration, seed: 5, team: ThreadTeam(count: 1)), rule: .sgd(),
        rate: 1e-20, reduction: reduction)
    }
    let truncated = try trainer()
    var state = truncated.model.zeroState(sequences: lengths.count)
    let reports = try truncated.step(
      batch, truncation: TruncatedBPTT(every: setting.0, through: setting.1), state: &state)
    return (reports, try trainer().step(batch))
  }

  private static let sameLoss = Closeness(
    absolute: 1e-5, relative: 1e-5, reason: "other batch shapes round Float outputs differently")

  /// Cells that are fed targets, and windows that show steps of the stretch before.
  static let carriers: [ModelConfiguration] =
    [
      .jordan(.tanh, teacherForcing: true), .jordan(.tanh, teacherForcing: true, hybrid: true),
    ].map { cell in
      ModelConfiguration(
        input: .features(width: 3), body: .recurrent(cell), hiddenSize: 6, outputs: 4)
    }
    + [ModelConfiguration.Body.feedForward(), .recurrent(.gru(), layers: 2)].flatMap { body in
      [2, 5].map { window in
        ModelConfiguration(
          input: .tokens(vocabulary: 11, embedding: 5), contextWindow: window, contextSide: .past,
          body: body, hiddenSize: 6, outputs: 4)
      }
    }

  @Test(
    "leaves the forward pass of teacher-forced cells and of windows of the past as it is",
    arguments: carriers, [(1, 1), (2, 2), (2, 5), (3, 4), (13, 2)])
  func keepsTheForwardPass(_ configuration: ModelConfiguration, _ setting: (Int, Int)) throws {
    // With k2 < k1 not all answers count: the windows are compared with others of the same ones.
    guard setting.1 >= setting.0 else {
      let last = try Self.losses(configuration, setting).windows.map(\.loss)
      let wide = try Self.losses(configuration, (1, 13)).windows.suffix(setting.1).map(\.loss)
      expectClose(last, [wide.reduce(0, +)], Self.sameLoss, "the last steps")
      return
    }
    let (windows, whole) = try Self.losses(configuration, setting)
    expectClose(
      [windows.reduce(0) { $0 + $1.loss }], [whole.loss], Self.sameLoss, "sum of all losses")
  }

  @Test("divides a loss by sequence by those that reach the steps that count")
  func countsSequences() throws {
    let configuration = Self.model.configuration
    for reduction in [Loss.Reduction.perSequence, .mean] {
      let narrow = try Self.losses(configuration, (2, 2), reduction: reduction).windows
      let wide = try Self.losses(configuration, (2, 6), reduction: reduction).windows
      expectClose(wide.map(\.loss), narrow.map(\.loss), Self.sameLoss, "\(reduction)")
    }
  }

  @Test("counts the same sequences where clipping divides a norm by them", arguments: [2, 4])
  func countsSequencesInNorms(through: Int) throws {
    // The last window counts steps 4 and 5, which one sequence reaches, though with k2 = 4 both are
    // in it.
    let batch = try SequenceBatch(Self.model.examples(lengths: [6, 3]))
    let threshold: Float = 1e-3
    let trainer = try Trainer(
      SequenceModel(Self.model.configuration, seed: 5), rule: .sgd(), rate: 1e-20,
      clipping: Clipping(.normOverBatch, threshold: threshold), reduction: .sum)
    var state = trainer.model.zeroState(sequences: 2)
    try trainer.step(batch, truncation: TruncatedBPTT(every: 2, through: through), state: &state)
    let norm = trainer.gradients.withUnsafeMutableValues { values in
      values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    expectClose([norm / Double(threshold)], [1], Self.sameLoss, "the norm that clipping left")
  }

  @Test("is refused where it has no meaning")
  func isRefused() throws {
    #expect(throws: RNNError.self) { try TruncatedBPTT(every: 0, through: 3) }
    #expect(throws: RNNError.self) { try TruncatedBPTT(every: 3, through: -1) }
    let truncation = try TruncatedBPTT(every: 2, through: 2)
    let ahead = ModelCase(
      name: "a window of later steps",
      configuration: ModelConfiguration(
        input: .tokens(vocabulary: 11, embedding: 5), contextWindow: 3, body: .recurrent(.gru()),
        hiddenSize: 6, outputs: 4))
    let others = try ["bi-lstm, tokens, everyStep", "elman, tokens, atEnd"].map { name in
      try #require(ModelCase.all.first { $0.name.hasPrefix(name) })
    }
    for model in others + [ahead] {
      let trainer = try TrainerTests.trainer(model, threads: 1)
      var state = trainer.model.zeroState(sequences: 4)
      #expect {
        try trainer.step(model.batch(), truncation: truncation, state: &state)
      } throws: { ($0 as? RNNError)?.kind == .unsupported }
    }
  }
}
