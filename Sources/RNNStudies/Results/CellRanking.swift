import RNNReport

/// Which of several cells does best by one metric, in a sentence that says how far that can be
/// trusted.
struct CellRanking {
  var metricName: String
  var isHigherBetter: Bool
  /// Over the seeds of each cell.
  var metrics: [(cell: String, metric: Interval)]
  /// A metric in its own unit.
  var text: (Interval) -> String

  /// Nil where no cell has a finite metric.
  var sentence: String? {
    let ranked = metrics.filter(\.metric.mean.isFinite).sorted {
      isHigherBetter ? $0.metric.mean > $1.metric.mean : $0.metric.mean < $1.metric.mean
    }
    guard let best = ranked.first else { return nil }
    let score = "test \(metricName) \(text(best.metric))"
    guard ranked.count > 1 else { return "\(best.cell): \(score)." }
    let equals = ranked.filter { $0.metric.mean == best.metric.mean }.map(\.cell)
    guard equals.count == 1 else {
      return "\(equals.joined(separator: ", ")) do equally well: \(score)."
    }
    let next = ranked[1]
    return "\(best.cell) does best: \(score), before \(next.cell) with \(text(next.metric))"
      + "\(Self.doubt(best.metric, next.metric))."
  }

  /// What keeps seeds from telling two cells apart; empty where they do.
  private static func doubt(_ best: Interval, _ next: Interval) -> String {
    guard let low = best.low, let high = best.high, let nextLow = next.low, let nextHigh = next.high
    else { return "; one seed cannot tell whether that is more than chance" }
    return low <= nextHigh && nextLow <= high
      ? "; their ranges over seeds overlap, more seeds would have to tell" : ""
  }
}
