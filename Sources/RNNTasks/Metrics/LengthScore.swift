/// The main score of sources of some lengths.
public struct LengthScore: Hashable, Sendable {
  public let lengths: ClosedRange<Int>
  public let sentences: Int
  public let metric: Metric

  public init(lengths: ClosedRange<Int>, sentences: Int, metric: Metric) {
    self.lengths = lengths
    self.sentences = sentences
    self.metric = metric
  }
}
