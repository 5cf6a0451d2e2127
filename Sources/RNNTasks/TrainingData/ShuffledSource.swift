import RNNCore

/// Independent examples of a finite data set, in a fresh random order each epoch.
///
/// With `groupsByLength`, batches hold examples of similar length, which keeps more rows active: the
/// shuffled examples are sorted within pools of 50 batches, and then whole batches are shuffled.
/// The last batch of an epoch may be smaller, and is not grouped then.
public struct ShuffledSource: TrainingSource {
  private let examples: [Example]
  private let groupsByLength: Bool
  private var random: RandomGenerator
  /// What `random` was before it drew the order of this epoch.
  private var epochStart: RandomGenerator
  /// Indices into `examples` still to come in this epoch, the next one last.
  private var pending: [Int] = []
  private var epochs = 0

  private static let batchesPerPool = 50

  /// Throws ``RNNError/Kind/empty`` without examples.
  public init(
    examples: [Example], seed: UInt64, groupsByLength: Bool = false
  ) throws(RNNError) {
    guard !examples.isEmpty else {
      throw RNNError(.empty, "examples", expected: "at least one to train on", found: "none")
    }
    self.init(checked: examples, seed: seed, groupsByLength: groupsByLength)
  }

  /// For callers that know there are examples.
  init(checked examples: [Example], seed: UInt64, groupsByLength: Bool) {
    self.examples = examples
    self.groupsByLength = groupsByLength
    random = RandomGenerator(seed: seed).stream(.training)
    epochStart = random
  }

  public var carriesState: Bool { false }

  public mutating func nextBatch(_ count: Int) -> TrainingBatch {
    precondition(count > 0, "a batch holds at least one example")
    if pending.isEmpty { beginEpoch(batch: count) }
    let batch = pending.suffix(count).reversed().map { examples[$0] }
    pending.removeLast(batch.count)
    if pending.isEmpty { epochs += 1 }
    return TrainingBatch(examples: batch, startsAfresh: true, epochsCompleted: epochs)
  }

  public func batchesPerEpoch(_ count: Int) -> Int? { (examples.count - 1) / count + 1 }

  public var position: SourcePosition {
    pending.isEmpty
      ? SourcePosition(epochs: epochs, generators: [random])
      : SourcePosition(
        epochs: epochs, taken: examples.count - pending.count, generators: [epochStart])
  }

  public mutating func seek(_ position: SourcePosition, batch count: Int) throws(RNNError) {
    let (place, generator) = try position.removingGenerator()
    try place.check(takenBelow: examples.count, inStepsOf: count)
    (random, epochs, pending) = (generator, place.epochs, [])
    guard place.taken > 0 else { return }
    beginEpoch(batch: count)
    pending.removeLast(place.taken)
  }

  private mutating func beginEpoch(batch count: Int) {
    epochStart = random
    pending = epochOrder(batch: count).reversed()
  }

  private mutating func epochOrder(batch count: Int) -> [Int] {
    let shuffled = examples.indices.shuffled(using: &random)
    guard groupsByLength else { return shuffled }
    // The smaller last batch is a random one: taken after sorting it would hold the longest.
    let whole = shuffled.count / count * count
    let sorted = slices(
      of: shuffled[..<whole], size: min(count, shuffled.count) * Self.batchesPerPool
    ).flatMap { pool in
      pool.sorted { examples[$0].length < examples[$1].length }
    }
    var batches = slices(of: sorted[...], size: count)
    batches.shuffle(using: &random)
    return batches.flatMap { $0 } + shuffled[whole...]
  }

  private func slices(of indices: ArraySlice<Int>, size: Int) -> [ArraySlice<Int>] {
    stride(from: 0, to: indices.count, by: size).map {
      indices[$0..<min($0 + size, indices.count)]
    }
  }
}
