import RNNCore

/// One whole training step of the engine: forward, loss, BPTT, clipping and update of a model that
/// reads features and answers with one number at the end.
final class TrainingStep {
  private let trainer: Trainer<SequenceModel>
  private let batch: SequenceBatch

  init(_ shape: Shape, threads: Int) throws {
    let configuration = ModelConfiguration(
      input: .features(width: shape.input), body: .recurrent(shape.cell), hiddenSize: shape.hidden,
      outputs: 1, loss: .meanSquaredError, answer: .atEnd)
    let model = try SequenceModel(configuration, seed: 1, team: ThreadTeam(count: threads))
    trainer = try Trainer(model, rule: .sgd(), rate: 1e-3, clipping: .globalNorm(1))

    var generator = RandomGenerator(seed: 1)
    batch = try SequenceBatch(
      (0..<shape.sequences).map { _ in
        let values = (0..<shape.steps * shape.input).map { _ in generator.uniform(-1, 1) }
        return Example(
          input: .features(values, width: shape.input),
          target: .valuesAtEnd([generator.uniform(-1, 1)]))
      })
  }

  func run() throws { try trainer.step(batch) }
}
