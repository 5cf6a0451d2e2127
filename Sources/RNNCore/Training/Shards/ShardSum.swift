/// The sum of the gradients of all shards, each made by one of the processes that share them.
///
/// The sum is that of ``ShardTree``. Each process adds up its own branches as it makes them, and
/// then a piece of all parameters for everybody: of P parameters each of R processes sends about
/// 2 P (R − 1) / R, as much as any way to add up R vectors must.
///
/// Where the link between processes is slow, they exchange the gradient part by part, from the last
/// layers to the first, as BPTT leaves them: what is final while the last shard is made is
/// exchanged beside it.
///
/// Between ``RankGroup/inBackground(_:)`` and ``RankGroup/waitForBackground()`` the background
/// alone touches `agreement`, `received` and the parts of the sums that were given away.
final class ShardSum: @unchecked Sendable {
  /// The process's own shards.
  let own: Range<Int>
  /// Is told how much of the gradient of the first of them, which is made last, is final; nil where
  /// nothing is sent on meanwhile.
  var follower: (any GradientFollower)? { usesBackground ? self : nil }

  private let tree: ShardTree
  private let ranks: (any RankGroup)?
  private let team: ThreadTeam
  /// The branches of each process.
  private let branches: [[Range<Int>]]
  /// The sums of this process's branches; the first is where the sum of all goes.
  private let sums: [ParameterStore]
  /// Sums of branches within a branch that is being made.
  private let spares: [ParameterStore]
  /// The pieces of all branches that this process adds up.
  private let received = FloatBuffer()

  /// The parts of the gradient that the background exchanges one by one: places in the layout of
  /// the parameters, the last first.
  private let parts: [Range<Int>]
  /// Whether all processes exchange parts in the background, beside the last shard.
  var usesBackground: Bool
  /// How fast this process exchanges gradients outside of the background.
  private var rate = ExchangeRate()
  /// How many parts of the sums of this process's branches are complete and given away.
  private var given = 0
  /// The generation of the first sum when its first part was given to the background.
  private var generation = 0
  /// Whether all processes have made their shards; nil as long as they have not said.
  private var agreement: Result<Bool, RNNError>?
  /// The team of one thread that adds up gradients in the background, while the model's team is at
  /// work on BPTT.
  private let alone: ThreadTeam

  /// Throws `.memory` where the process may not take what the gradients need.
  ///
  /// - Parameters:
  ///   - tree: of all shards.
  ///   - ranks: which share them; nil for this process alone.
  ///   - sum: where the gradient of all shards goes.
  ///   - team: divides the sums.
  ///   - plan: of the exchange.
  init(
    _ tree: ShardTree, among ranks: (any RankGroup)?, sum: ParameterStore, team: ThreadTeam,
    plan: ExchangePlan
  ) throws(RNNError) {
    let (rank, count) = (ranks?.rank ?? 0, ranks?.count ?? 1)
    (self.tree, self.ranks, self.team) = (tree, ranks, team)
    own = tree.shards(of: rank, among: count)
    branches = (0..<count).map { tree.branches(in: tree.shards(of: $0, among: count)) }
    let depth = branches[rank].map(ShardTree.depth).max() ?? 0
    try sum.layout.checkMemory(
      stores: branches[rank].count - 1 + depth, "gradients of shards")
    sums = [sum] + branches[rank].dropFirst().map { _ in ParameterStore(layout: sum.layout) }
    spares = (0..<depth).map { _ in ParameterStore(layout: sum.layout) }
    parts = sum.layout.parts(ofAtLeast: plan.fewest)
    usesBackground = count > 1 && parts.count > 1 && plan.usesBackground
    alone = try ThreadTeam(count: 1)
  }

  /// Makes the gradients of the process's own shards, from the last to the first, and adds up its
  /// branches.
  ///
  /// - Parameter make: adds the gradient of a shard to a store of zeros.
  func make(
    _ make: (_ shard: Int, _ gradients: ParameterStore) throws(RNNError) -> Void
  ) throws(RNNError) {
    (given, agreement) = (0, nil)
    for (branch, sum) in zip(branches[ranks?.rank ?? 0], sums).reversed() {
      try self.make(branch, in: sum, spare: 0, make)
    }
    sums[0].markChanged()
  }

  private func make(
    _ branch: Range<Int>, in sum: ParameterStore, spare: Int,
    _ make: (_ shard: Int, _ gradients: ParameterStore) throws(RNNError) -> Void
  ) throws(RNNError) {
    guard branch.count > 1 else {
      sum.setToZero(team)
      return try make(branch.lowerBound, sum)
    }
    let (left, right) = tree.halves(of: branch)
    try self.make(right, in: spares[spare], spare: spare + 1, make)
    try self.make(left, in: sum, spare: spare + 1, make)
    add(
      spares[spare], to: sum, 0..<(given == 0 ? sum.layout.storageCount : parts[given].upperBound))
  }

  private func add(_ other: ParameterStore, to sum: ParameterStore, _ part: Range<Int>) {
    add(
      other.storage.pointer + part.lowerBound, to: sum.storage.pointer + part.lowerBound,
      part.count, team)
  }

  private func add(
    _ other: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, _ count: Int,
    _ team: ThreadTeam
  ) {
    team.split(count, grain: ParameterStore.grain) { range in
      kernels.combine(
        1, range.count, 1, other + range.lowerBound, 0, nil, 0, sum + range.lowerBound, 0)
    }
  }

  // MARK: - Between processes

  /// Whether this process has seen that the link is slow, and has a background.
  var wantsBackground: Bool {
    !usesBackground && parts.count > 1 && ranks?.hasBackground == true && rate.isSlow
  }

  /// Adds up the branches of all processes, where the sum of all goes, outside of the background.
  ///
  /// Throws what the exchange throws.
  func exchange() throws(RNNError) {
    guard let ranks, ranks.count > 1 else { return }
    let count = sums[0].layout.storageCount
    let start = ContinuousClock.now
    try add(0..<count, among: ranks, team)
    rate.add(
      bytes: 4 * (sums.count + 1) * count * (ranks.count - 1) / ranks.count,
      seconds: (ContinuousClock.now - start) / .seconds(1))
    sums[0].markChanged()
  }

  /// Waits for the background, and adds up the parts of all processes' branches that it was not
  /// given; adds nothing where one of the processes could not make its own shards.
  ///
  /// Throws what the exchange throws, in the background too.
  ///
  /// - Parameter hasFailed: whether this process could not make its shards.
  func finishExchange(hasFailed: Bool) throws(RNNError) {
    ranks?.waitForBackground()
    if agreement == nil { agree(hasFailed: hasFailed) }
    for part in parts[given...] { exchange(part, team) }
    _ = try agreement?.get()
    sums[0].markChanged()
  }

  /// Throws `.unsupported` where the gradient of the last shard has been changed after a part of it
  /// was given away.
  func requireUnchanged() throws(RNNError) {
    guard given > 0, sums[0].generation != generation else { return }
    throw RNNError(
      .unsupported, "gradient of a shard",
      expected: "none added after the way back, as the model's hasOneWayBack says",
      found: "a change")
  }

  /// Asks all processes whether they have made their shards.
  private func agree(hasFailed: Bool) {
    do throws(RNNError) {
      agreement = .success(try ranks?.gather([hasFailed]).allSatisfy { $0 == [false] } ?? true)
    } catch {
      agreement = .failure(error)
    }
  }

  /// Adds up one part of the branches of all processes, unless something went wrong before.
  private func exchange(_ part: Range<Int>, _ team: ThreadTeam) {
    guard let ranks, case .success(true)? = agreement else { return }
    do throws(RNNError) {
      try add(part, among: ranks, team)
    } catch {
      agreement = .failure(error)
    }
  }

  private func add(
    _ part: Range<Int>, among ranks: any RankGroup, _ team: ThreadTeam
  ) throws(RNNError) {
    let piece = part.piece(ranks.rank, of: ranks.count)
    var places: [Int: UnsafeMutablePointer<Float>] = [:]
    received.reserve(piece.count * branches.joined().count)
    for (index, branch) in branches.joined().enumerated() {
      places[branch.lowerBound] = received.pointer + index * piece.count
    }
    // A process that has several branches sends them one after the other.
    for round in 0..<(branches.map(\.count).max() ?? 0) {
      let mine = sums.dropFirst(round).first
      try ranks.exchange(
        (0..<ranks.count).map { rank in
          guard let mine else { return UnsafeRawBufferPointer(start: nil, count: 0) }
          return UnsafeRawBufferPointer(values(of: mine, part.piece(rank, of: ranks.count)))
        },
        branches.map { branches in
          branches.dropFirst(round).first.flatMap { places[$0.lowerBound] }
            .map { .init(UnsafeMutableBufferPointer(start: $0, count: piece.count)) }
            ?? .init(start: nil, count: 0)
        })
    }
    let known = Set(branches.joined())
    tree.fold(0..<tree.count, isKnown: known.contains) { sum, other in
      guard let sum = places[sum], let other = places[other] else { return }
      add(other, to: sum, piece.count, team)
    }
    let sum = UnsafeRawBufferPointer(
      UnsafeBufferPointer(start: received.pointer, count: piece.count))
    try ranks.exchange(
      Array(repeating: sum, count: ranks.count),
      (0..<ranks.count).map {
        UnsafeMutableRawBufferPointer(values(of: sums[0], part.piece($0, of: ranks.count)))
      })
  }

  private func values(
    of store: ParameterStore, _ piece: Range<Int>
  ) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      start: store.storage.pointer + piece.lowerBound, count: piece.count)
  }
}

extension ShardSum: GradientFollower {
  /// Completes the sums of this process's branches as far as the shard is final, and has them
  /// exchanged beside what is left of it. The last part, which begins at 0, stays: nothing is left
  /// then.
  func gradientIsFinal(from place: Int) {
    guard let ranks else { return }
    while given < parts.count - 1, parts[given].lowerBound >= place {
      let part = parts[given]
      // The shard is the left end of its branch.
      for spare in spares[..<ShardTree.depth(of: branches[ranks.rank][0])].reversed() {
        add(spare, to: sums[0], part)
      }
      let isFirst = given == 0
      if isFirst { generation = sums[0].generation }
      given += 1
      ranks.inBackground { [self] in
        if isFirst { agree(hasFailed: false) }
        exchange(part, alone)
      }
    }
  }
}

/// How processes that share a batch exchange its gradient.
struct ExchangePlan {
  /// Parameters at least that are exchanged at once in the background: messages of 1 MB take much
  /// longer than the wait for one.
  var fewest = 1 << 18
  /// Whether the background is used from the first step on, not just when the link proves slow.
  var usesBackground = false
}

/// How fast a process exchanges gradients while it does nothing else.
private struct ExchangeRate {
  /// Exchanges that were timed.
  private var count = 0
  /// The most bytes a second: what is slower has waited for other processes as well.
  private var best = 0.0

  /// Whether the link is what takes the time, so that a core is free for BPTT meanwhile. Known
  /// after five exchanges.
  ///
  /// LSTM of 3 layers of 256 units, 16 sequences of 50 steps, two ranks of one core of an AMD Zen
  /// 4: an exchange in the background takes 0.82 times the step at 2.5 Gbit/s, 0.93 at 5 Gbit/s,
  /// but 1.02 at 10 Gbit/s and through shared memory, where a core is as busy copying.
  var isSlow: Bool { count >= 5 && best < 1e9 }

  mutating func add(bytes: Int, seconds: Double) {
    count += 1
    best = max(best, Double(bytes) / max(seconds, 1e-9))
  }
}

extension ParameterLayout {
  /// All of the allocation, from its end to its beginning, in parts of whole layers that hold
  /// `fewest` numbers or more; what is left at the beginning belongs to the last part.
  fileprivate func parts(ofAtLeast fewest: Int) -> [Range<Int>] {
    var (parts, end) = ([Range<Int>](), storageCount)
    for layer in layers.reversed()
    where end - layer.range.lowerBound >= fewest && layer.range.lowerBound >= fewest {
      parts.append(layer.range.lowerBound..<end)
      end = layer.range.lowerBound
    }
    return parts + [0..<end]
  }
}

extension Range<Int> {
  /// One of `count` pieces, with borders of cache lines.
  fileprivate func piece(_ index: Int, of count: Int) -> Range<Int> {
    func border(_ index: Int) -> Int {
      index == count ? upperBound : lowerBound + self.count * index / count / 16 * 16
    }
    return border(index)..<border(index + 1)
  }
}
