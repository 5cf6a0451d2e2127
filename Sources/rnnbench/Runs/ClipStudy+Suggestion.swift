import RNNCore

/// A threshold to use, with the reason in words.
struct ClipSuggestion {
  var cell: String
  /// Nil: no clipping needed.
  var threshold: Double?
  var reason: String

  var sentence: String {
    let head =
      threshold.map { "clip at \(NumberFormat.significant($0, digits: 3))" }
      ?? "no clipping needed"
    return "\(cell): \(head) — \(reason)"
  }
}

extension ClipStudy {
  /// The threshold with most successes; among equals the lowest loss, as far as the runs tell them apart.
  ///
  /// Where every threshold fails alike, the mean norm of the steadiest runs: Pascanu et al. (2013) saw
  /// 0.5 to 10 times the average norm converge.
  func suggestion(for choice: CellChoice) -> ClipSuggestion {
    let rows = rows(of: choice)
    let most = rows.map { $0.successes(plan.success) }.max() ?? 0
    guard most > 0 else { return fallback(choice, rows) }
    let winners = rows.filter { $0.successes(plan.success) == most }
    let runs = plan.seeds.count
    if let unclipped = winners.first(where: { $0.clipping == .none }) {
      let tail =
        unclipped.normQuantile(0.99).map {
          "; a net at \(NumberFormat.significant($0, digits: 3)), the 99 % quantile of its norms, would touch "
            + "one step in a hundred"
        } ?? ""
      return ClipSuggestion(
        cell: choice.name, threshold: nil,
        reason: "\(most) of \(runs) runs succeed without, no threshold does better\(tail).")
    }
    let best = winners.min { $0.validLoss < $1.validLoss } ?? winners[0]
    return ClipSuggestion(
      cell: choice.name, threshold: best.clipping.threshold.map(decimal),
      reason: "\(most) of \(runs) runs succeed, \(unclippedClause(rows))"
        + "\(normClause(best)) \(NumberFormat.percent(share(best), decimals: 0)) of steps are clipped."
    )
  }

  private func fallback(_ choice: CellChoice, _ rows: [Row]) -> ClipSuggestion {
    let steady = rows.min { $0.validLoss < $1.validLoss }
    return ClipSuggestion(
      cell: choice.name, threshold: steady?.meanNorm,
      reason:
        "no run succeeds at any threshold tried; this is the mean gradient norm of the rows with the "
        + "lowest loss, where a next trial may begin.")
  }

  private func unclippedClause(_ rows: [Row]) -> String {
    guard let unclipped = rows.first(where: { $0.clipping == .none }) else { return "" }
    return "\(unclipped.successes(plan.success)) without clipping; "
  }

  private func normClause(_ row: Row) -> String {
    guard let mean = row.meanNorm, mean > 0, let threshold = row.clipping.threshold else {
      return ""
    }
    let ratio = NumberFormat.significant(decimal(threshold) / mean, digits: 2)
    return mode == .globalNorm
      ? "it is \(ratio) times the mean norm;"
      : "mean norm "
        + NumberFormat.significant(mean, digits: 3) + ";"
  }

  private func share(_ row: Row) -> Double { Interval(row.results.map(\.clips.clippedShare)).mean }
}
