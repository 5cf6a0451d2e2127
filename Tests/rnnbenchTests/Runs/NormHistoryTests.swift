import Testing

@testable import RNNCore
@testable import RNNStudies
@testable import rnnbench

@Suite("The history of gradient norms")
struct NormHistoryTests {
  private static func report(_ norm: Double?, clipped: Bool = false) -> StepReport {
    var report = StepReport(loss: 1, elements: 1, meanLoss: 1, rate: 0.1)
    report.clip = norm.map { ClipRecord(norm: $0, scale: clipped ? 0.5 : 1, isClipped: clipped) }
    return report
  }

  @Test("Each stretch has the quantiles of its own norms")
  func quantiles() {
    var history = NormHistory()
    let updates = 11 * NormHistory.stretchCount
    for update in 0..<updates {
      let stretch = update / 11
      history.add(
        Self.report(Double(100 * stretch + update % 11), clipped: update % 11 < stretch),
        done: Double(update) / Double(updates))
    }
    history.finish()
    #expect(history.stretches.count == NormHistory.stretchCount)
    for (index, stretch) in history.stretches.enumerated() {
      // Norms 0 to 10 above 100 · index: the quantile of level q is 10 q.
      #expect(stretch.low == Double(100 * index) + 1)
      #expect(stretch.median == Double(100 * index) + 5)
      #expect(stretch.high == Double(100 * index) + 9)
      #expect(stretch.updates == 11 * (index + 1))
      #expect(abs(stretch.clippedShare - Double(min(index, 11)) / 11) < 1e-12)
    }
  }

  @Test("Steps that are not finite are counted and leave no norm")
  func nonFinite() {
    var history = NormHistory()
    history.add(Self.report(2), done: 0)
    history.add(Self.report(nil), done: 0.01)
    history.add(Self.report(nil), done: 0.5)
    history.finish()
    history.finish()
    #expect(history.stretches.map(\.nonFiniteSteps) == [1, 1])
    #expect(history.stretches.map(\.updates) == [2, 3])
    #expect(history.stretches[0].median == 2 && history.stretches[1].median.isNaN)
  }

  @Test("A run without steps has no history")
  func empty() {
    var history = NormHistory()
    history.finish()
    #expect(history.stretches.isEmpty)
  }
}
