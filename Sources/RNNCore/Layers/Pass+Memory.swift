extension Pass {
  /// Throws ``RNNError/Kind/memory`` where the process may not take what a batch needs that is
  /// larger than those before it, see ``AdmittedBatches``.
  package func admit(
    _ batch: BatchExtent, beside other: BatchExtent = .nothing, recording: Bool,
    _ need: (_ recording: Bool) -> MemoryNeed
  ) throws(RNNError) {
    try admitted.admit(batch, beside: other, recording: recording, need)
  }
}

/// The batches that a workspace has been found to have memory for, so that what a batch needs is
/// reckoned for the first and for larger ones alone.
struct AdmittedBatches {
  private var largest = (batch: BatchExtent.nothing, other: BatchExtent.nothing)
  private var isRecorded = false
  private var bytes = 0

  /// Throws ``RNNError/Kind/memory`` for a batch that the process has no memory for.
  ///
  /// - Parameters:
  ///   - batch: how large it is.
  ///   - other: how large what comes with it is, such as the targets of pairs.
  ///   - recording: whether BPTT follows.
  ///   - argument: what the error is about.
  ///   - need: what the workspace takes for it.
  mutating func admit(
    _ batch: BatchExtent, beside other: BatchExtent = .nothing, recording: Bool,
    argument: String = "batch",
    _ need: (_ recording: Bool) -> MemoryNeed
  ) throws(RNNError) {
    let isKnown =
      (isRecorded || !recording) && batch.fits(largest.batch) && other.fits(largest.other)
    if isKnown { return }
    let need = need(recording)
    // What an earlier batch has taken is there to be used again.
    try need.check(taken: bytes, argument: argument)
    largest = (largest.batch.union(batch), largest.other.union(other))
    isRecorded = isRecorded || recording
    bytes = max(bytes, need.bytes)
  }
}

extension BatchExtent {
  /// The extent of no batch.
  package static var nothing: BatchExtent { BatchExtent(sequences: 0, tokens: 0) }
}
