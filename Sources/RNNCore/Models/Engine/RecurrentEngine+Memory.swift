extension RecurrentEngine {
  /// The bytes that the engine needs for a batch, within a few per cent: what it will have
  /// allocated after a forward pass (and BPTT, when recording).
  ///
  /// In floats, for N tokens, and a layer with S slots of H units, state width R, input width I and
  /// an emission of E (O of a Jordan network, H of an LRU, else 0); R[ragged] only where recurrent
  /// weights read the state:
  ///
  ///     a layer and direction, recorded    N · (S·H + R + E + H[cell state] + R[ragged])
  ///                                        + B · (2 R + 2 H[cell state] + max(H, R))
  ///     the same, not recorded             N · (R + E) + B · (R + H[cell state])
  ///                                        + S·H · min(N, rows of a stretch): those that take
  ///                                        1 MiB, but 64 and B at least
  ///     the engine                         N · (I + output + I[input gradient])
  ///     between layers                     2 N · I at most for gradients
  ///     two directions, each layer         N · (I + 2 output), and in BPTT once N · (I + output)
  ///     weights                            P for parameters and P for gradients; with packed
  ///                                        products (all but the portable kernels) P for the
  ///                                        forward pass and P for BPTT
  ///
  /// So a recorded LSTM layer with I = H takes 36·H bytes a token, gradients of inputs and outputs
  /// included. Nothing grows with T but N does: memory is linear in the number of tokens, and that
  /// is all.
  ///
  /// - Parameters:
  ///   - layout: the batch.
  ///   - recording: whether BPTT follows.
  ///   - inputGradient: whether it computes the input's gradient.
  public func memoryNeeded(
    for layout: SequenceLayout, recording: Bool = true, inputGradient: Bool = true
  ) -> Int {
    let configuration = network.configuration
    let (tokens, input, output) = (layout.rowCount, configuration.inputSize, network.outputSize)
    let packed = PackedWeights.isFaster ? (recording ? 2 : 1) : 0
    var floats = tokens * (input + output) + parameters.layout.storageCount * (2 + packed)
    for layer in network.layers {
      floats += layer.floats(layout, recording: recording)
    }
    if recording { floats += betweenLayers(tokens, inputGradient: inputGradient) }
    if configuration.directions.count == 2 {
      for level in 0..<configuration.layers {
        floats += tokens * (output + (level == 0 ? input : output))
      }
    }
    return floats * MemoryLayout<Float>.stride
  }

  private func betweenLayers(_ tokens: Int, inputGradient: Bool) -> Int {
    let configuration = network.configuration
    let (input, output) = (configuration.inputSize, network.outputSize)
    var floats = min(configuration.layers - 1, 2) * tokens * output
    if inputGradient { floats += tokens * input }
    if configuration.directions.count == 2 {
      let widest = configuration.layers > 1 ? max(input, output) : input
      floats +=
        tokens * (network.directionWidth + (configuration.layers > 1 || inputGradient ? widest : 0))
    }
    return floats
  }
}

extension RecurrentLayer {
  fileprivate func floats(_ layout: SequenceLayout, recording: Bool) -> Int {
    let (tokens, sequences) = (layout.rowCount, layout.sequenceCount)
    let (gates, cell) = (shape.slots * shape.hidden, shape.cellState)
    guard recording else {
      let stretch = min(tokens, max(LayerTape.stretchRows(gates), sequences))
      return tokens * (shape.state + shape.emission) + sequences * (shape.state + cell)
        + stretch * gates
    }
    let copies = layout.isDense || shape.stepProducts.isEmpty ? 0 : shape.state
    return tokens * (gates + shape.state + cell + shape.emission + copies)
      + sequences * (2 * shape.state + 2 * cell + max(shape.hidden, shape.state))
  }
}
