import RNNCore

/// The order in which the examples of a finite data set are trained on: a fresh random one each
/// epoch.
///
/// Examples are shuffled in pools of 262,144. Where there are more, a pool mixes 64 stretches of
/// 4,096 neighbours each, drawn from everywhere: so that data which lie on a disk are read stretch
/// by stretch, and the order takes the memory of one pool.
///
/// With lengths, batches hold examples of similar length, which keeps more rows active: the
/// shuffled examples are sorted within groups of 50 batches, and then the whole batches of a pool
/// are shuffled. The last batch of an epoch may be smaller, and is not grouped then.
struct EpochOrder: Sendable {
  private let count: Int
  /// Of an example; nil to leave lengths alone.
  private let length: (@Sendable (Int) -> Int)?
  /// Is told of examples that will be asked for; nil where that is no use.
  private let willRead: (@Sendable (Range<Int>) -> Void)?
  /// Examples of a pool, and of the stretches that it mixes.
  private var pool: Int
  private let stretch: Int
  private var random: RandomGenerator
  /// What `random` was before it drew the order of this epoch.
  private var epochStart: RandomGenerator
  /// Stretches that no pool has taken yet in this epoch, the next one last.
  private var stretches: [Int] = []
  /// Of the pools of this epoch where there are several.
  private var poolSeed: UInt64 = 0
  /// Examples of the pools so far that are still to come, the next one last.
  private var pending: [Int] = []
  /// Examples of the pools so far that made no whole batch of similar length.
  private var left: [Int] = []
  /// Examples that have been taken in this epoch.
  private var taken = 0
  /// Passes that are complete.
  private(set) var epochs = 0

  private static let batchesPerGroup = 50

  /// - Parameters:
  ///   - count: of the examples.
  ///   - length: of each; nil to leave lengths alone.
  ///   - willRead: is told of examples before ``next(_:)`` gives them; nil where that is no use.
  ///   - seed: of the order.
  ///   - pool: examples that are shuffled together.
  ///   - stretch: neighbours that come into one pool, where there are several.
  init(
    count: Int, length: (@Sendable (Int) -> Int)?,
    willRead: (@Sendable (Range<Int>) -> Void)? = nil, seed: UInt64, pool: Int = 1 << 18,
    stretch: Int = 1 << 12
  ) {
    (self.count, self.length, self.willRead) = (count, length, willRead)
    (self.pool, self.stretch) = (pool, stretch)
    random = RandomGenerator(seed: seed, for: .order)
    epochStart = random
  }

  /// An order with the same settings that shuffles all examples together, as small data have it; to
  /// be asked for before anything is drawn.
  func inOnePool() -> EpochOrder {
    var whole = self
    whole.pool = .max
    return whole
  }

  /// The next `size` examples, fewer at the end of an epoch.
  mutating func next(_ size: Int) -> [Int] {
    precondition(size > 0, "a batch holds at least one example")
    if taken == 0 { beginEpoch() }
    fill(to: size, batch: size)
    let batch = Array(pending.suffix(size).reversed())
    pending.removeLast(batch.count)
    taken += batch.count
    if let willRead, count <= pool { for example in batch { willRead(example..<example + 1) } }
    if taken == count { (epochs, taken) = (epochs + 1, 0) }
    return batch
  }

  func batchesPerEpoch(_ size: Int) -> Int { (count - 1) / size + 1 }

  var position: SourcePosition {
    taken == 0
      ? SourcePosition(epochs: epochs, generators: [random])
      : SourcePosition(epochs: epochs, taken: taken, generators: [epochStart])
  }

  /// See ``TrainingSource/seek(_:batch:)``.
  mutating func seek(_ position: SourcePosition, batch size: Int) throws(RNNError) {
    let (place, generator) = try position.removingGenerator()
    try place.check(takenBelow: count, inStepsOf: size)
    (random, epochs, pending, left, taken) = (generator, place.epochs, [], [], 0)
    guard place.taken > 0 else { return }
    beginEpoch()
    while taken < place.taken {
      fill(to: 1, batch: size)
      let passed = min(pending.count, place.taken - taken)
      pending.removeLast(passed)
      taken += passed
    }
  }

  private mutating func beginEpoch() {
    epochStart = random
    guard count > pool else {
      stretches = [0]
      return
    }
    stretches = (0..<(count - 1) / stretch + 1).shuffled(using: &random).reversed()
    poolSeed = random.next()
  }

  /// Takes pools until so many examples are pending, or no more come.
  private mutating func fill(to wanted: Int, batch size: Int) {
    while pending.count < wanted, !stretches.isEmpty {
      pending = order(nextPool(), batch: size).reversed() + pending
    }
  }

  /// The examples of the next pool, shuffled.
  private mutating func nextPool() -> [Int] {
    guard count > pool else {
      stretches = []
      return (0..<count).shuffled(using: &random)
    }
    var own = RandomGenerator(
      seed: poolSeed, for: RandomStream("pool before \(stretches.count) stretches"))
    let taken = stretches.suffix(max(1, pool / stretch)).reversed()
    stretches.removeLast(taken.count)
    let neighbours = taken.map { $0 * stretch..<min(($0 + 1) * stretch, count) }
    if let willRead { for part in neighbours { willRead(part) } }
    var examples = neighbours.flatMap { $0 }
    examples.shuffle(using: &own)
    return examples
  }

  /// The shuffled examples in batches of similar length, where that is asked for.
  private mutating func order(_ shuffled: [Int], batch size: Int) -> [Int] {
    guard let length else { return shuffled }
    let examples = left + shuffled
    // The smaller last batch is a random one: taken after sorting it would hold the longest.
    let whole = examples.count / size * size
    let sorted = slices(
      of: examples[..<whole], size: min(size, examples.count) * Self.batchesPerGroup
    ).flatMap { group in
      group.map { (place: $0, length: length($0)) }.sorted { $0.length < $1.length }.map(\.place)
    }
    var batches = slices(of: sorted[...], size: size)
    batches.shuffle(using: &random)
    left = stretches.isEmpty ? [] : Array(examples[whole...])
    return batches.flatMap { $0 } + (stretches.isEmpty ? examples[whole...] : [])
  }

  private func slices(of indices: ArraySlice<Int>, size: Int) -> [ArraySlice<Int>] {
    stride(from: 0, to: indices.count, by: size).map {
      indices[$0..<min($0 + size, indices.count)]
    }
  }
}
