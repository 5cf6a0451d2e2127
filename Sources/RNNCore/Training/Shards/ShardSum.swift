/// The sum of the gradients of all shards, each made by one of the processes that share them.
///
/// The sum is that of ``ShardTree``. Each process adds up its own branches as it makes them, and
/// then a piece of all parameters for everybody: of P parameters each of R processes sends about
/// 2 P (R − 1) / R, as much as any way to add up R vectors must.
final class ShardSum {
  /// The process's own shards.
  let own: Range<Int>

  private let tree: ShardTree
  private let ranks: (any RankGroup)?
  private let team: ThreadTeam
  /// The branches of each process.
  private let branches: [[Range<Int>]]
  /// The sums of this process's branches; the first is where the sum of all goes.
  private let sums: [ParameterStore]
  /// Sums of branches within a branch that is being made.
  private let spares: [ParameterStore]
  /// The piece of all branches that this process adds up.
  private let received = FloatBuffer()

  /// Throws `.memory` where the process may not take what the gradients need.
  ///
  /// - Parameters:
  ///   - tree: of all shards.
  ///   - ranks: which share them; nil for this process alone.
  ///   - sum: where the gradient of all shards goes.
  ///   - team: divides the sums.
  init(
    _ tree: ShardTree, among ranks: (any RankGroup)?, sum: ParameterStore, team: ThreadTeam
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
  }

  /// Makes the gradients of the process's own shards, from the last to the first, and adds up its
  /// branches.
  ///
  /// - Parameter make: adds the gradient of a shard to a store of zeros.
  func make(
    _ make: (_ shard: Int, _ gradients: ParameterStore) throws(RNNError) -> Void
  ) throws(RNNError) {
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
    add(spares[spare].storage.pointer, to: sum.storage.pointer, sum.layout.storageCount)
  }

  /// Adds up the branches of all processes, where the sum of all goes.
  ///
  /// Throws what the exchange throws.
  func exchange() throws(RNNError) {
    guard let ranks, ranks.count > 1 else { return }
    try add(among: ranks)
    sums[0].markChanged()
  }

  private func add(
    _ other: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    team.split(count, grain: ParameterStore.grain) { range in
      kernels.combine(
        1, range.count, 1, other + range.lowerBound, 0, nil, 0, sum + range.lowerBound, 0)
    }
  }

  private func add(among ranks: any RankGroup) throws(RNNError) {
    let piece = piece(of: ranks.rank)
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
          return UnsafeRawBufferPointer(values(of: mine, self.piece(of: rank)))
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
      add(other, to: sum, piece.count)
    }
    let sum = UnsafeRawBufferPointer(
      UnsafeBufferPointer(start: received.pointer, count: piece.count))
    try ranks.exchange(
      Array(repeating: sum, count: ranks.count),
      (0..<ranks.count).map {
        UnsafeMutableRawBufferPointer(values(of: sums[0], self.piece(of: $0)))
      })
  }

  /// The parameters that a process adds up: whole cache lines.
  private func piece(of rank: Int) -> Range<Int> {
    let (count, ranks) = (sums[0].layout.storageCount, branches.count)
    func border(_ index: Int) -> Int { index == ranks ? count : count * index / ranks / 16 * 16 }
    return border(rank)..<border(rank + 1)
  }

  private func values(
    of store: ParameterStore, _ piece: Range<Int>
  ) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      start: store.storage.pointer + piece.lowerBound, count: piece.count)
  }
}
