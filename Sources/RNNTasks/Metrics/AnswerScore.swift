import RNNCore

/// A score that grows with the answers: it is handed one at a time and keeps counts, so that it
/// takes no more memory for many examples than for a few.
public protocol AnswerScore: Sendable {
  /// Counts the answer to an example; a model's answers come in the order of the examples.
  mutating func add(_ prediction: SequencePrediction, for example: Example)

  /// Says what the answers so far are worth, the main score first; that of no answers has the names
  /// and directions of all scores that do not hang on the data.
  ///
  /// - Parameter meanLoss: in nats, over all answered elements.
  func taskScore(meanLoss: Double) -> TaskScore
}
