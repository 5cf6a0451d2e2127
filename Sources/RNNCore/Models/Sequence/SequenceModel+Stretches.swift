extension SequenceModel {
  /// Why sequences cannot be read a stretch of steps after the other, with the state carried on
  /// between; nil when they can.
  ///
  /// - Parameter labelled: whether the sequences have labels.
  func obstacleToStretches(labelled: Bool) -> (expected: String, found: String)? {
    if network?.configuration.directions ?? .forward != .forward {
      return ("a network in one direction", "a bidirectional one")
    }
    if window.readsLater {
      return ("a context window of the past", "one that shows steps not yet read")
    }
    if configuration.answer != .everyStep {
      return ("an answer at every step", "an answer at the end")
    }
    if configuration.loss.isOfWholeSequences {
      return ("a loss of single steps", "one of whole sequences")
    }
    if configuration.sentenceHead != nil, labelled {
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
    guard layout.rowCount > rows, obstacleToStretches(labelled: batch.labels != nil) == nil,
      configuration.sentenceHead == nil
    else {
      return try predictionsAndLoss(for: batch, state: &state, pass: pass, reduction: .sum)
    }
    try configuration.loss.check(batch, width: configuration.outputs)
    let steps = max(1, rows / layout.sequenceCount)
    var answers = GrowingAnswers(sequences: layout.sequenceCount)
    var sum = LossValue(value: 0, elements: 0, reduction: .sum)
    for first in stride(from: 0, to: layout.stepCount, by: steps) {
      let stretch = batch.steps(first..<min(first + steps, layout.stepCount), answersFrom: first)
      var inner = state.selecting(stretch.sequences)
      let (part, loss) = try predictionsAndLoss(
        for: stretch.batch, state: &inner, pass: pass, reduction: .sum)
      state.replace(stretch.sequences, with: inner)
      for (prediction, sequence) in zip(part, stretch.sequences) {
        answers.append(prediction.answers, to: sequence)
      }
      sum.value += loss.value
      sum.elements += loss.elements
    }
    return (answers.predictions, sum)
  }
}

/// Answers of sequences that are read in stretches, which grow in their place.
private struct GrowingAnswers {
  private var classes: [[Int32]]
  private var values: [[Float]]

  init(sequences: Int) {
    classes = Array(repeating: [], count: sequences)
    values = Array(repeating: [], count: sequences)
  }

  /// Adds the answers of a sequence's next steps: of one kind for all.
  mutating func append(_ answers: SequencePrediction.Answers, to sequence: Int) {
    switch answers {
    case .classes(let ids): classes[sequence] += ids
    case .values(let numbers): values[sequence] += numbers
    case .labelling: preconditionFailure("a labelling is of a whole sequence")
    }
  }

  var predictions: [SequencePrediction] {
    zip(classes, values).map { $1.isEmpty ? .classes($0) : .values($1) }
  }
}
