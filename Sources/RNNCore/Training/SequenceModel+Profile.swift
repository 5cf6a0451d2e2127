extension SequenceModel {
  /// The gradient profile of one batch, without training on it.
  ///
  /// Throws what ``addGradient(of:state:pass:reduction:to:)`` throws.
  ///
  /// - Parameters:
  ///   - batch: sequences with targets.
  ///   - probing: which losses the gradient is of.
  ///   - pass: the workspace; nil for one of its own.
  ///   - reduction: how the losses of single answers are added up.
  public func profile(
    of batch: SequenceBatch, probing: ProfiledLoss = .lastAnswer, pass: ModelPass? = nil,
    reduction: Loss.Reduction = .mean
  ) throws(RNNError) -> GradientProfile {
    let profiler = try GradientProfiler(every: 1)
    let gradients = ParameterStore(layout: parameters.layout)
    var noDropout: RandomGenerator?
    let probed = probing == .lastAnswer ? batch.keepingLastAnswers() : batch
    let loss = try addGradient(
      of: probed, initial: zeroState(sequences: batch.layout.sequenceCount),
      pass: pass ?? makePass(), teacherForced: false, reduction: reduction, dropout: &noDropout,
      to: gradients, profiler: profiler)
    profiler.readBackward(
      gradients, weights: parameters, network: network, loss: loss.value)
    return profiler.history[0]
  }
}

extension SequenceBatch {
  /// The batch with no answer asked for but each sequence's last one.
  func keepingLastAnswers() -> SequenceBatch {
    guard answer == .everyStep else { return self }
    var mask = [Bool](repeating: false, count: layout.rowCount)
    for rank in 0..<layout.sequenceCount {
      let last = (0..<layout.lengths[layout.order[rank]]).last {
        isAnswered(layout.stepOffsets[$0] + rank)
      }
      if let last { mask[layout.stepOffsets[last] + rank] = true }
    }
    var batch = self
    batch.answeredRows = mask
    return batch
  }

  private func isAnswered(_ row: Int) -> Bool {
    guard row >= firstAnsweredRow, answeredRows?[row] ?? true else { return false }
    if case .classes(let ids)? = targets { return ids[row] >= 0 }
    return true
  }
}
