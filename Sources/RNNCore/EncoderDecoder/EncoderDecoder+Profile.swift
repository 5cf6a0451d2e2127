extension EncoderDecoder {
  /// The gradient profile of one batch, without training on it: the layers of the encoder (`encoder.l0`,
  /// `encoder.l0_reverse`, …) and of the decoder (`decoder.l0`, …), and the ways between the two
  /// (``GradientProfile/encoderPaths``).
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
    of batch: PairBatch, probing: ProfiledLoss = .lastAnswer, pass: EncoderDecoderPass? = nil
  ) throws(RNNError) -> GradientProfile {
    let pass = pass ?? makePass()
    try check(batch)
    let gradients = ParameterStore(layout: parameters.layout)
    var noDropout: RandomGenerator?
    let logits = forward(batch, pass: pass, isRecorded: true, dropout: &noDropout)
    let readers = [(layers.encoder, pass.encoder), (layers.decoder, pass.decoder)].map {
      network, tape in
      ProfileReader(
        network, tape, probes: network.layers.map { _ in GradientProbe() }, shares: team.count)
    }
    defer { for reader in readers { reader.detach() } }
    let ends =
      pass.wentBySteps
      ? batch.targets.layout.lastRows : batch.plan.queries.map { $0.upperBound - 1 }
    let loss = evaluateLoss(
      logits, batch, pass: pass, answers: probing == .lastAnswer ? ends : nil)
    backward(logits, batch, pass: pass, gradients: gradients)
    return GradientProfile(
      step: 0, loss: loss.value, layers: readers.flatMap { $0.layers() },
      parameters: ProfileReader.parameters(
        gradients, weights: parameters, layers: layers.encoder.layers + layers.decoder.layers),
      encoderPaths: encoderPaths(pass, probing))
  }

  /// After a backward pass, which leaves the gradients of the decoder's initial states and of attention's keys.
  private func encoderPaths(
    _ pass: EncoderDecoderPass, _ probing: ProfiledLoss
  ) -> GradientProfile.EncoderPaths {
    let states = pass.decoderState
    let squares = (states.hidden + states.cell).joined().reduce(0.0) {
      $0 + Double($1) * Double($1)
    }
    guard layers.attention != nil else {
      return GradientProfile.EncoderPaths(bridge: squares.squareRoot(), attention: nil)
    }
    let keys = pass.keyGradient.matrix(pass.attention.plan.keyCount, configuration.hiddenSize)
    return GradientProfile.EncoderPaths(
      bridge: squares.squareRoot(),
      attention: GradientProfile.AttentionPath(keys, pass.attention, probing: probing))
  }
}
