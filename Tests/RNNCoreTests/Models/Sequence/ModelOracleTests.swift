import Testing

@testable import RNNCore
@testable import TestSupport

/// One whole model to differentiate.
struct OracleModelCase: Sendable, CustomTestStringConvertible {
  let configuration: ModelConfiguration

  static let all: [OracleModelCase] = Loss.allCases.flatMap { loss in
    [SequenceBatch.Answer.everyStep, .atEnd].flatMap { answer in
      bodies.flatMap { body in
        inputs.map { input in
          OracleModelCase(
            configuration: ModelConfiguration(
              input: input, contextWindow: 3, body: body, hiddenSize: 5, outputs: 4, loss: loss,
              answer: answer))
        }
      }
    }
  }.filter { !$0.isRefused }

  /// Teacher forcing is refused where no step but the last has a target or none has one of its own,
  /// and so are losses of whole sequences with one answer.
  private var isRefused: Bool {
    let isAtEnd = configuration.answer == .atEnd
    if configuration.cell?.isTeacherForced == true {
      return isAtEnd || configuration.loss == .connectionistTemporalClassification
    }
    return isAtEnd && configuration.loss.isOfWholeSequences
  }

  private static let inputs: [ModelConfiguration.Input] = [
    .tokens(vocabulary: 6, embedding: 3), .features(width: 2),
  ]

  /// Models whose vocabulary is small beside the batch, so that the first layer multiplies the
  /// embedding's table.
  static let tables: [OracleModelCase] = bodies.flatMap { body in
    [2, 4].map { vocabulary in
      OracleModelCase(
        configuration: ModelConfiguration(
          input: .tokens(vocabulary: vocabulary, embedding: 3), body: body, hiddenSize: 5,
          outputs: 4))
    }
  }

  /// Models that see some steps of the past beside each one.
  static let pastWindows: [OracleModelCase] = [
    .feedForward(), .recurrent(.elman(.tanh)), .recurrent(.lstm(), layers: 2),
  ].flatMap { body in
    [2, 3, 6].flatMap { window in
      inputs.map { input in
        OracleModelCase(
          configuration: ModelConfiguration(
            input: input, contextWindow: window, contextSide: .past, body: body, hiddenSize: 5,
            outputs: 4))
      }
    }
  }

  private static let bodies: [ModelConfiguration.Body] =
    HiddenActivation.allCases.map { .feedForward($0) }
    + trainedCells.map { .recurrent($0) }
    + trainedCells.filter(\.isStackable).flatMap { cell in
      [Directions.concatenated, .summed].map { .recurrent(cell, layers: 2, directions: $0) }
    }

  var testDescription: String {
    "\(configuration.input) \(configuration.body) \(configuration.loss) \(configuration.answer)"
  }
}

/// Expects loss and gradients of one training step to be those of the model in plain Doubles.
///
/// - Parameter blockRows: rows of a block of logits; nil for all at once.
func expectOracleGradients(
  _ configuration: ModelConfiguration, _ examples: [Example]? = nil,
  reduction: Loss.Reduction = .mean, blockRows: Int? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let model = try SequenceModel(configuration, seed: 1)
  try model.parameters.fill(seed: 2)
  let examples = examples ?? TrainingFixture(configuration: configuration).examples(seed: 3)
  let start = try model.parameters.named()
  let trainer = try Trainer(model, rule: .sgd(), rate: 1e-3, reduction: reduction)
  trainer.pass.layers.blockRows = blockRows
  let report = try trainer.step(SequenceBatch(examples))
  #expect((trainer.pass.blocked != nil) == (blockRows != nil), sourceLocation: sourceLocation)

  let tape = GradientTape()
  let variables = start.mapValues { $0.map { tape.variable(Double($0)) } }
  let loss: Variable = ModelOracle(configuration: configuration).loss(
    variables, examples, reduction: reduction,
    teacherForced: model.network?.configuration.isTeacherForced ?? false)
  let slopes = tape.gradient(of: loss)
  expectClose(
    [report.loss], [loss.value], oracleCloseness, "loss", sourceLocation: sourceLocation)
  for (name, values) in variables {
    expectClose(
      try trainer.gradients.values(of: name).map(Double.init), values.map { slopes[$0.node] },
      oracleCloseness, name, sourceLocation: sourceLocation)
  }
}

@Suite("Gradients of whole models")
struct ModelOracleTests {
  @Test(
    "Loss and gradients are those of the model in plain Doubles", arguments: OracleModelCase.all)
  func gradients(_ modelCase: OracleModelCase) throws {
    try expectOracleGradients(modelCase.configuration)
  }

  @Test(
    "So are they when the embedding is multiplied as a table", arguments: OracleModelCase.tables)
  func tables(_ modelCase: OracleModelCase) throws {
    try expectOracleGradients(modelCase.configuration)
  }

  @Test("So are they with a window of the past", arguments: OracleModelCase.pastWindows)
  func pastWindows(_ modelCase: OracleModelCase) throws {
    try expectOracleGradients(modelCase.configuration)
  }

  @Test("A table is multiplied where it has at most half the rows of the batch")
  func tableUse() throws {
    var layout = ParameterLayout()
    let embedding = Embedding(vocabulary: 4, width: 3, declaringIn: &layout)
    let parameters = ParameterStore(layout: layout)
    let tokens: [Int32] = [3, 1, 0, 0, 2, 1, 3, 3]
    #expect(embedding.tableRows(tokens, of: 8, parameters: parameters)?.ids == tokens)
    #expect(embedding.tableRows(tokens, of: 7, parameters: parameters) == nil)
  }

  @Test("Reductions divide loss and gradient alike", arguments: Loss.Reduction.allCases)
  func reductions(_ reduction: Loss.Reduction) throws {
    let configuration = ModelConfiguration(
      input: .tokens(vocabulary: 6, embedding: 3), body: .recurrent(.lstm()), hiddenSize: 5,
      outputs: 4)
    try expectOracleGradients(configuration, reduction: reduction)
  }

  @Test("Outputs come back in the caller's order", arguments: [1, 3, 5])
  func outputs(window: Int) throws {
    let configuration = ModelConfiguration(
      input: .tokens(vocabulary: 6, embedding: 3), contextWindow: window,
      body: .recurrent(.gru(), directions: .concatenated), hiddenSize: 5, outputs: 4)
    let model = try SequenceModel(configuration, seed: 1)
    let examples = TrainingFixture(configuration: configuration).examples(seed: 3)
    var state = model.zeroState(sequences: examples.count)
    let outputs = try model.outputs(
      for: SequenceBatch(examples), state: &state, pass: model.makePass())
    let expected: [[[Double]]] = ModelOracle(configuration: configuration).outputs(
      try model.parameters.named().mapValues { $0.map(Double.init) }, examples)
    for (index, rows) in expected.enumerated() {
      expectClose(
        outputs[index].map(Double.init), rows.flatMap { $0 }, oracleCloseness, "sequence \(index)")
    }
  }
}
