import RNNCore

extension StepCase {
  /// Training steps and losses of a whole model, answering at every step and at the end.
  static let modelCases: [StepCase] = [
    (SequenceBatch.Answer.everyStep, "every step"), (.atEnd, "at end"),
  ].flatMap { answer, name in
    [
      StepCase("Trainer.step \(name)") {
        let work = try ModelWork(answer)
        return Workload(step: work.train)
      },
      StepCase("SequenceModel.loss \(name)") {
        let work = try ModelWork(answer)
        return Workload(step: work.evaluate)
      },
      StepCase("Trainer.step with omega \(name)") {
        let work = try ModelWork(
          answer, cell: .elman(.tanh), recurrentDropout: 0,
          regularizer: RetentionRegularizer(weight: 1))
        return Workload(step: work.train)
      },
      StepCase("Trainer.step averaged \(name)") {
        let work = try ModelWork(answer, averaging: 0.99, normalizesEmbedding: true)
        return Workload(step: work.train)
      },
    ]
  }

  /// Text of a character model, a hundred tokens a step.
  static let generatorCases: [StepCase] = [
    StepCase("SequenceGenerator.next LSTM 2 x 128, 100 calls") {
      let model = try SequenceModel(
        ModelConfiguration(
          input: .tokens(vocabulary: 96, embedding: 32), body: .recurrent(.lstm(), layers: 2),
          hiddenSize: 128, outputs: 96), seed: 1)
      let generator = try SequenceGenerator(
        model, sampler: TokenSampler(temperature: 0.8, topK: 40, topP: 0.95), seed: 2)
      try generator.prime(with: [1])
      return Workload { for _ in 0..<100 { _ = try generator.next() } }
    }
  ]
}

/// A tagger or classifier with everything that a model can have: embedding, context window, both
/// kinds of dropout, two layers in both directions, readout; trained with clipping and Adam.
private final class ModelWork {
  private static let vocabulary = 200
  private static let classes = 10

  private let model: SequenceModel
  private let trainer: Trainer<SequenceModel>
  private let batch: SequenceBatch
  private let pass: ModelPass
  private var state: RecurrentState

  init(
    _ answer: SequenceBatch.Answer, cell: CellKind = .lstm(), recurrentDropout: Float = 0.1,
    regularizer: RetentionRegularizer? = nil, averaging: Float? = nil,
    normalizesEmbedding: Bool = false
  ) throws {
    model = try SequenceModel(
      ModelConfiguration(
        input: .tokens(vocabulary: Self.vocabulary, embedding: 16), contextWindow: 3,
        body: .recurrent(cell, layers: 2, directions: .concatenated), hiddenSize: 64,
        outputs: Self.classes, answer: answer, dropout: 0.2, recurrentDropout: recurrentDropout),
      seed: 1)
    trainer = try Trainer(
      model, rule: .adam(), rate: 1e-3, clipping: .globalNorm(1), regularizer: regularizer,
      averaging: averaging, normalizesEmbedding: normalizesEmbedding, seed: 1)
    var generator = RandomGenerator(seed: 2)
    batch = try SequenceBatch(
      raggedLengths.map { length in
        let tokens = generator.ids(length, below: Self.vocabulary)
        let target: Example.Target =
          switch answer {
          case .everyStep: .classPerStep(generator.ids(length, below: Self.classes))
          case .atEnd: .classAtEnd(Int32(generator.integer(below: Self.classes)))
          }
        return Example(input: .tokens(tokens), target: target)
      })
    pass = model.makePass()
    state = model.zeroState(sequences: batch.layout.sequenceCount)
  }

  func train() throws { try trainer.step(batch) }

  func evaluate() throws {
    state.setToZero()
    _ = try model.loss(for: batch, state: &state, pass: pass)
  }
}

extension RandomGenerator {
  /// Uniform in 0..<limit.
  fileprivate mutating func ids(_ count: Int, below limit: Int) -> [Int32] {
    var ids: [Int32] = []
    for _ in 0..<count { ids.append(Int32(integer(below: limit))) }
    return ids
  }
}
