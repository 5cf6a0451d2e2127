extension EncoderDecoder {
  /// Runs encoder and decoder up to the readout, in a pass that has begun: returns [N, H], of which
  /// the readout makes the logits of all target rows, in the order of sentences or, when the
  /// decoder goes by steps, packed.
  ///
  /// - Parameter sampling: ε, see ``SamplingSchedule``; 0 feeds the targets.
  func forward(
    _ batch: PairBatch, sampling: Double = 0, pass: EncoderDecoderPass
  ) throws(RNNError) -> Rows {
    let source = try encode(batch.sources, pass: pass)
    pass.wentBySteps = configuration.feeding != .none || sampling > 0
    let answers =
      pass.wentBySteps
      ? try decodeBySteps(batch, source, sampling: sampling, pass: pass)
      : try decode(batch.targets, source, pass: pass)
    return try layers.dropout(answers)
  }

  /// Reads the sources: the encoder's outputs in the order of sentences [S, H], and the states that
  /// the decoder starts from.
  struct Source {
    let keys: Rows
    let start: States
  }

  func encode(
    _ sources: SequenceBatch, pass: EncoderDecoderPass
  ) throws(RNNError) -> Source {
    let steps =
      if let embedding = layers.sourceEmbedding { try embedding(sources, in: pass.layers) } else {
        try pass.layers.features(sources, width: configuration.source.width)
      }
    let reading = try layers.encoder.read(layers.dropout(steps))
    pass.encoder = reading.tape
    return Source(
      keys: try reading.outputs.bySequence(),
      start: StateBridge(configuration)(
        reading.finalStates(), decoder: layers.decoder, in: pass.layers))
  }

  /// The input of the readout, all steps of all targets at once: tanh(W [c; d] + b), or d without
  /// attention.
  private func decode(
    _ targets: SequenceBatch, _ source: Source, pass: EncoderDecoderPass
  ) throws(RNNError) -> Rows {
    let tokens = try layers.dropout(layers.targetEmbedding(targets, in: pass.layers))
    let reading = try layers.decoder.read(tokens, from: source.start)
    pass.decoder = reading.tape
    let outputs = try reading.outputs.bySequence()
    guard let attention = layers.attention, let combination = layers.combination else {
      return outputs
    }
    let found = try attention.look(outputs, over: source.keys)
    pass.look = found.record
    return try combination(.sideBySide(found.contexts, outputs))
  }
}
