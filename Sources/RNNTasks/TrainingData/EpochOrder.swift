import RNNCore

/// The order in which the examples of a finite data set are trained on: a fresh random one each
/// epoch.
///
/// With lengths, batches hold examples of similar length, which keeps more rows active: the
/// shuffled examples are sorted within pools of 50 batches, and then whole batches are shuffled.
/// The last batch of an epoch may be smaller, and is not grouped then.
struct EpochOrder: Sendable {
  private let count: Int
  /// Of each example; nil to leave lengths alone.
  private let lengths: [Int]?
  private var random: RandomGenerator
  /// What `random` was before it drew the order of this epoch.
  private var epochStart: RandomGenerator
  /// Examples still to come in this epoch, the next one last.
  private var pending: [Int] = []
  /// Passes that are complete.
  private(set) var epochs = 0

  private static let batchesPerPool = 50

  init(count: Int, lengths: [Int]?, seed: UInt64) {
    self.count = count
    self.lengths = lengths
    random = RandomGenerator(seed: seed, for: .order)
    epochStart = random
  }

  /// The next `size` examples, fewer at the end of an epoch.
  mutating func next(_ size: Int) -> [Int] {
    precondition(size > 0, "a batch holds at least one example")
    if pending.isEmpty { beginEpoch(batch: size) }
    let batch = Array(pending.suffix(size).reversed())
    pending.removeLast(batch.count)
    if pending.isEmpty { epochs += 1 }
    return batch
  }

  func batchesPerEpoch(_ size: Int) -> Int { (count - 1) / size + 1 }

  var position: SourcePosition {
    pending.isEmpty
      ? SourcePosition(epochs: epochs, generators: [random])
      : SourcePosition(epochs: epochs, taken: count - pending.count, generators: [epochStart])
  }

  /// See ``TrainingSource/seek(_:batch:)``.
  mutating func seek(_ position: SourcePosition, batch size: Int) throws(RNNError) {
    let (place, generator) = try position.removingGenerator()
    try place.check(takenBelow: count, inStepsOf: size)
    (random, epochs, pending) = (generator, place.epochs, [])
    guard place.taken > 0 else { return }
    beginEpoch(batch: size)
    pending.removeLast(place.taken)
  }

  private mutating func beginEpoch(batch size: Int) {
    epochStart = random
    pending = order(batch: size).reversed()
  }

  private mutating func order(batch size: Int) -> [Int] {
    let shuffled = (0..<count).shuffled(using: &random)
    guard let lengths else { return shuffled }
    // The smaller last batch is a random one: taken after sorting it would hold the longest.
    let whole = count / size * size
    let sorted = slices(
      of: shuffled[..<whole], size: min(size, count) * Self.batchesPerPool
    ).flatMap { pool in pool.sorted { lengths[$0] < lengths[$1] } }
    var batches = slices(of: sorted[...], size: size)
    batches.shuffle(using: &random)
    return batches.flatMap { $0 } + shuffled[whole...]
  }

  private func slices(of indices: ArraySlice<Int>, size: Int) -> [ArraySlice<Int>] {
    stride(from: 0, to: indices.count, by: size).map {
      indices[$0..<min($0 + size, indices.count)]
    }
  }
}
