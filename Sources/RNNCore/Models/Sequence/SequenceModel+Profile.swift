extension SequenceModel {
  /// The gradient profile of one batch, without training on it.
  ///
  /// Throws what ``addGradient(for:state:pass:reduction:to:)`` throws; `.unsupported` for a step to
  /// probe of a model that answers at the end, `.range` for one at which no sequence has an answer.
  /// Costs three forward passes; twice that for a bidirectional model that answers at every step
  /// and is probed by one answer, since its two directions need different ones.
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
    let probed = try batch.probed(probing)
    var profile = try profile(batch, probed: probed, pass: pass, reduction: reduction)
    profile.probe = probing
    if probed != nil, probing == .lastAnswer, network?.configuration.directions.count == 2 {
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
    let gradients = ParameterStore(layout: parameters.layout)
    let probe = PassProbe { _ in probed }
    let loss = try probe.watching(pass.layers) { () throws(RNNError) in
      var noDropout: RandomGenerator?
      return try addGradient(
        for: probed.map(batch.keepingAnswers) ?? batch,
        initial: zeroState(sequences: batch.layout.sequenceCount), pass: pass,
        teacherForced: false, reduction: reduction, dropout: &noDropout, to: gradients)
    }
    return probe.profile(loss: loss.value)
  }
}

extension SequenceBatch {
  enum AnswerPlace {
    case first, last
    case step(Int)
  }

  /// The step of the one answer of each rank that is probed; nil where all are, or a sequence has
  /// no other.
  func probed(_ probing: ProfiledLoss) throws(RNNError) -> [Int?]? {
    switch (probing, answer) {
    case (.allAnswers, _), (.lastAnswer, .atEnd): return nil
    case (.lastAnswer, .everyStep): return answers(at: .last)
    case (.step, .atEnd):
      throw RNNError(
        .unsupported, "probe", expected: "last: a sequence has one answer, at its end",
        found: "step \(probing)")
    case (.step(let step), .everyStep):
      let answers = answers(at: .step(step))
      guard answers.contains(where: { $0 != nil }) else {
        throw RNNError(
          .range, "probe", expected: "a step with an answer, of \(layout.stepCount) steps",
          found: "step \(step)")
      }
      return answers
    }
  }

  /// Whether a sequence has answers at more than one step.
  var hasSeveralAnswers: Bool {
    guard answer == .everyStep else { return false }
    return (0..<layout.sequenceCount).contains { rank in
      let steps = 0..<layout.lengths[layout.order[rank]]
      return steps.lazy.filter { isAnswered(layout.stepOffsets[$0] + rank) }.prefix(2).count > 1
    }
  }

  /// The step of the first or last answer of each rank; nil for a sequence that is asked for none.
  func answers(at place: AnswerPlace) -> [Int?] {
    (0..<layout.sequenceCount).map { rank in
      let steps = 0..<layout.lengths[layout.order[rank]]
      let isAsked = { (step: Int) in self.isAnswered(self.layout.stepOffsets[step] + rank) }
      switch place {
      case .first: return steps.first(where: isAsked)
      case .last: return steps.last(where: isAsked)
      case .step(let step): return steps.contains(step) && isAsked(step) ? step : nil
      }
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

extension SequenceModel {
  /// Runs the model over a batch, and takes its longest sequence; see
  /// ``RecurrentNetwork/spectra(of:parameters:sequence:)``. Empty for a feed-forward model.
  package func spectra(
    for batch: SequenceBatch, pass: ModelPass
  ) throws(RNNError) -> [LayerSpectrum.Outcome] {
    var state = zeroState(sequences: batch.layout.sequenceCount)
    _ = try outputs(for: batch, state: &state, pass: pass, recording: true)
    guard let network, let tape = pass.tape else { return [] }
    return network.spectra(of: tape, parameters: parameters, sequence: batch.layout.order[0])
  }
}
