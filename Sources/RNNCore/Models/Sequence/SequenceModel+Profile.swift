extension SequenceModel {
  /// The gradient profile of one batch, without training on it.
  ///
  /// Throws what ``addGradient(for:state:pass:reduction:to:)`` throws. Costs three forward passes; twice that for a
  /// bidirectional model that answers at every step and is probed by one answer, since its two directions need
  /// different ones.
  ///
  /// - Parameters:
  ///   - batch: sequences with targets.
  ///   - probing: which losses the gradient is of.
  ///   - pass: the workspace; nil for one of its own.
  ///   - reduction: how the losses of single answers are added up.
  public func profile(
    for batch: SequenceBatch, probing: ProfiledLoss = .lastAnswer, pass: ModelPass? = nil,
    reduction: Loss.Reduction = .mean
  ) throws(RNNError) -> GradientProfile {
    let pass = pass ?? makePass()
    guard probing == .lastAnswer, batch.answer == .everyStep else {
      return try profile(batch, probed: nil, pass: pass, reduction: reduction)
    }
    let last = batch.answers(at: .last)
    var profile = try profile(batch, probed: last, pass: pass, reduction: reduction)
    if network?.configuration.directions.count == 2 {
      let first = try self.profile(
        batch, probed: batch.answers(at: .first), pass: pass, reduction: reduction)
      for index in stride(from: 1, to: profile.layers.count, by: 2) {
        profile.layers[index] = first.layers[index]
      }
    }
    return profile
  }

  /// - Parameter probed: the step of the one answer of each rank that counts; nil for all answers.
  private func profile(
    _ batch: SequenceBatch, probed: [Int?]?, pass: ModelPass, reduction: Loss.Reduction
  ) throws(RNNError) -> GradientProfile {
    let profiler = try GradientProfiler(every: 1)
    let gradients = ParameterStore(layout: parameters.layout)
    var noDropout: RandomGenerator?
    let loss = try addGradient(
      for: probed.map(batch.keepingAnswers) ?? batch,
      initial: zeroState(sequences: batch.layout.sequenceCount), pass: pass, teacherForced: false,
      reduction: reduction, dropout: &noDropout, to: gradients, profiler: profiler)
    profiler.readBackward(
      gradients, weights: parameters, network: network, loss: loss.value, probed: probed)
    return profiler.history[0]
  }
}

extension SequenceBatch {
  enum AnswerPlace { case first, last }

  /// The step of the first or last answer of each rank; nil for a sequence that is asked for none.
  func answers(at place: AnswerPlace) -> [Int?] {
    (0..<layout.sequenceCount).map { rank in
      let steps = 0..<layout.lengths[layout.order[rank]]
      let isAsked = { (step: Int) in self.isAnswered(self.layout.stepOffsets[step] + rank) }
      return place == .first ? steps.first(where: isAsked) : steps.last(where: isAsked)
    }
  }

  /// The batch with no answer asked for but one of each rank.
  func keepingAnswers(_ steps: [Int?]) -> SequenceBatch {
    var mask = [Bool](repeating: false, count: layout.rowCount)
    for (rank, step) in steps.enumerated() {
      if let step { mask[layout.stepOffsets[step] + rank] = true }
    }
    var batch = self
    batch.answeredRows = mask
    batch.labels = nil
    return batch
  }

  private func isAnswered(_ row: Int) -> Bool {
    guard row >= firstAnsweredRow, answeredRows?[row] ?? true else { return false }
    if case .classes(let ids)? = targets { return ids[row] >= 0 }
    return true
  }
}
