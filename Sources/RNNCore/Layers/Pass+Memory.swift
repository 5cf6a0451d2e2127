extension Pass {
  /// Throws ``RNNError/Kind/memory`` where the process may not take what a batch needs that is
  /// larger than those before it, see ``AdmittedBatches``.
  package func admit(
    _ batch: [BatchExtent], recording: Bool, _ need: (_ recording: Bool) -> MemoryNeed
  ) throws(RNNError) {
    try admitted.admit(batch, recording: recording, need)
  }
}

/// The batches that a workspace has been found to have memory for, so that what a batch needs is
/// reckoned for the first and for larger ones alone.
struct AdmittedBatches {
  private var largest: [BatchExtent] = []
  private var isRecorded = false
  private var bytes = 0

  /// Throws ``RNNError/Kind/memory`` for a batch that the process has no memory for.
  ///
  /// - Parameters:
  ///   - batch: how large it is, in each of the ways in which it can be large.
  ///   - recording: whether BPTT follows.
  ///   - argument: what the error is about.
  ///   - need: what the workspace takes for it.
  mutating func admit(
    _ batch: [BatchExtent], recording: Bool, argument: String = "batch",
    _ need: (_ recording: Bool) -> MemoryNeed
  ) throws(RNNError) {
    let isKnown =
      (isRecorded || !recording) && largest.count == batch.count
      && zip(batch, largest).allSatisfy { $0.fits($1) }
    if isKnown { return }
    let need = need(recording)
    // What an earlier batch has taken is there to be used again.
    try need.check(taken: bytes, argument: argument)
    largest = largest.isEmpty ? batch : zip(largest, batch).map { $0.union($1) }
    isRecorded = isRecorded || recording
    bytes = max(bytes, need.bytes)
  }
}
