import RNNCore

/// Held-out examples that models are measured on, a batch at a time: neither packed batches nor
/// answers are kept, so that many examples take no more memory than a batch of the longest.
public struct HeldOutData: Sendable {
  /// The examples, in the order in which they were given.
  public let examples: ExampleList
  private let batch: Int

  /// - Parameters:
  ///   - examples: may be none.
  ///   - batch: how many are evaluated side by side, at least 1.
  public init(_ examples: ExampleList, batch: Int = 128) {
    precondition(batch >= 1, "at least one example side by side")
    (self.examples, self.batch) = (examples, batch)
  }

  /// The mean loss over all answered elements in nats, and the task's main score.
  ///
  /// Throws what ``score(_:on:pass:answered:)`` throws.
  public func evaluate(
    _ model: SequenceModel, on task: any SequenceTask, pass: ModelPass
  ) throws(RNNError) -> (loss: Double, metric: Metric) {
    let (loss, score) = try score(model, on: task, pass: pass)
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
  ///   - answered: is handed the answer to each example with its number, in order, and may throw to
  ///     stop.
  public func score(
    _ model: SequenceModel, on task: any SequenceTask, pass: ModelPass,
    answered: ((_ index: Int, _ prediction: SequencePrediction) throws(RNNError) -> Void)? = nil
  ) throws(RNNError) -> (loss: Double, score: TaskScore) {
    var score = task.makeScore()
    var (sum, elements) = (0.0, 0)
    for first in stride(from: 0, to: examples.count, by: batch) {
      let part = Array(examples[first..<min(first + batch, examples.count)])
      let packed = try SequenceBatch(part)
      var state = model.zeroState(sequences: part.count)
      let (predictions, loss) = try model.predictionsAndLoss(
        for: packed, state: &state, pass: pass, reduction: .sum)
      sum += loss.value - (loss.sentence ?? 0)
      elements += loss.elements
      for (offset, prediction) in predictions.enumerated() {
        score.add(prediction, for: part[offset])
        try answered?(first + offset, prediction)
      }
    }
    let mean = sum / Double(max(1, elements))
    return (mean, score.taskScore(meanLoss: mean))
  }
}
