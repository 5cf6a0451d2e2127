import Foundation
import Testing

@testable import RNNTasks

@Suite("Scores of pairs")
struct PairScoreTests {
  /// Words "1" to "9" for sources and targets.
  private static func scoring() throws -> (PairEncoding, (Int) -> PairItem) {
    let directory = try TemporaryDirectory()
    let file = directory.url.appendingPathComponent("texts")
    let lines = (1...8).map { (1...$0).map(String.init).joined(separator: " ") }
    try (lines.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
    var options = DataOptions()
    (options.minimumCount, options.validationShare, options.testShare) = (1, 0, 0.13)
    let task = try #require(makeTask(.autoencode, at: file, options: options) as? PairTask)
    let items = Array([task.training, task.test].joined())
    return (task.pairs, { length in items.first { $0.source.count == length } ?? items[0] })
  }

  @Test("Exact answers of two words have no BLEU, and those of six have 100")
  func shortSources() throws {
    let (encoding, item) = try Self.scoring()
    var score = PairScore(encoding, setNames: [], isGreedy: false)
    for length in [1, 2, 6, 7, 8] { score.add(item(length).target, for: item(length)) }
    let rows = score.taskScore(meanLoss: 0).byLength
    #expect(rows.map(\.lengths.lowerBound) == [1, 2, 6, 7, 8])
    #expect(rows[0].metric.value.isNaN && rows[1].metric.value.isNaN)
    #expect(rows.dropFirst(2).allSatisfy { abs($0.metric.value - 100) < 1e-9 })
    #expect(abs(score.taskScore(meanLoss: 0).metrics[0].value - 100) < 1e-9)
  }

  @Test("Greedy scores say that they are")
  func names() throws {
    let (encoding, _) = try Self.scoring()
    func names(isGreedy: Bool) -> [String] {
      PairScore(encoding, setNames: [], isGreedy: isGreedy).taskScore(meanLoss: 0).metrics.map(
        \.name)
    }
    #expect(names(isGreedy: false) == ["BLEU", "exact match"])
    #expect(names(isGreedy: true) == ["greedy BLEU", "greedy exact match"])
  }
}
