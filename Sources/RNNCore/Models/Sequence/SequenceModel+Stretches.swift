extension SequenceModel {
  /// Why sequences of a batch cannot be read a stretch of steps after the other, with the state
  /// carried on between; nil when they can.
  func obstacleToStretches(_ batch: SequenceBatch) -> (expected: String, found: String)? {
    if network?.configuration.directions ?? .forward != .forward {
      return ("a network in one direction", "a bidirectional one")
    }
    if window.readsLater {
      return ("a context window of the past", "one that shows steps not yet read")
    }
    if batch.answer != .everyStep { return ("an answer at every step", "an answer at the end") }
    if configuration.loss.isOfWholeSequences {
      return ("a loss of single steps", "one of whole sequences")
    }
    if configuration.sentenceHead != nil, batch.labels != nil {
      return ("sequences without labels", "labels, which are given after all steps")
    }
    return nil
  }

  /// Answers and summed loss of sequences that begin at zero, read in stretches of so few steps
  /// that a pass holds `rows` rows where the model allows that: memory then grows with the rows of
  /// a stretch, not with the lengths.
  ///
  /// The answers are to the bit those of one pass, where our own kernels multiply; the loss is
  /// summed in another order.
  ///
  /// - Parameters:
  ///   - batch: sequences with targets.
  ///   - pass: the workspace.
  ///   - rows: a batch of no more is read in one pass.
  package func predictionsAndLoss(
    for batch: SequenceBatch, pass: ModelPass, inStretchesOf rows: Int
  ) throws(RNNError) -> (predictions: [SequencePrediction], loss: LossValue) {
    let layout = batch.layout
    var state = zeroState(sequences: layout.sequenceCount)
    // A head without labels still says something of whole sequences.
    guard layout.rowCount > rows, obstacleToStretches(batch) == nil,
      configuration.sentenceHead == nil
    else {
      return try predictionsAndLoss(for: batch, state: &state, pass: pass, reduction: .sum)
    }
    try configuration.loss.check(batch, width: configuration.outputs)
    let steps = max(1, rows / layout.sequenceCount)
    var answers = [SequencePrediction.Answers?](repeating: nil, count: layout.sequenceCount)
    var sum = LossValue(value: 0, elements: 0, reduction: .sum)
    for first in stride(from: 0, to: layout.stepCount, by: steps) {
      let stretch = batch.steps(first..<min(first + steps, layout.stepCount), answersFrom: first)
      var inner = state.selecting(stretch.sequences)
      let (part, loss) = try predictionsAndLoss(
        for: stretch.batch, state: &inner, pass: pass, reduction: .sum)
      state.replace(stretch.sequences, with: inner)
      for (prediction, sequence) in zip(part, stretch.sequences) {
        answers[sequence] =
          answers[sequence]?.followed(by: prediction.answers) ?? prediction.answers
      }
      sum.value += loss.value
      sum.elements += loss.elements
    }
    return (answers.compactMap { $0.map { SequencePrediction($0) } }, sum)
  }
}

extension SequencePrediction.Answers {
  /// The answers of a sequence's steps and of those that come after.
  fileprivate func followed(by later: SequencePrediction.Answers) -> SequencePrediction.Answers {
    switch (self, later) {
    case (.classes(let first), .classes(let second)): .classes(first + second)
    case (.values(let first), .values(let second)): .values(first + second)
    default: preconditionFailure("one model answers alike at every step")
    }
  }
}
