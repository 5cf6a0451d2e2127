/// How often each class was taken for each. Counts are kept, so that parts merge exactly.
public struct ConfusionMatrix: Hashable, Sendable {
  /// By class id.
  public let names: [String]
  /// [reference][predicted]
  public private(set) var counts: [[Int]]

  /// Nothing counted yet.
  public init(names: [String]) {
    self.names = names
    counts = [[Int]](repeating: [Int](repeating: 0, count: names.count), count: names.count)
  }

  /// Adds one answer: ids in 0..<number of names.
  public mutating func add(gold: Int, predicted: Int) {
    precondition(
      names.indices.contains(gold) && names.indices.contains(predicted), "a class id")
    counts[gold][predicted] += 1
  }

  /// Adds the counts of other answers to the same classes.
  public mutating func merge(_ other: ConfusionMatrix) {
    precondition(names == other.names, "matrices of the same classes")
    for gold in names.indices {
      for predicted in names.indices { counts[gold][predicted] += other.counts[gold][predicted] }
    }
  }

  /// How many answers were counted.
  public var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }

  /// The share of right answers, 0 without answers.
  public var accuracy: Double {
    let right = names.indices.reduce(0) { $0 + counts[$1][$1] }
    return total == 0 ? 0 : Double(right) / Double(total)
  }

  /// Precision, recall and F1 of one class.
  public func counts(of id: Int) -> ChunkCounts {
    var result = ChunkCounts()
    result.correct = counts[id][id]
    result.gold = counts[id].reduce(0, +)
    result.predicted = counts.reduce(0) { $0 + $1[id] }
    return result
  }

  /// The mean F1 of the classes that are in the reference; 0 without any.
  public var macroF1: Double {
    let scores = names.indices.map(counts(of:)).filter { $0.gold > 0 }.map(\.f1)
    return scores.isEmpty ? 0 : scores.reduce(0, +) / Double(scores.count)
  }
}
