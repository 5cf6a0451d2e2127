/// The labellings of a packed batch, by rank, and where their sums lie.
struct PackedLabellings: Sendable {
  /// All labels, one labelling after the other.
  let labels: [Int32]
  /// The first label of each rank, and at the end their number.
  let borders: [Int]
  /// Where the table [T, 2L + 1] of each rank begins, and at the end the size of all.
  let tables: [Int]
  /// L of the longest.
  let longest: Int

  /// - Parameters:
  ///   - labellings: by rank.
  ///   - lengths: the steps of each.
  init(_ labellings: [[Int32]], lengths: [Int]) {
    labels = labellings.flatMap { $0 }
    var (borders, tables) = ([0], [0])
    for (labelling, steps) in zip(labellings, lengths) {
      borders.append(borders[borders.count - 1] + labelling.count)
      tables.append(tables[tables.count - 1] + steps * (2 * labelling.count + 1))
    }
    (self.borders, self.tables) = (borders, tables)
    longest = labellings.map(\.count).max() ?? 0
  }

  /// The labels of a rank.
  subscript(rank: Int) -> ArraySlice<Int32> { labels[borders[rank]..<borders[rank + 1]] }

  /// What a mean is divided by: all labels, an empty labelling counting as one.
  var elements: Int { zip(borders, borders.dropFirst()).reduce(0) { $0 + max(1, $1.1 - $1.0) } }
}
