import RNNCore

/// Held-out examples, packed once and evaluated many times.
public struct HeldOutData: Sendable {
  /// The examples, in the order in which they were given.
  public let examples: [Example]
  private let batches: [SequenceBatch]

  /// Throws what ``/RNNCore/SequenceBatch`` throws for examples that do not belong together.
  ///
  /// - Parameters:
  ///   - examples: may be none.
  ///   - batch: how many are evaluated side by side.
  public init(_ examples: [Example], batch: Int = 128) throws(RNNError) {
    self.examples = examples
    var batches: [SequenceBatch] = []
    for first in stride(from: 0, to: examples.count, by: batch) {
      batches.append(
        try SequenceBatch(Array(examples[first..<min(first + batch, examples.count)])))
    }
    self.batches = batches
  }

  /// The mean loss over all answered elements, and the task's main score.
  public func evaluate(
    _ model: SequenceModel, on task: any SequenceTask, pass: ModelPass
  ) throws(RNNError) -> (loss: Double, metric: Metric) {
    let (predictions, loss) = try predict(model, pass: pass)
    return (loss, task.metric(predictions: predictions, examples: examples, meanLoss: loss))
  }

  /// The mean loss over all answered elements, and all that the task says of the answers.
  public func score(
    _ model: SequenceModel, on task: any SequenceTask, pass: ModelPass
  ) throws(RNNError) -> (loss: Double, score: TaskScore) {
    let (predictions, loss) = try predict(model, pass: pass)
    return (loss, task.score(predictions: predictions, examples: examples, meanLoss: loss))
  }

  /// Losses are those of the steps (or ends) alone, without the sentence's class.
  private func predict(
    _ model: SequenceModel, pass: ModelPass
  ) throws(RNNError) -> (predictions: [SequencePrediction], loss: Double) {
    var (sum, elements) = (0.0, 0)
    var predictions: [SequencePrediction] = []
    for batch in batches {
      var state = model.zeroState(sequences: batch.layout.sequenceCount)
      let (answers, loss) = try model.predictionsAndLoss(
        for: batch, state: &state, pass: pass, reduction: .sum)
      sum += loss.value - (loss.sentence ?? 0)
      elements += loss.elements
      predictions += answers
    }
    return (predictions, sum / Double(max(1, elements)))
  }
}
