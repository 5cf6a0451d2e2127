import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Answers instead of logits")
struct SequencePredictionTests {
  private static func makeModel(_ configuration: ModelConfiguration) throws -> SequenceModel {
    let model = try SequenceModel(configuration, seed: 1)
    try model.parameters.fill(seed: 2, scale: 1.5)
    return model
  }

  /// The column of each row's largest value, found another way than the engine's.
  private static func likeliest(_ values: [Float], of count: Int) -> [Int32] {
    stride(from: 0, to: values.count, by: count).map { first in
      let row = values[first..<first + count]
      return Int32((row.firstIndex { $0 == row.max() } ?? -1) - first)
    }
  }

  @Test("Every model answers what its outputs say, in the caller's order", arguments: ModelCase.all)
  func answers(_ modelCase: ModelCase) throws {
    let configuration = modelCase.configuration
    let (model, batch) = (try Self.makeModel(configuration), try modelCase.batch())
    let (pass, start) = (model.makePass(), model.zeroState(sequences: 4))
    var state = start
    let (outputs, loss) = try model.outputsAndLoss(for: batch, state: &state, pass: pass)
    let carried = state
    state = start
    let found = try model.predictionsAndLoss(for: batch, state: &state, pass: pass)
    #expect(found.loss == loss && state == carried)
    state = start
    let alone = try model.predictions(for: batch, state: &state, pass: pass)
    #expect(alone == found.predictions && state == carried)
    for (prediction, values) in zip(alone, outputs) {
      #expect(prediction.sentence == nil)
      switch configuration.loss {
      case .softmaxCrossEntropy:
        #expect(prediction.answers == .classes(Self.likeliest(values, of: 4)))
      case .bernoulliCrossEntropy, .meanSquaredError:
        #expect(prediction.answers == .values(values))
      case .connectionistTemporalClassification:
        let labels = OracleLabelling.collapsed(Self.likeliest(values, of: 4).map { Int($0) })
        #expect(prediction.answers == .labelling(labels.map { Int32($0) }))
      case .conditionalRandomField: continue  // The next test compares paths.
      }
    }
  }

  @Test("A conditional random field answers with the best of all paths")
  func bestPaths() throws {
    let configuration = ModelConfiguration(
      input: .tokens(vocabulary: 6, embedding: 3), body: .recurrent(.gru()), hiddenSize: 5,
      outputs: 4, loss: .conditionalRandomField)
    let model = try Self.makeModel(configuration)
    let batch = try TrainingFixture(configuration: configuration, lengths: [2, 5, 1, 3])
      .batch(seed: 3)
    var state = model.zeroState(sequences: 4)
    let outputs = try model.outputs(for: batch, state: &state, pass: model.makePass())
    state = model.zeroState(sequences: 4)
    let found = try model.predictions(for: batch, state: &state, pass: model.makePass())
    let chain = OracleChain(
      try model.parameters.named().mapValues { $0.map { Double($0) } })
    var differs = false
    for (prediction, values) in zip(found, outputs) {
      let rows = stride(from: 0, to: values.count, by: 4).map {
        values[$0..<$0 + 4].map { Double($0) }
      }
      let best = chain.paths(rows.count).max { chain.score(rows, $0) < chain.score(rows, $1) }
      #expect(prediction.answers == .classes((best ?? []).map { Int32($0) }))
      differs = differs || prediction.answers != .classes(Self.likeliest(values, of: 4))
    }
    // Else the argmax of each step would have passed as well.
    #expect(differs)
  }

  @Test(
    "A sentence head gives class and logits, with labels and without",
    arguments: SentenceHeadTests.all)
  func sentences(_ modelCase: OracleModelCase) throws {
    let configuration = modelCase.configuration
    let model = try Self.makeModel(configuration)
    var examples = TrainingFixture(configuration: configuration).examples(seed: 3)
    for index in examples.indices { examples[index].label = Int32(index) }
    let (batch, pass) = (try SequenceBatch(examples), model.makePass())
    let unlabelled = try SequenceBatch(inputs: examples.map(\.input))
    var state = model.zeroState(sequences: 3)
    let found = try model.predictionsAndLoss(for: batch, state: &state, pass: pass)
    state = model.zeroState(sequences: 3)
    #expect(
      try model.predictions(for: unlabelled, state: &state, pass: pass) == found.predictions)
    #expect(found.loss.sentence != nil)
    let expected: [[Double]] = ModelOracle(configuration: configuration).sentences(
      try model.parameters.named().mapValues { $0.map(Double.init) }, examples)
    for (prediction, logits) in zip(found.predictions, expected) {
      let sentence = try #require(prediction.sentence)
      expectClose(sentence.logits.map(Double.init), logits, oracleCloseness, "logits")
      #expect([sentence.label] == Self.likeliest(sentence.logits, of: 3))
    }
  }

  @Test("Among equal outputs the lowest class is the answer")
  func ties() throws {
    var configuration = SentenceHeadTests.all[0].configuration
    for loss in [Loss.softmaxCrossEntropy, .conditionalRandomField] {
      configuration.loss = loss
      let model = try SequenceModel(configuration, seed: 1)
      model.parameters.setToZero()
      var state = model.zeroState(sequences: 1)
      let found = try model.predictions(
        for: SequenceBatch(inputs: [.tokens([1, 2])]), state: &state, pass: model.makePass())
      #expect(found[0].answers == .classes([0, 0]))
      #expect(found[0].sentence == .init(label: 0, logits: [0, 0, 0]))
    }
  }

  @Test("Without targets there are answers but no loss, and what does not fit is refused")
  func refusals() throws {
    let model = try SequenceModel(SentenceHeadTests.all[0].configuration, seed: 1)
    let pass = model.makePass()
    var state = model.zeroState(sequences: 1)
    let batch = try SequenceBatch(inputs: [.tokens([1, 2])])
    expectError(.shape, about: "targets") {
      _ = try model.predictionsAndLoss(for: batch, state: &state, pass: pass)
    }
    expectError(.vocabulary, about: "token") {
      _ = try model.predictions(
        for: SequenceBatch(inputs: [.tokens([6])]), state: &state, pass: pass)
    }
    state = model.zeroState(sequences: 2)
    expectError(.shape, about: "state") {
      _ = try model.predictions(for: batch, state: &state, pass: pass)
    }
  }
}
