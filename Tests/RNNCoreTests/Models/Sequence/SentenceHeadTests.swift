import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("One class for the whole sequence beside the answers of its steps")
struct SentenceHeadTests {
  private static func configuration(
    _ body: ModelConfiguration.Body, loss: Loss = .softmaxCrossEntropy, window: Int = 1,
    dropout: Float = 0
  ) -> ModelConfiguration {
    ModelConfiguration(
      input: .tokens(vocabulary: 6, embedding: 3), contextWindow: window, body: body,
      hiddenSize: 5, outputs: 4, loss: loss, dropout: dropout,
      sentenceHead: SentenceHead(classes: 3, weight: 0.7))
  }

  static let all: [OracleModelCase] = [
    configuration(.recurrent(.lstm())),
    configuration(.recurrent(.lstm(), layers: 2, directions: .concatenated), window: 3),
    configuration(.recurrent(.gru(), layers: 2, directions: .summed), loss: .meanSquaredError),
    configuration(.recurrent(.gru(.before)), loss: .conditionalRandomField),
    configuration(
      .recurrent(.elman(.tanh), directions: .summed), loss: .conditionalRandomField),
    configuration(.recurrent(.jordan(.tanh, teacherForcing: false))),
    configuration(
      .recurrent(.jordan(.tanh, teacherForcing: false), directions: .concatenated),
      loss: .bernoulliCrossEntropy),
    configuration(.feedForward(), window: 3),
  ].map { OracleModelCase(configuration: $0) }

  private static func examples(
    _ configuration: ModelConfiguration, lengths: [Int] = [3, 1, 4], labels: [Int32] = [2, 0, 1]
  ) -> [Example] {
    let plain = TrainingFixture(configuration: configuration, lengths: lengths).examples(seed: 3)
    return zip(plain, labels).map { Example(input: $0.input, target: $0.target, label: $1) }
  }

  @Test(
    "Loss and gradients are those of plain Doubles", arguments: all, Loss.Reduction.allCases)
  func gradients(_ modelCase: OracleModelCase, _ reduction: Loss.Reduction) throws {
    let configuration = modelCase.configuration
    try expectOracleGradients(
      configuration, Self.examples(configuration), reduction: reduction)
  }

  @Test("Without labels the steps train alone", arguments: all)
  func unlabelled(_ modelCase: OracleModelCase) throws {
    let model = try SequenceModel(modelCase.configuration, seed: 1)
    let trainer = try Trainer(model, rule: .sgd(), rate: 0.1)
    let examples = Self.examples(modelCase.configuration)
    // What labels left on the pass is of no account.
    #expect(try trainer.step(SequenceBatch(examples)).sentenceLoss != nil)
    let before = try model.parameters.values(of: "sentence.weight")
    let plain = TrainingFixture(configuration: modelCase.configuration).examples(seed: 3)
    let report = try trainer.step(SequenceBatch(plain))
    #expect(report.sentenceLoss == nil)
    #expect(try model.parameters.values(of: "sentence.weight") == before)
    #expect(try trainer.gradients.values(of: "sentence.bias") == [0, 0, 0])
  }

  @Test("The reported parts add up, and a profile of the last answer leaves labels out")
  func parts() throws {
    let configuration = Self.all[0].configuration
    let model = try SequenceModel(configuration, seed: 1)
    let (pass, batch) = (model.makePass(), try SequenceBatch(Self.examples(configuration)))
    var state = model.zeroState(sequences: 3)
    let loss = try model.loss(for: batch, state: &state, pass: pass)
    var plain = batch
    plain.labels = nil
    state = model.zeroState(sequences: 3)
    let steps = try model.loss(for: plain, state: &state, pass: pass)
    let sentence = try #require(loss.sentence)
    #expect(loss.value == steps.value + sentence)
    #expect(loss.elements == steps.elements && steps.sentence == nil)
    #expect(try model.profile(for: batch, probing: .allAnswers).loss == loss.value)
    let last = try model.profile(for: plain, probing: .lastAnswer)
    #expect(try model.profile(for: batch, probing: .lastAnswer).loss == last.loss)
  }

  /// With the masks that the pass has drawn, the head is a linear layer over masked ends, whose
  /// gradient can be followed by hand.
  @Test("Dropout masks the ends that the head reads, on the way up and down")
  func dropout() throws {
    let configuration = Self.configuration(
      .recurrent(.elman(.tanh)), dropout: 0.5)
    let model = try SequenceModel(configuration, seed: 1)
    let trainer = try Trainer(model, rule: .sgd(), rate: 1e-3, seed: 4)
    try trainer.step(SequenceBatch(Self.examples(configuration)))
    let (pass, layout) = (trainer.pass, try SequenceLayout(lengths: [3, 1, 4]))
    let network = try #require(model.network)
    let states = try network.hiddenStates(of: try #require(pass.tape))
    let seen = try #require(pass.sentenceInput).matrix
    let gradient = try #require(pass.sentenceInput?.source.slope?.matrix)
    var kept = Set<Float>()
    var slopes = [Double](repeating: 0, count: 3 * 5)
    for (rank, sequence) in layout.order.enumerated() {
      let last = states[sequence: sequence, step: layout.lengths[sequence] - 1]
      let masked = Array(seen.row(rank))
      let mask = zip(masked, last).map { $0 / $1 }
      kept.formUnion(mask)
      for (index, slope) in try #require(pass.sentence).matrix.row(rank).enumerated() {
        for unit in 0..<5 { slopes[index * 5 + unit] += Double(slope) * Double(masked[unit]) }
      }
      #expect(zip(gradient.row(rank), mask).allSatisfy { ($0 == 0) == ($1 == 0) })
    }
    #expect(kept == [0, 2])
    expectClose(
      try trainer.gradients.values(of: "sentence.weight").map(Double.init), slopes,
      oracleCloseness, "weight")
  }

  @Test("The whole model learns sentences and steps together")
  func learns() throws {
    let configuration = Self.configuration(
      .recurrent(.lstm(), directions: .concatenated), loss: .conditionalRandomField)
    let trainer = try Trainer(SequenceModel(configuration, seed: 1), rate: 0.05)
    let batch = try SequenceBatch(Self.examples(configuration))
    for _ in 0..<200 { try trainer.step(batch) }
    let report = try trainer.step(batch)
    #expect(report.loss < 0.05)
    #expect(try #require(report.sentenceLoss) < 0.02)
  }

  @Test("A logit that is not finite is found in its sequence")
  func nonFiniteOrigin() throws {
    var configuration = Self.configuration(.feedForward(.identity))
    configuration.input = .features(width: 1)
    let model = try SequenceModel(configuration, seed: 1)
    try model.parameters.set("sentence.weight", to: Array(repeating: 3e38, count: 15))
    try model.parameters.set("hidden.weight", to: Array(repeating: 1, count: 5))
    try model.parameters.set("hidden.bias", to: Array(repeating: 0, count: 5))
    let trainer = try Trainer(model, rate: 0.1, nonFinite: .skip)
    let report = try trainer.step(
      SequenceBatch([
        Example(
          input: .features([0, 0, 0], width: 1), target: .classPerStep([0, 1, 1]), label: 0),
        Example(input: .features([0, 9], width: 1), target: .classPerStep([0, 1]), label: 1),
      ]))
    let origin = NonFiniteOrigin(
      quantity: .outputGradient, layer: "sentence", sequence: 1, step: 1)
    #expect(report.nonFiniteOrigin == origin)
  }

  @Test("What no head can be, or learn, is refused by name")
  func refusals() throws {
    func expect(
      _ kind: RNNError.Kind, about: String, _ change: (inout ModelConfiguration) -> Void
    ) {
      var configuration = Self.all[0].configuration
      change(&configuration)
      expectError(kind, about: about) { try configuration.validate() }
    }
    expect(.unsupported, about: "sentence head") { $0.answer = .atEnd }
    expect(.range, about: "sentence classes") { $0.sentenceHead = SentenceHead(classes: 0) }
    for weight in [0, -1, .nan, .infinity] as [Float] {
      expect(.range, about: "sentence weight") {
        $0.sentenceHead = SentenceHead(classes: 2, weight: weight)
      }
    }
    let configuration = Self.all[0].configuration
    let trainer = try Trainer(SequenceModel(configuration, seed: 1), rate: 0.1)
    for label in [-1, 3] as [Int32] {
      let batch = try SequenceBatch(Self.examples(configuration, labels: [0, label, 2]))
      expectError(.vocabulary, about: "label") { try trainer.step(batch) }
    }
    var state = trainer.model.zeroState(sequences: 3)
    let batch = try SequenceBatch(Self.examples(configuration))
    expectError(.unsupported, about: "truncated BPTT") {
      try trainer.step(batch, truncation: TruncatedBPTT(every: 2, through: 2), state: &state)
    }
    var mixed = Self.examples(configuration)
    mixed[1].label = nil
    expectError(.shape, about: "label of sequence 1") { _ = try SequenceBatch(mixed) }
    mixed[0].label = nil
    expectError(.shape, about: "label of sequence 2") { _ = try SequenceBatch(mixed) }
  }
}
