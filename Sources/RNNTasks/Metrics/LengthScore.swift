/// The main score of sources of some lengths.
public struct LengthScore: Codable, Hashable, Sendable {
  /// The source lengths that are counted, in steps.
  public let lengths: ClosedRange<Int>
  /// How many sources have such a length.
  public let sentences: Int
  /// Their score.
  public let metric: Metric

  /// Makes a score of sources with some lengths.
  public init(lengths: ClosedRange<Int>, sentences: Int, metric: Metric) {
    self.lengths = lengths
    self.sentences = sentences
    self.metric = metric
  }
}
