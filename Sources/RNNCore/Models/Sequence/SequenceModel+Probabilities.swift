extension SequenceModel {
  /// The model's answers for sequences of any lengths, and what it gives each possible answer.
  ///
  /// Probabilities are row-major [T, O], or [O] for answers at the end, in the caller's order: the
  /// softmax of the outputs for classes; for ``Loss/conditionalRandomField`` p(y_t = k | x), the
  /// share of all paths that go through class k at step t, each path weighted by its probability;
  /// for ``Loss/bernoulliCrossEntropy`` the sigmoid of each output; for
  /// ``Loss/connectionistTemporalClassification`` the softmax of each step, the blank first.
  ///
  /// Throws `.unsupported` for a model of numbers, which has none, `.empty` for no sequences and
  /// for one without steps, `.shape` and `.vocabulary` for inputs that do not fit the model. Costs
  /// a forward pass and an exponential a number; for a conditional random field 2·K²
  /// multiplications a token beside.
  ///
  /// - Parameters:
  ///   - inputs: the sequences, each from a state of zeros.
  ///   - pass: the workspace; nil for one of its own.
  public func predictionsAndProbabilities(
    for inputs: [Example.Input], pass: ModelPass? = nil
  ) throws(RNNError) -> (predictions: [SequencePrediction], probabilities: [[Float]]) {
    let batch = try SequenceBatch(inputs: inputs, answer: configuration.answer)
    var state = zeroState(sequences: inputs.count)
    return try predictionsAndProbabilities(for: batch, state: &state, pass: pass ?? makePass())
  }

  /// The same of a batch whose sequences go on from `state`, which is carried over.
  ///
  /// - Parameters:
  ///   - batch: the sequences; targets and labels are not looked at.
  ///   - state: the state before the first step; the state after the last when it returns.
  ///   - pass: the workspace.
  public func predictionsAndProbabilities(
    for batch: SequenceBatch, state: inout RecurrentState, pass: ModelPass
  ) throws(RNNError) -> (predictions: [SequencePrediction], probabilities: [[Float]]) {
    guard configuration.loss != .meanSquaredError else {
      throw RNNError(
        .unsupported, "probabilities", expected: "a model of classes or of yes and no",
        found: "one of numbers")
    }
    let outputs = try evaluate(batch, state: &state, pass: pass).matrix
    let predictions = predict(outputs, batch, pass: pass)
    switch configuration.loss {
    case .conditionalRandomField:
      chain?.makeMarginals(
        outputs, batch.layout, parameters: parameters, workspace: pass.chain, team: team)
    case .bernoulliCrossEntropy: Activation.sigmoid.apply(outputs, into: outputs)
    default: Softmax.apply(outputs, into: outputs)
    }
    return (predictions, collect(outputs, batch))
  }

  /// The loss of each answer of a batch, −log p(target) in nats: [T] for each sequence, or [1] for
  /// an answer at the end, in the caller's order. Answers that are not asked for have none: 0.
  ///
  /// Throws `.unsupported` for another loss than ``Loss/softmaxCrossEntropy``, `.shape` and
  /// `.vocabulary` for a batch or state that does not fit the model. Costs a forward pass and an
  /// exponential a number.
  ///
  /// - Parameters:
  ///   - batch: sequences with classes as targets.
  ///   - state: the state before the first step; the state after the last when it returns.
  ///   - pass: the workspace.
  public func answerLosses(
    for batch: SequenceBatch, state: inout RecurrentState, pass: ModelPass
  ) throws(RNNError) -> [[Double]] {
    guard configuration.loss == .softmaxCrossEntropy else {
      throw RNNError(
        .unsupported, "losses of single answers", expected: Loss.softmaxCrossEntropy.rawValue,
        found: configuration.loss.rawValue)
    }
    try configuration.loss.check(batch, width: configuration.outputs)
    guard case .classes(let ids)? = batch.targets else {
      preconditionFailure("a batch that was checked has classes")
    }
    let outputs = try evaluate(batch, state: &state, pass: pass).matrix
    return rows(of: batch).map { rows in
      rows.map { row in
        var (id, weight) = (ids[row], Float(1))
        guard id >= 0 else { return 0 }
        let values = outputs.rows(row..<row + 1)
        return kernels.softmax_cross_entropy(
          1, values.columns, values.pointer, values.stride, &id, &weight)
      }
    }
  }
}
