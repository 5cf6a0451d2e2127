/// The order in which the gradients of a batch's shards are added up: a binary tree over all of
/// them, the same whoever computes them.
///
///     0   1   2   3
///      \ /     \ /
///      0+1     2+3
///         \   /
///        0+1+2+3
///
/// A sum of floats depends on its order: with the tree, one process that has all shards and four
/// that have one each come to the same bits.
struct ShardTree: Hashable, Sendable {
  /// Shards: the leaves.
  let count: Int

  /// The shards of a rank, about as many as each other rank has.
  func shards(of rank: Int, among ranks: Int) -> Range<Int> {
    count * rank / ranks..<count * (rank + 1) / ranks
  }

  /// The largest branches that lie within `part`: what somebody who has only these shards can add
  /// up, in their order.
  func branches(in part: Range<Int>) -> [Range<Int>] { branches(of: 0..<count, in: part) }

  private func branches(of node: Range<Int>, in part: Range<Int>) -> [Range<Int>] {
    let common = node.clamped(to: part)
    if common == node { return [node] }
    guard !common.isEmpty else { return [] }
    let (left, right) = halves(of: node)
    return branches(of: left, in: part) + branches(of: right, in: part)
  }

  /// Adds up a branch. What is known of a branch goes by its first shard.
  ///
  /// - Parameters:
  ///   - branch: to be added up.
  ///   - isKnown: whether the sum of a smaller branch is there already; leaves are.
  ///   - add: adds the second sum to the first.
  func fold(
    _ branch: Range<Int>, isKnown: (Range<Int>) -> Bool, add: (_ sum: Int, _ other: Int) -> Void
  ) {
    guard branch.count > 1, !isKnown(branch) else { return }
    let (left, right) = halves(of: branch)
    fold(left, isKnown: isKnown, add: add)
    fold(right, isKnown: isKnown, add: add)
    add(left.lowerBound, right.lowerBound)
  }

  /// How many sums are open at once while a branch is made, besides its own.
  static func depth(of branch: Range<Int>) -> Int {
    branch.isEmpty ? 0 : (branch.count - 1).bitWidth - (branch.count - 1).leadingZeroBitCount
  }

  /// The two parts of a branch of several shards.
  func halves(of node: Range<Int>) -> (Range<Int>, Range<Int>) {
    let middle = node.lowerBound + (node.count + 1) / 2
    return (node.lowerBound..<middle, middle..<node.upperBound)
  }
}
