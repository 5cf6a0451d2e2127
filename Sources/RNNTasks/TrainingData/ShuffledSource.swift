import RNNCore

/// Independent examples of a finite data set, in a fresh random order each epoch.
///
/// Of more than 262,144 examples, stretches of 4,096 neighbours are drawn at random and shuffled
/// 64 together. With `groupsByLength`, batches hold examples of similar length, which keeps more
/// rows active: shuffled examples are sorted within groups of 50 batches, and then whole batches
/// are shuffled. The last batch of an epoch may be smaller, and is not grouped then.
public struct ShuffledSource: TrainingSource {
  private let examples: ExampleList
  private var order: EpochOrder

  /// Throws `.empty` without examples.
  public init(
    examples: ExampleList, seed: UInt64, groupsByLength: Bool = false
  ) throws(RNNError) {
    guard !examples.isEmpty else {
      throw RNNError(.empty, "examples", expected: "at least one to train on", found: "none")
    }
    self.init(checked: examples, seed: seed, groupsByLength: groupsByLength)
  }

  /// For callers that know there are examples.
  init(checked examples: ExampleList, seed: UInt64, groupsByLength: Bool) {
    self.examples = examples
    let length: @Sendable (Int) -> Int = { examples[$0].length }
    order = EpochOrder(
      count: examples.count, length: groupsByLength ? length : nil, willRead: examples.willRead,
      seed: seed)
  }

  private init(_ examples: ExampleList, _ order: EpochOrder) {
    (self.examples, self.order) = (examples, order)
  }

  public var carriesState: Bool { false }

  public mutating func nextBatch(_ count: Int) -> TrainingBatch {
    let batch = order.next(count).map { examples[$0] }
    return TrainingBatch(examples: batch, startsAfresh: true, epochsCompleted: order.epochs)
  }

  public func batchesPerEpoch(_ count: Int) -> Int? { order.batchesPerEpoch(count) }

  public var position: SourcePosition { order.position }

  public mutating func seek(_ position: SourcePosition, batch count: Int) throws(RNNError) {
    try order.seek(position, batch: count)
  }
}

/// A source of shuffled examples that can be had in the order of versions which shuffled all of
/// them at once.
protocol PooledSource: TrainingSource {
  /// The same from its beginning, in that order.
  func inOnePool() -> any TrainingSource
}

extension ShuffledSource: PooledSource {
  func inOnePool() -> any TrainingSource { ShuffledSource(examples, order.inOnePool()) }
}
