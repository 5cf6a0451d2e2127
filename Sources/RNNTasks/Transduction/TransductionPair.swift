/// A source sequence and the target that belongs to it, as token ids from 0 without symbols for a
/// start or an end.
public struct TransductionPair: Hashable, Sendable {
  public let source: [Int32]
  public let target: [Int32]

  public init(source: [Int32], target: [Int32]) {
    self.source = source
    self.target = target
  }
}
