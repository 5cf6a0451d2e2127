/// All that a task says about answers on held-out data.
public struct TaskScore: Hashable, Sendable {
  /// The main one first.
  public var metrics: [Metric]
  /// Precision, recall and F1 of chunks, by type.
  public var chunks: ChunkScore?
  /// The same of the brackets of trees.
  public var brackets: BracketScore?
  /// Which classes were taken for which.
  public var confusion: ConfusionMatrix?
  /// The main score by the length of the source, shortest first.
  public var byLength: [LengthScore]

  /// Makes a score.
  ///
  /// - Parameters:
  ///   - metrics: the main score first.
  ///   - chunks: precision, recall and F1 by type; nil for tasks without chunks.
  ///   - brackets: scores of trees; nil for tasks without them.
  ///   - confusion: which class was taken for which; nil for tasks without classes.
  ///   - byLength: the main score by the length of the source.
  public init(
    metrics: [Metric], chunks: ChunkScore? = nil, brackets: BracketScore? = nil,
    confusion: ConfusionMatrix? = nil, byLength: [LengthScore] = []
  ) {
    self.metrics = metrics
    self.chunks = chunks
    self.brackets = brackets
    self.confusion = confusion
    self.byLength = byLength
  }
}
