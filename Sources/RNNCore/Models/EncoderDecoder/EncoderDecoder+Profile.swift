extension EncoderDecoder {
  /// The gradient profile of one batch, without training on it: the layers of the encoder (`encoder.l0`,
  /// `encoder.l0_reverse`, …) and of the decoder (`decoder.l0`, …), and the ways between the two
  /// (``GradientProfile/paths``: `decoder.start`, `attention`).
  ///
  /// With ``ProfiledLoss/lastAnswer`` the gradient is that of each target's end alone, so that what reaches the
  /// encoder has come all the way: through the decoder's steps and the initial states, or through attention. Steps of
  /// the source are counted as the encoder reads them, see ``EncoderDecoderConfiguration/reversesSource``.
  ///
  /// Throws `.vocabulary` and `.shape` for a batch that does not fit the model. Costs a forward and a backward pass.
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
    let ends =
      pass.wentBySteps
      ? batch.targets.layout.lastRows : batch.plan.queries.map { $0.upperBound - 1 }
    let loss = evaluateLoss(
      logits, batch, pass: pass, answers: probing == .lastAnswer ? ends : nil)
    try pass.layers.backward()
    return GradientProfile(
      step: 0, loss: loss.value, layers: readers.flatMap { $0.layers() },
      parameters: ProfileReader.parameters(
        gradients, weights: parameters, layers: layers.encoder.layers + layers.decoder.layers),
      paths: [start(pass), path].compactMap { $0 })
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
