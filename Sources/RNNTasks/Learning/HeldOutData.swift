import RNNCore

/// Held-out examples that models are measured on, a batch at a time and long sequences in
/// stretches, with the state carried on where the model reads forward: neither packed batches nor
/// answers are kept, so that many or long examples take hardly more memory than few.
public struct HeldOutData: Sendable {
  /// The examples, in the order in which they were given.
  public let examples: ExampleList
  private let batch: Int

  /// How many are evaluated side by side where nothing else is asked for.
  public static let standardBatch = 128
  /// Steps of all sequences together that are in memory at once, where that can be.
  package static let rows = 4096
  /// Steps of examples that are packed together: fewer of them where they are longer than that, as
  /// pieces of a very long text are.
  private static let mostSteps = 1 << 24

  /// - Parameters:
  ///   - examples: may be none.
  ///   - batch: how many are evaluated side by side, at least 1.
  public init(_ examples: ExampleList, batch: Int = HeldOutData.standardBatch) {
    precondition(batch >= 1, "at least one example side by side")
    (self.examples, self.batch) = (examples, batch)
  }

  /// The mean loss over all answered elements in nats, and the task's main score; parameters are
  /// those of ``score(_:on:pass:among:answered:)``, which says what is thrown.
  public func evaluate(
    _ model: SequenceModel, on task: any SequenceTask, pass: ModelPass,
    among ranks: (any RankGroup)? = nil
  ) throws(RNNError) -> (loss: Double, metric: Metric) {
    let (loss, score) = try score(model, on: task, pass: pass, among: ranks)
    return (loss, score.metrics[0])
  }

  /// The mean loss over all answered elements in nats, and all that the task says of the answers.
  ///
  /// The loss is that of the steps (or ends) alone, without the sentence's class. Throws what
  /// ``/RNNCore/SequenceBatch`` throws for examples that do not belong together, and the model for
  /// such as it cannot read.
  ///
  /// - Parameters:
  ///   - model: what is measured.
  ///   - task: says what the answers are worth.
  ///   - pass: workspace of the model.
  ///   - ranks: processes with the same model and data that share the work and come to the same
  ///     score; nil for this one alone.
  ///   - answered: is handed the answer to each example with its number, in order, and may throw to
  ///     stop.
  public func score(
    _ model: SequenceModel, on task: any SequenceTask, pass: ModelPass,
    among ranks: (any RankGroup)? = nil,
    answered: ((_ index: Int, _ prediction: SequencePrediction) throws(RNNError) -> Void)? = nil
  ) throws(RNNError) -> (loss: Double, score: TaskScore) {
    var score = task.makeScore()
    var (sum, elements) = (0.0, 0)
    let size = min(batch, max(1, Self.mostSteps / max(1, examples.first?.length ?? 1)))
    let work = DealtWork(count: examples.count, size: size, ranks: ranks)
    try work.forEach { places throws(RNNError) in
      let packed = try SequenceBatch(Array(examples[places]))
      let (predictions, loss) = try model.predictionsAndLoss(
        for: packed, pass: pass, inStretchesOf: Self.rows)
      return MeasuredPart(
        loss: loss.value - (loss.sentence ?? 0), elements: loss.elements, answers: predictions)
    } _: { places, measured throws(RNNError) in
      sum += measured.loss
      elements += measured.elements
      for (index, prediction) in zip(places, measured.answers) {
        score.add(prediction, for: examples[index])
        try answered?(index, prediction)
      }
    }
    let mean = sum / Double(max(1, elements))
    return (mean, score.taskScore(meanLoss: mean))
  }
}
