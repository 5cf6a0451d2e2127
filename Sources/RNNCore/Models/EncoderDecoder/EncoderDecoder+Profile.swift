extension EncoderDecoder {
  /// The gradient profile of one batch, without training on it: the layers of the encoder
  /// (`encoder.l0`, `encoder.l0_reverse`, …) and of the decoder (`decoder.l0`, …), and the ways
  /// between the two (``GradientProfile/paths``: `decoder.start`, `attention`, `attention.query`).
  ///
  /// With ``ProfiledLoss/lastAnswer`` the gradient is that of each target's end alone, so that what
  /// reaches the encoder has come all the way: through the decoder's steps and the initial states,
  /// or through attention. Steps of the source are counted as the encoder reads them, see
  /// ``EncoderDecoderConfiguration/reversesSource``.
  ///
  /// Throws `.vocabulary` and `.shape` for a batch that does not fit the model, `.range` for a step
  /// to probe that no target has. Costs a forward and a backward pass.
  ///
  /// - Parameters:
  ///   - batch: pairs.
  ///   - probing: which losses the gradient is of.
  ///   - pass: the workspace; nil for one of its own.
  public func profile(
    for batch: PairBatch, probing: ProfiledLoss = .lastAnswer, pass: EncoderDecoderPass? = nil
  ) throws(RNNError) -> GradientProfile {
    let pass = pass ?? makePass()
    try check(batch)
    let gradients = ParameterStore(layout: parameters.layout)
    // The decoder's distances are those from the probed token.
    let probe = PassProbe(seesLastQueries: probing == .lastAnswer) { tape in
      tape === pass.decoder ? batch.targets.layout.probed(probing) : nil
    }
    let loss = try probe.watching(pass.layers) { () throws(RNNError) in
      try pass.layers.begin(gradients: gradients)
      let answers = try forward(batch, pass: pass)
      let counted = try self.answers(probing, of: batch, pass)
      let loss = try evaluateLoss(answers, batch, pass: pass, counted: counted)
      try pass.layers.backward()
      return loss
    }
    var profile = probe.profile(loss: loss.value)
    profile.probe = probing
    return profile
  }

  public func profile(
    for batch: PairBatch, probing: ProfiledLoss, beside pass: EncoderDecoderPass
  ) throws(RNNError) -> GradientProfile {
    let own = pass.probing ?? makePass()
    pass.probing = own
    return try profile(for: batch, probing: probing, pass: own)
  }

  /// The rows of the logits whose loss is probed; nil for all.
  private func answers(
    _ probing: ProfiledLoss, of batch: PairBatch, _ pass: EncoderDecoderPass
  ) throws(RNNError) -> [Int]? {
    let layout = batch.targets.layout
    switch probing {
    case .allAnswers: return nil
    case .lastAnswer:
      return pass.wentBySteps ? layout.lastRows : batch.plan.queries.map { $0.upperBound - 1 }
    case .step(let step):
      guard step < layout.stepCount else {
        throw RNNError(
          .range, "probe", expected: "a step of the target, of \(layout.stepCount)",
          found: "step \(step)")
      }
      let sequences = layout.lengths.indices.filter { layout.lengths[$0] > step }
      return sequences.map {
        pass.wentBySteps
          ? layout.row(sequence: $0, step: step) : batch.plan.queries[$0].lowerBound + step
      }
    }
  }
}

extension SequenceLayout {
  /// The step of the probed answer by rank, or nil where a target has none; nil where it is the
  /// last.
  fileprivate func probed(_ probing: ProfiledLoss) -> [Int?]? {
    guard case .step(let step) = probing else { return nil }
    return order.map { lengths[$0] > step ? step : nil }
  }
}
