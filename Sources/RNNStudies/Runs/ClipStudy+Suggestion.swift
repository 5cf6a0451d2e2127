import RNNCore
import RNNReport

/// A threshold to use, with the reason in words.
package struct ClipSuggestion {
  enum Verdict {
    case clip(Double)
    case notNeeded
    /// No threshold tried makes a run succeed.
    case undecided
  }

  package var cell: String
  var verdict: Verdict
  package var reason: String

  package var threshold: Double? {
    if case .clip(let threshold) = verdict { threshold } else { nil }
  }

  var sentence: String {
    let head =
      switch verdict {
      case .clip(let threshold): "clip at \(NumberFormat.significant(threshold, digits: 2))"
      case .notNeeded: "no clipping needed"
      case .undecided: "no threshold is enough"
      }
    return "\(cell): \(head) — \(reason)"
  }
}

extension ClipStudy {
  /// The threshold with most successes; among equals the lowest loss, as far as the runs tell them
  /// apart.
  ///
  /// It names the ratio to a typical norm, because Pascanu et al. (2013) saw 0.5 to 10 times the
  /// average converge; the median, because one step over a cliff decides a mean.
  package func suggestion(for choice: CellChoice) -> ClipSuggestion {
    let rows = rows(of: choice)
    let most = rows.map { $0.successes(plan.success) }.max() ?? 0
    guard most > 0 else { return fallback(choice, rows) }
    let winners = rows.filter { $0.successes(plan.success) == most }
    let runs = plan.seeds
    if let unclipped = winners.first(where: { $0.clipping == .none }) {
      let tail =
        unclipped.normQuantile(0.99).map {
          "; a net at \(NumberFormat.significant($0, digits: 3)), the 99 % quantile of its norms, "
            + "would touch one step in a hundred"
        } ?? ""
      return ClipSuggestion(
        cell: choice.name, verdict: .notNeeded,
        reason: "\(most) of \(runs) runs succeed without, no threshold does better\(tail).")
    }
    let best = winners.min { $0.validLoss < $1.validLoss } ?? winners[0]
    return ClipSuggestion(
      cell: choice.name, verdict: best.clipping.threshold.map { .clip(decimal($0)) } ?? .notNeeded,
      reason: "\(most) of \(runs) runs succeed, \(unclippedClause(rows))"
        + "\(normClause(best)) \(NumberFormat.percent(share(best), decimals: 0)) of steps are "
        + "clipped."
    )
  }

  /// What can be said when every row fails: whether clipping came into play at all.
  private func fallback(_ choice: CellChoice, _ rows: [Row]) -> ClipSuggestion {
    let head = "no run succeeds at any threshold tried"
    guard let steady = rows.min(by: { $0.validLoss < $1.validLoss }),
      let median = steady.normQuantile(0.5)
    else {
      return ClipSuggestion(
        cell: choice.name, verdict: .undecided, reason: head + ", no gradient was finite.")
    }
    let norm = NumberFormat.significant(median, digits: 2)
    return ClipSuggestion(
      cell: choice.name, verdict: .undecided,
      reason:
        "\(head); the row with the lowest loss (\(steady.clipping.label)) has a median norm of "
        + "\(norm). Try other thresholds near it, more updates, or another optimiser or start.")
  }

  private func unclippedClause(_ rows: [Row]) -> String {
    guard let unclipped = rows.first(where: { $0.clipping == .none }) else { return "" }
    return "\(unclipped.successes(plan.success)) without clipping; "
  }

  private func normClause(_ row: Row) -> String {
    guard let median = row.normQuantile(0.5), median > 0, let threshold = row.clipping.threshold
    else { return "" }
    guard mode == .globalNorm else {
      return "the median norm is \(NumberFormat.significant(median, digits: 2));"
    }
    let ratio = NumberFormat.significant(decimal(threshold) / median, digits: 2)
    return "it is \(ratio) times the median norm;"
  }

  private func share(_ row: Row) -> Double { Interval(row.results.map(\.clips.clippedShare)).mean }
}
