/// How often each class was taken for each. Counts are kept, so that parts merge exactly.
///
/// Takes memory for the pairs of classes that occur, not for all there could be.
public struct ConfusionMatrix: Hashable, Sendable {
  /// A reference class and what it was taken for.
  private struct Pair: Hashable {
    let gold, predicted: Int
  }

  /// By class id.
  public let names: [String]
  private var pairs: [Pair: Int] = [:]

  /// Nothing counted yet.
  public init(names: [String]) { self.names = names }

  /// Adds one answer: ids in 0..<number of names.
  public mutating func add(gold: Int, predicted: Int) {
    precondition(
      names.indices.contains(gold) && names.indices.contains(predicted), "a class id")
    pairs[Pair(gold: gold, predicted: predicted), default: 0] += 1
  }

  /// Adds the counts of other answers to the same classes.
  public mutating func merge(_ other: ConfusionMatrix) {
    precondition(names == other.names, "matrices of the same classes")
    pairs.merge(other.pairs, uniquingKeysWith: +)
  }

  /// The whole matrix, [reference][predicted]: as many numbers as the square of the classes.
  public var counts: [[Int]] {
    var counts = names.map { _ in [Int](repeating: 0, count: names.count) }
    for (pair, count) in pairs { counts[pair.gold][pair.predicted] = count }
    return counts
  }

  /// The pairs of classes that occur, right answers too: the most frequent first, then by id.
  public var entries: [(gold: Int, predicted: Int, count: Int)] {
    pairs.map { (gold: $0.gold, predicted: $0.predicted, count: $1) }
      .sorted { ($1.count, $0.gold, $0.predicted) < ($0.count, $1.gold, $1.predicted) }
  }

  /// How many answers were counted.
  public var total: Int { pairs.values.reduce(0, +) }

  /// The share of right answers, 0 without answers.
  public var accuracy: Double {
    let right = pairs.reduce(0) { $0 + ($1.key.gold == $1.key.predicted ? $1.value : 0) }
    return total == 0 ? 0 : Double(right) / Double(total)
  }

  /// Precision, recall and F1 of each class, by id.
  public var byClass: [ChunkCounts] {
    var result = [ChunkCounts](repeating: ChunkCounts(), count: names.count)
    for (pair, count) in pairs {
      result[pair.gold].gold += count
      result[pair.predicted].predicted += count
      if pair.gold == pair.predicted { result[pair.gold].correct += count }
    }
    return result
  }

  /// The mean F1 of the classes that are in the reference; 0 without any.
  public var macroF1: Double {
    let scores = byClass.filter { $0.gold > 0 }.map(\.f1)
    return scores.isEmpty ? 0 : scores.reduce(0, +) / Double(scores.count)
  }
}
