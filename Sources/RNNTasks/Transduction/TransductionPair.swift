/// A source sequence and the target that belongs to it, as token ids from 0 without symbols for a
/// start or an end.
public struct TransductionPair: Hashable, Sendable {
  /// What is read.
  public let source: [Int32]
  /// What is to be written.
  public let target: [Int32]

  /// Makes a pair of what is read and what is to be written.
  public init(source: [Int32], target: [Int32]) {
    self.source = source
    self.target = target
  }
}
