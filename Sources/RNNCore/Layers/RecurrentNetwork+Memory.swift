extension RecurrentNetwork {
  /// The floats of a pass over a batch, those of weights, input and the gradient of the output not
  /// among them.
  ///
  /// For N tokens, and a layer with S slots of H units, state width R, input width I and an
  /// emission of E (O of a Jordan network, H of an LRU, else 0); R[ragged] only where recurrent
  /// weights read the state:
  ///
  ///     a layer and direction, recorded    N · (S·H + R + E + H[cell state] + R[ragged])
  ///                                        + B · (2 R + 2 H[cell state] + max(H, R))
  ///     the same, not recorded             N · (R + E) + B · (R + H[cell state])
  ///                                        + S·H · min(N, rows of a stretch): those that take
  ///                                        1 MiB, but 64 and B at least
  ///     between layers                     2 N · I at most for gradients
  ///     two directions, each layer         N · (I + 2 output), and in BPTT once N · (I + output)
  ///     dropout between layers             2 N · I
  ///
  /// - Parameters:
  ///   - batch: its extent.
  ///   - recording: whether BPTT follows.
  ///   - inputGradient: whether it computes the input's gradient.
  ///   - copiesState: whether recurrent weights read a copy of the states in any case, as they do
  ///     with recurrent dropout and teacher forcing.
  ///   - hasDropout: whether masks are drawn.
  package func floats(
    _ batch: BatchExtent, recording: Bool, inputGradient: Bool, copiesState: Bool = false,
    hasDropout: Bool = false
  ) -> Amount {
    let tokens = Amount(batch.tokens)
    var floats = layers.reduce(Amount(0)) {
      $0 + $1.floats(batch, recording: recording, copiesState: copiesState)
    }
    if recording { floats += betweenLayers(tokens, inputGradient: inputGradient) }
    if configuration.directions.count == 2 {
      for level in 0..<configuration.layers {
        floats += tokens * (outputSize + (level == 0 ? configuration.inputSize : outputSize))
      }
    }
    if hasDropout { floats += tokens * (2 * outputSize) * (configuration.layers - 1) }
    return floats
  }

  private func betweenLayers(_ tokens: Amount, inputGradient: Bool) -> Amount {
    let (input, output) = (configuration.inputSize, outputSize)
    let isStack = configuration.layers > 1
    var floats = tokens * output * min(configuration.layers - 1, 2)
    if inputGradient { floats += tokens * input }
    if configuration.directions.count == 2 {
      let widest = isStack ? max(input, output) : input
      floats += tokens * (directionWidth + (isStack || inputGradient ? widest : 0))
    }
    return floats
  }

  /// The numbers of a state of all layers, for each of the sequences.
  package func stateFloats(sequences: Int) -> Amount {
    layers.reduce(Amount(0)) { $0 + Amount(sequences) * ($1.shape.state + $1.shape.cellState) }
  }

  /// The products of a table of `rows` vectors that the first layer keeps where it reads them in
  /// place of tokens, and their gradients: only for at least twice as many tokens.
  package func tableFloats(_ rows: Int, _ tokens: Int) -> Amount {
    guard tokens / 2 >= rows else { return 0 }
    let shape = layers[0].shape
    return Amount(rows) * (2 * shape.slots * shape.hidden) * configuration.directions.count
  }
}

extension RecurrentLayer {
  fileprivate func floats(
    _ batch: BatchExtent, recording: Bool, copiesState: Bool
  ) -> Amount {
    let (tokens, sequences) = (Amount(batch.tokens), Amount(batch.sequences))
    let (gates, cell) = (shape.slots * shape.hidden, shape.cellState)
    // Rows a kilobyte apart are padded.
    let row = gates % 256 == 0 ? gates + 16 : gates
    let reads = !shape.stepProducts.isEmpty
    guard recording else {
      let stretch = min(tokens, max(Amount(LayerTape.stretchRows(gates)), sequences))
      return tokens * (shape.state + shape.emission) + sequences * (shape.state + cell)
        + stretch * row
    }
    let copies = reads && (copiesState || !batch.isDense) ? shape.state : 0
    return tokens * (row + shape.state + cell + shape.emission + copies)
      + sequences * (2 * shape.state + 2 * cell + max(shape.hidden, shape.state))
  }
}
