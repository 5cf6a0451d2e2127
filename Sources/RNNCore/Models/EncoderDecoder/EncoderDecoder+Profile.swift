extension EncoderDecoder {
  /// The gradient profile of one batch, without training on it: the layers of the encoder (`encoder.l0`,
  /// `encoder.l0_reverse`, …) and of the decoder (`decoder.l0`, …), and the ways between the two
  /// (``GradientProfile/paths``: `decoder.start`, `attention`).
  ///
  /// With ``ProfiledLoss/lastAnswer`` the gradient is that of each target's end alone, so that what reaches the
  /// encoder has come all the way: through the decoder's steps and the initial states, or through attention. Steps of
  /// the source are counted as the encoder reads them, see ``EncoderDecoderConfiguration/reversesSource``.
  ///
  /// Throws `.vocabulary` and `.shape` for a batch that does not fit the model, `.range` for a step to probe that no
  /// target has. Costs a forward and a backward pass.
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
    try pass.layers.begin(gradients: gradients)
    let logits = try forward(batch, pass: pass)
    let readers = [(layers.encoder, pass.encoder), (layers.decoder, pass.decoder)].compactMap {
      network, tape in
      tape.map {
        ProfileReader(
          network, $0, probes: network.layers.map { _ in GradientProbe() }, shares: team.count)
      }
    }
    defer { for reader in readers { reader.detach() } }
    var path: GradientProfile.Path?
    // The keys' gradient is worked on when the pass has gone further.
    let watch = { (keys: Matrix) in
      path = pass.attention.map {
        GradientProfile.Path(
          attention: "attention", keys: keys, $0, onlyLast: probing == .lastAnswer)
      }
    }
    pass.look?.observer = watch
    pass.steps.observer = watch
    defer {
      pass.look?.observer = nil
      pass.steps.observer = nil
    }
    let answers = try answers(probing, of: batch, pass)
    let loss = evaluateLoss(logits, batch, pass: pass, answers: answers)
    try pass.layers.backward()
    var profile = GradientProfile(
      step: 0, loss: loss.value,
      layers: readers.enumerated().flatMap { index, reader in
        // The decoder's distances are those from the probed token.
        reader.layers(probed: index > 0 ? probed(probing, on: pass.decoder) : nil)
      },
      parameters: ProfileReader.parameters(
        gradients, weights: parameters, layers: layers.encoder.layers + layers.decoder.layers),
      paths: [start(pass), path].compactMap { $0 })
    profile.probe = probing
    profile.hasSeveralLosses = answers == nil && batch.targets.layout.stepCount > 1
    return profile
  }

  /// The step of the probed answer by rank, or nil where a target has none; nil where it is the last.
  private func probed(_ probing: ProfiledLoss, on tape: RecurrentTape?) -> [Int?]? {
    guard case .step(let step) = probing, let layout = tape?.layout else { return nil }
    return layout.order.map { layout.lengths[$0] > step ? step : nil }
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

  /// After a backward pass, which leaves the gradients of the decoder's initial states.
  private func start(_ pass: EncoderDecoderPass) -> GradientProfile.Path? {
    guard let states = pass.start?.slope.gradient else { return nil }
    let squares = (states.hidden + states.cell).joined().reduce(0.0) {
      $0 + Double($1) * Double($1)
    }
    return GradientProfile.Path("decoder.start", norm: squares.squareRoot())
  }
}
