import RNNCore

/// A problem that is read from files, with all that turns them into numbers and back.
public protocol DataTask: SequenceTask {
  /// Saved with a model, so that other data mean the same to it.
  var encoding: TaskEncoding { get }
}

extension DataTask {
  /// The main one of the scores.
  public func metric(
    predictions: [Prediction], examples: [Example], meanLoss: Double
  ) -> Metric {
    score(predictions: predictions, examples: examples, meanLoss: meanLoss).metrics[0]
  }
}
