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
  ///                                        products (``ProductBackend``) P for the forward pass
  ///                                        and P for BPTT
  ///
  /// So a recorded LSTM layer with I = H takes 36·H bytes a token, gradients of inputs and outputs
  /// included. Nothing grows with T but N does: memory is linear in the number of tokens, and that
  /// is all. `Int.max` stands for all that is larger.
  ///
  /// - Parameters:
  ///   - layout: the batch.
  ///   - recording: whether BPTT follows.
  ///   - inputGradient: whether it computes the input's gradient.
  public func memoryNeeded(
    for layout: SequenceLayout, recording: Bool = true, inputGradient: Bool = true
  ) -> Int {
    let batch = BatchExtent(layout)
    let packed = team.products == .packed ? (recording ? 2 : 1) : 0
    var need = MemoryNeed()
    need.add("weights", floats: Amount(parameters.layout.storageCount) * (2 + packed))
    need.add(
      "activations",
      floats: Amount(batch.tokens) * (network.configuration.inputSize + network.outputSize)
        + network.floats(batch, recording: recording, inputGradient: inputGradient))
    return need.bytes
  }
}
