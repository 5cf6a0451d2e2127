import RNNCore

/// A source with what is to be written for it, in ids and as it is scored.
public struct PairItem: Hashable, Sendable {
  /// What an answer is compared with.
  public enum Reference: Hashable, Sendable {
    /// Words or characters, those that no vocabulary knows too.
    case tokens([String])
    /// A tree over the source's words.
    case tree(BracketedTree)
  }

  /// Token ids of what is read.
  public var source: [Int32]
  /// Without start and end.
  public var target: [Int32]
  /// What the answer is compared with.
  public var reference: Reference
  /// Which of several test sets it is of: an index into ``PairTask/testNames``.
  public var set = 0
}
