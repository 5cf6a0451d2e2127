import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

/// Connectionist temporal classification against all K^T alignments: the gradient is y − γ with γ
/// the share of the alignments that are at a label at a step, counted one by one, and the
/// probabilities of all labellings that there are add up to one.
/// (``ConnectionistTemporalClassificationTests`` compares losses with the enumeration and with
/// PyTorch, and gradients with differences; ``CTCBeamSearchTests`` compares the search.)
@Suite("Alignments one by one")
struct AlignmentOccupancyTests {
  private static let closeness = Closeness(
    absolute: 2e-7, relative: 1e-6, reason: "computed in Double and rounded to Float once")

  @Test(
    "The gradient is y − γ",
    arguments: [
      (3, 4, [1, 2]), (3, 5, [2, 2]), (4, 4, [3, 1, 3]), (4, 3, []), (2, 6, [1, 1]), (5, 4, [4]),
    ])
  func occupancy(_ classes: Int, _ steps: Int, _ labels: [Int]) throws {
    let given = LabellingCase(
      classes: classes, lengths: [steps], labels: [labels], seed: 11, scale: 3)
    let rows = given.outputs[0].map { $0.map { Double($0) }.softmax() }
    var (total, visits) = (0.0, rows.map { $0.map { _ in 0.0 } })
    for path in Self.alignments(steps, classes) where OracleLabelling.collapsed(path) == labels {
      let probability = zip(rows, path).reduce(1) { $0 * $1.0[$1.1] }
      total += probability
      for (step, label) in path.enumerated() { visits[step][label] += probability }
    }
    let found = try given.run()
    expectClose([found.loss.value], [-log(total)], Self.closeness, "loss")
    let expected = zip(rows, visits).map { zip($0, $1).map { $0 - $1 / total } }
    expectClose(
      found.rows.map { $0.map { $0.map { Double($0) } } }, [expected], Self.closeness, "z")
  }

  @Test("All labellings together are certain", arguments: [(3, 4), (4, 3), (2, 7)])
  func certain(_ classes: Int, _ steps: Int) throws {
    var given = LabellingCase(
      classes: classes, lengths: [steps], labels: [[]], seed: 12, scale: 2)
    let all = Set(Self.alignments(steps, classes).map(OracleLabelling.collapsed))
    var sum = 0.0
    for labels in all {
      given.labels = [labels]
      sum += exp(-(try given.run(gradient: false).loss.value))
    }
    expectClose(
      [sum], [1], Closeness(absolute: 1e-12, relative: 0, reason: "up to 50 sums in Double"), "Σ p")
  }

  /// All sequences of a class a step: the digits of the numbers below K^T.
  private static func alignments(_ steps: Int, _ classes: Int) -> [[Int]] {
    let count = (0..<steps).reduce(1) { product, _ in product * classes }
    return (0..<count).map { number in
      var rest = number
      return (0..<steps).map { _ in
        defer { rest /= classes }
        return rest % classes
      }
    }
  }
}
