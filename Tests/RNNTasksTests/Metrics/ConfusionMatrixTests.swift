import RNNTasks
import Testing

@Suite("Confusion matrix")
struct ConfusionMatrixTests {
  /// Reference a: 3 right, 1 for b. Reference b: 2 right, 2 for a. Nothing of c, once predicted.
  private static let answers = [
    (0, 0), (0, 0), (0, 0), (0, 1), (1, 1), (1, 1), (1, 0), (1, 0), (1, 2),
  ]

  private func matrix(_ answers: some Sequence<(Int, Int)>) -> ConfusionMatrix {
    var matrix = ConfusionMatrix(names: ["a", "b", "c"])
    for (gold, predicted) in answers { matrix.add(gold: gold, predicted: predicted) }
    return matrix
  }

  @Test("Scores are those by hand")
  func scores() {
    let matrix = matrix(Self.answers)
    #expect(matrix.counts == [[3, 1, 0], [2, 2, 1], [0, 0, 0]])
    #expect(matrix.total == 9 && matrix.accuracy == 5.0 / 9)
    let (a, b, c) = (matrix.byClass[0], matrix.byClass[1], matrix.byClass[2])
    #expect(a.precision == 3.0 / 5 && a.recall == 3.0 / 4 && a.f1 == 6.0 / 9)
    #expect(b.precision == 2.0 / 3 && b.recall == 2.0 / 5 && b.f1 == 4.0 / 8)
    #expect(c.precision == 0 && c.recall == 0 && c.f1 == 0)
    let entries = matrix.entries.map { [$0.gold, $0.predicted, $0.count] }
    #expect(entries == [[0, 0, 3], [1, 0, 2], [1, 1, 2], [0, 1, 1], [1, 2, 1]])
    #expect(matrix.macroF1 == (6.0 / 9 + 0.5) / 2)
  }

  @Test("Parts add up to the whole; nothing counted is zero")
  func merging() {
    var merged = matrix(Self.answers.prefix(4))
    merged.merge(matrix(Self.answers.dropFirst(4)))
    #expect(merged == matrix(Self.answers))
    let empty = matrix([])
    #expect(empty.accuracy == 0 && empty.macroF1 == 0 && empty.total == 0)
  }
}
