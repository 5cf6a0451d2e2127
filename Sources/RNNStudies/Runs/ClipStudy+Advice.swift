import RNNCore
import RNNReport

/// Thresholds that the norms of a row's own history suggest, before any of them is tried.
package struct NormAdvice {
  package var cell: String
  /// The row whose norms they are: `none`, or a threshold.
  package var source: String
  /// The 90 % quantile: a threshold that touches one step in ten.
  package var quantile: Double
  /// The median over the runs of their mean norms.
  package var average: Double
  /// What norms were divided by: the batch with `norm-over-batch`.
  var divisor: Double
  /// Whether the mode looks at another length than these norms'.
  var isOtherMode: Bool

  package var threshold: Double { quantile / divisor }
  /// Half to ten times the average, where training still converged (Pascanu, Mikolov and Bengio
  /// 2013).
  package var band: ClosedRange<Double> { 0.5 * average / divisor...10 * average / divisor }

  package var sentence: String {
    func text(_ value: Double) -> String { NumberFormat.significant(value, digits: 2) }
    let origin = source == "none" ? "without clipping" : "at threshold \(source)"
    return
      "\(cell): its norms \(origin) alone would suggest \(text(threshold)), their 90 % quantile"
      + (divisor == 1 ? "" : " over the batch")
      + (isOtherMode ? " (--mode norm)" : "")
      + "; Pascanu (2013) saw 0.5 to 10 times the average converge, here \(text(band.lowerBound)) "
      + "to \(text(band.upperBound))."
  }
}

extension ClipStudy {
  /// Nil when no gradient was finite. The norms of a run that diverged say little: they are taken
  /// from the row without clipping only if that stayed on course, else from the row with the lowest
  /// loss.
  package func normAdvice(for choice: CellChoice) -> NormAdvice? {
    let rows = rows(of: choice)
    let unclipped = rows.first { row in
      row.clipping == .none && !row.results.contains(where: \.diverged)
    }
    guard let row = unclipped ?? rows.min(by: { $0.validLoss < $1.validLoss }),
      let quantile = row.normQuantile(0.9)
    else { return nil }
    guard quantile > 0, let average = row.results.compactMap(\.clips.meanNorm).median,
      average.isFinite, average > 0
    else { return nil }
    return NormAdvice(
      cell: choice.name, source: row.clipping.label, quantile: quantile, average: average,
      divisor: mode == .normOverBatch ? Double(plan.batch) : 1,
      isOtherMode: mode == .value || mode == .perLayer)
  }

  /// What to say after the table: a threshold by the results, thresholds by the norms, and where
  /// gradients were not finite.
  package var sentences: [String] {
    choices.flatMap { choice in
      [suggestion(for: choice).sentence, normAdvice(for: choice)?.sentence].compactMap { $0 }
        + rows(of: choice).compactMap(\.nonFiniteSentence)
    }
  }
}

extension ClipStudy.Row {
  var nonFiniteSteps: Int { results.reduce(0) { $0 + $1.clips.nonFiniteSteps } }

  /// Where the first gradient that was not finite came from; nil without one.
  var nonFiniteSentence: String? {
    let findings = results.compactMap(\.clips.firstNonFinite)
    guard let first = findings.min(by: { $0.step < $1.step }) else { return nil }
    let origin = first.origin.map { ", from the \($0)" } ?? ""
    return
      "\(choice.name), threshold \(clipping.label): \(findings.count) of \(results.count) runs met "
      + "a gradient that was not finite, first in update \(first.step + 1): "
      + "\(first.parameter)\(origin)."
  }
}
