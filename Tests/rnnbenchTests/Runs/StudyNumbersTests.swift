import RNNReport
import Testing

@testable import RNNCore
@testable import RNNStudies
@testable import RNNTasks
@testable import rnnbench

@Suite("Numbers of several runs")
struct StudyNumbersTests {
  private static func run(
    _ loss: Double, diverged: Bool = false, norms: [Double] = [], curve: [Double] = []
  ) -> RunResult {
    var result = RunResult(cell: "elman", seed: 1, hidden: 2, parameters: 3)
    (result.validLoss, result.diverged) = (loss, diverged)
    for norm in norms { result.clips.add(ClipRecord(norm: norm, scale: 1, isClipped: false)) }
    result.curve = curve.enumerated().map { index, loss in
      Course.Look(
        updates: 10 * index, epochs: 0, tokens: 0, clippedSteps: 0, seconds: 0, trainLoss: 0,
        validLoss: loss, metric: 0)
    }
    return result
  }

  private static func row(_ results: [RunResult]) throws -> ClipStudy.Row {
    ClipStudy.Row(choice: try CellChoice("elman"), clipping: .none, results: results)
  }

  @Test("A final loss says of how many runs it is, and is the best only of all")
  func finalLoss() throws {
    let all = try Self.row([Self.run(1), Self.run(3)]).finalLoss
    #expect(all.text == "2.000 (1.00–3.00)")
    #expect(all.value == 2)
    let some = try Self.row([Self.run(1), Self.run(3), Self.run(.nan, diverged: true)]).finalLoss
    #expect(some.text == "2.000 (1.00–3.00), 2 of 3" && some.value == nil)
    #expect(try Self.row([Self.run(.nan, diverged: true)]).finalLoss.text == "-")
  }

  @Test("Norms of a row are the middle one of its runs', which no run on its way out moves")
  func norms() throws {
    let row = try Self.row([
      Self.run(1, norms: [0.2, 0.26, 0.3]), Self.run(1, norms: [0.5]), Self.run(.nan, norms: [8e5]),
      Self.run(.nan),
    ])
    #expect(row.normQuantile(0.5) == 0.5)
    #expect(try Self.row([Self.run(1)]).normQuantile(0.5) == nil)
    #expect([4, 1, 3, 2].median == 2.5 && [Double]().median == nil)
  }

  @Test("A learning curve keeps a run that diverged, and ends with the shortest of the others")
  func curves() {
    let points = Comparison.points(
      [
        Self.run(1, curve: [4, 4, 4, 4]), Self.run(1, curve: [1, 1, 1]),
        Self.run(.nan, diverged: true, curve: [2]),
      ], byTime: false)
    #expect(points.map(\.x) == [0, 10, 20])
    #expect(abs(points[0].y - 2) < 1e-12, "the geometric mean of 4, 1 and 2")
    // The others go on; the cross stands where the run was lost, once.
    #expect(abs(points[1].y - 2) < 1e-12 && abs(points[2].y - 2) < 1e-12)
    #expect(points.map(\.hasDiverged) == [false, true, false])
    let steady = Comparison.points(
      [Self.run(1, curve: [4, 4]), Self.run(1, curve: [1])], byTime: false)
    #expect(steady.count == 1 && abs(steady[0].y - 2) < 1e-12)
  }

  @Test("The best cell is named with how far seeds can tell")
  func ranking() {
    func sentence(_ metrics: [(String, [Double])], isHigherBetter: Bool = true) -> String? {
      CellRanking(
        metricName: "accuracy", isHigherBetter: isHigherBetter,
        metrics: metrics.map { ($0, Interval($1)) }
      ) { "\($0.mean)" }.sentence
    }
    #expect(
      sentence([("elman", [0.25, 0.5]), ("gru", [0.625, 0.875]), ("lstm", [.nan, 1])])
        == "gru does best: test accuracy 0.75, before elman with 0.375.")
    #expect(
      sentence([("elman", [0.25, 0.5]), ("gru", [0.5, 0.75])], isHigherBetter: false)
        == "elman does best: test accuracy 0.375, before gru with 0.625; their ranges over seeds "
        + "overlap, more seeds would have to tell.")
    #expect(sentence([("elman", [0.5]), ("gru", [1])])?.contains("one seed cannot tell") == true)
    #expect(
      sentence([("elman", [1]), ("gru", [1]), ("irnn", [0])])
        == "elman, gru do equally well: test accuracy 1.0.")
    #expect(sentence([("gru", [1])]) == "gru: test accuracy 1.0.")
    #expect(sentence([("gru", [.nan])]) == nil)
  }
}
