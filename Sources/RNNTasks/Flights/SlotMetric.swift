/// How slot filling is scored.
public enum SlotMetric: String, CaseIterable, Sendable {
  /// The share of tokens with the right tag, O included.
  case tokenAccuracy = "token accuracy"
  /// The F1 of whole slots, as ``ChunkScore`` counts them.
  case chunkF1 = "F1"
}
