import Testing

@testable import RNNCore

@Suite("The tree of shards")
struct ShardTreeTests {
  @Test("gives each shard to one rank", arguments: [1, 2, 3, 4, 5, 8, 13, 16])
  func everyShardOnce(_ count: Int) {
    let tree = ShardTree(count: count)
    for ranks in 1...count {
      let parts = (0..<ranks).map { tree.shards(of: $0, among: ranks) }
      #expect(parts.flatMap { Array($0) } == Array(0..<count))
      #expect(parts.allSatisfy { (count / ranks...count / ranks + 1).contains($0.count) })
    }
  }

  @Test(
    "has as many levels as its shards need",
    arguments: [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (8, 3), (9, 4), (64, 6)])
  func depth(_ count: Int, _ depth: Int) {
    #expect(ShardTree.depth(of: 0..<count) == depth)
    func levels(_ node: Range<Int>) -> Int {
      guard node.count > 1 else { return 0 }
      let (left, right) = ShardTree(count: count).halves(of: node)
      return 1 + max(levels(left), levels(right))
    }
    #expect(levels(0..<count) == depth)
  }

  @Test("adds up in one order whoever has the shards", arguments: [1, 2, 3, 4, 5, 8, 13, 16])
  func oneOrder(_ count: Int) {
    let tree = ShardTree(count: count)
    let leaves = Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, "\($0)") })
    func fold(_ branch: Range<Int>) -> String {
      var sums = leaves
      tree.fold(
        branch, isKnown: { _ in false },
        add: { sums[$0] = "(\(sums[$0] ?? "?")+\(sums[$1] ?? "?"))" })
      return sums[branch.lowerBound] ?? "?"
    }
    let whole = fold(0..<count)
    for ranks in 1...count {
      let branches = (0..<ranks).flatMap { tree.branches(in: tree.shards(of: $0, among: ranks)) }
      #expect(branches.flatMap { Array($0) } == Array(0..<count))
      var sums = Dictionary(uniqueKeysWithValues: branches.map { ($0.lowerBound, fold($0)) })
      tree.fold(
        0..<count, isKnown: Set(branches).contains,
        add: { sums[$0] = "(\(sums[$0] ?? "?")+\(sums[$1] ?? "?"))" })
      #expect(sums[0] == whole)
    }
  }
}
