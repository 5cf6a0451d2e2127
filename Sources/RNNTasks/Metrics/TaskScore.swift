/// All that a task says about answers on held-out data.
public struct TaskScore: Hashable, Sendable {
  /// The main one first.
  public var metrics: [Metric]
  /// Precision, recall and F1 of chunks, by type.
  public var chunks: ChunkScore?
  /// Which classes were taken for which.
  public var confusion: ConfusionMatrix?

  public init(
    metrics: [Metric], chunks: ChunkScore? = nil, confusion: ConfusionMatrix? = nil
  ) {
    self.metrics = metrics
    self.chunks = chunks
    self.confusion = confusion
  }
}
