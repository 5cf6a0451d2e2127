import RNNCore

/// Training examples without end, in an order that depends on the seed alone.
public protocol TrainingSource {
  /// Whether row b of a batch continues row b of the batch before it, so that the recurrent state
  /// is carried over. (Character streams: yes; independent sentences: no.)
  var carriesState: Bool { get }

  /// The next `count` examples. A source over a finite data set goes through it in a fresh random
  /// order each epoch, and the last batch of an epoch may hold fewer than `count`.
  mutating func nextBatch(_ count: Int) -> TrainingBatch

  /// How many batches of `count` examples an epoch has; nil for data generated without end.
  func batchesPerEpoch(_ count: Int) -> Int?

  /// Where the next batch comes from.
  var position: SourcePosition { get }

  /// Goes on from a position that a source of the same data had, asked for batches of `count`
  /// examples.
  ///
  /// Throws `.format` for a position that such a source cannot have.
  mutating func seek(_ position: SourcePosition, batch count: Int) throws(RNNError)
}

/// Some training examples with their place in the data.
public struct TrainingBatch: Sendable {
  /// What is to be learned from together.
  public var examples: [Example]
  /// True when the recurrent state must start from zero (always true without carried state; with
  /// it, true at the start of an epoch).
  public var startsAfresh: Bool
  /// How many passes over the training data are complete once this batch is done; nil for data
  /// generated without end.
  public var epochsCompleted: Int?

  /// Makes a batch of examples and their place in the data.
  public init(examples: [Example], startsAfresh: Bool, epochsCompleted: Int?) {
    self.examples = examples
    self.startsAfresh = startsAfresh
    self.epochsCompleted = epochsCompleted
  }
}
