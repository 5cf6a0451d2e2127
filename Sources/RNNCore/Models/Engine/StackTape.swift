/// A tape with what it was found to have memory for.
final class StackTape: @unchecked Sendable {
  let tape: RecurrentTape
  private var admitted = AdmittedBatches()

  init(_ tape: RecurrentTape) { self.tape = tape }

  /// Throws ``RNNError/Kind/memory`` for a batch that the process has no memory for.
  func admit(
    _ network: RecurrentNetwork, _ layout: SequenceLayout, recording: Bool, hasDropout: Bool
  ) throws(RNNError) {
    let batch = BatchExtent(layout)
    try admitted.admit(batch, recording: recording) { recording in
      var need = MemoryNeed()
      need.add(
        "states and gates",
        floats: network.floats(
          batch, recording: recording, inputGradient: true, hasDropout: hasDropout))
      return need
    }
  }
}

/// States that are read in one place and written in another.
struct StateExchange: StateStorage {
  let source: StateMemory
  var target: StateMemory

  func read(_ part: StatePart, _ index: Int, _ body: (UnsafePointer<Float>?) -> Void) {
    source.read(part, index, body)
  }

  mutating func write(
    _ part: StatePart, _ index: Int, _ body: (UnsafeMutablePointer<Float>?) -> Void
  ) {
    target.write(part, index, body)
  }
}
