/// How large a batch is, as far as memory is concerned: its sequences, their steps, and the cells
/// of tables of steps by labels.
///
/// ```swift
/// let need = try configuration.memoryNeeded(for: BatchExtent(sequences: 32, steps: 100))
/// ```
public struct BatchExtent: Sendable, Hashable {
  /// B.
  public var sequences: Int
  /// N, the steps of all sequences together.
  public var tokens: Int
  /// Cells of tables of steps by labels, which connectionist temporal classification fills:
  /// T · (2 labels + 1) of all sequences together.
  public var alignments: Int
  /// Whether all sequences have one length, which saves a copy of the states.
  var isDense = false

  /// Makes an extent; numbers that are too large for an integer stand as the largest.
  ///
  /// - Parameters:
  ///   - sequences: B.
  ///   - steps: T of the longest sequence.
  ///   - labels: of the longest labelling; 0 where there are none.
  public init(sequences: Int, steps: Int, labels: Int = 0) {
    let tokens = Amount(sequences) * steps
    self.init(
      sequences: sequences, tokens: tokens.value,
      alignments: labels == 0 ? 0 : (tokens * (Amount(labels) * 2 + 1)).value)
  }

  /// - Parameters:
  ///   - sequences: B.
  ///   - tokens: N.
  ///   - alignments: cells of tables of steps by labels; 0 where there are no labellings.
  public init(sequences: Int, tokens: Int, alignments: Int = 0) {
    (self.sequences, self.tokens, self.alignments) = (sequences, tokens, alignments)
  }

  /// The largest batch that can be made of some sequences: of the longest of them.
  ///
  /// - Parameters:
  ///   - lengths: in steps.
  ///   - most: how many make a batch.
  public init(longestOf lengths: some Sequence<Int>, batch most: Int) {
    let longest = lengths.sorted(by: >).prefix(most)
    self.init(
      sequences: longest.count, tokens: longest.reduce(Amount(0)) { $0 + $1 }.value)
  }

  /// The extent of a batch that is there.
  public init(_ layout: SequenceLayout) {
    self.init(sequences: layout.sequenceCount, tokens: layout.rowCount)
    isDense = layout.isDense
  }

  /// Whether a batch of this extent needs no more of anything than one of `other`.
  func fits(_ other: BatchExtent) -> Bool {
    sequences <= other.sequences && tokens <= other.tokens && alignments <= other.alignments
      && (isDense || !other.isDense)
  }

  /// The most of both.
  func union(_ other: BatchExtent) -> BatchExtent {
    var both = BatchExtent(
      sequences: max(sequences, other.sequences), tokens: max(tokens, other.tokens),
      alignments: max(alignments, other.alignments))
    both.isDense = isDense && other.isDense
    return both
  }
}
