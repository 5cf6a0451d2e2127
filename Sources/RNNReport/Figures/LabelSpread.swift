/// Places for labels that want to stand at given heights without overlapping.
enum LabelSpread {
  /// The positions nearest to `wanted` (least squares) that keep their order, lie at least `gap`
  /// apart and stay within `range`. If there is not room for all, the gap shrinks.
  ///
  /// Subtracting `i · gap` from the i-th turns "at least `gap` apart" into "never decreasing",
  /// which pooling adjacent violators solves exactly.
  static func positions(
    _ wanted: [Double], gap: Double, within range: ClosedRange<Double>
  ) -> [Double] {
    guard !wanted.isEmpty else { return [] }
    let room = range.upperBound - range.lowerBound
    let gap = min(gap, room / Double(max(1, wanted.count - 1)))
    let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    var blocks: [(mean: Double, count: Int)] = []
    for (rank, index) in order.enumerated() {
      blocks.append((wanted[index] - Double(rank) * gap, 1))
      while blocks.count > 1, blocks[blocks.count - 2].mean > blocks[blocks.count - 1].mean {
        let (upper, lower) = (blocks.removeLast(), blocks.removeLast())
        let count = upper.count + lower.count
        let sum = upper.mean * Double(upper.count) + lower.mean * Double(lower.count)
        blocks.append((sum / Double(count), count))
      }
    }
    let highest = range.upperBound - Double(wanted.count - 1) * gap
    let pooled = blocks.flatMap { Array(repeating: $0.mean, count: $0.count) }
    var result = wanted
    for (rank, index) in order.enumerated() {
      let held = max(range.lowerBound, min(pooled[rank], highest))
      result[index] = held + Double(rank) * gap
    }
    return result
  }
}
