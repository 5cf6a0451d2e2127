import RNNCore
import RNNReport

/// Gradient norms and clipping over the course of training.
extension ClipStudy {
  /// Two figures a cell.
  var normFigures: [ReportFigure] {
    choices.flatMap { choice in [normFigure(choice), shareFigure(choice)].compactMap { $0 } }
  }

  private func normFigure(_ choice: CellChoice) -> ReportFigure {
    ReportFigure(
      chart: LineChart(
        title: "Gradient norms while training, \(choice.name)",
        description: "Median gradient norm before clipping over training at each threshold.",
        xAxis: ChartAxis(title: "updates", isWhole: true),
        yAxis: ChartAxis(title: "‖g‖ before clipping", scale: .log10),
        series: rows(of: choice).map { row in
          LineChart.Series(name: row.clipping.label, points: row.history(\.normPoint))
        },
        references: normAdvice(for: choice).map {
          [.init(direction: .horizontal, value: $0.quantile, label: "90 % quantile")]
        } ?? []),
      caption:
        "Norms of \(choice.name)'s gradients by threshold, median over the runs that have some "
        + "there.",
      howToRead:
        "The line is the median of a fortieth of the run, the band reaches from its 10 % to its 90 "
        + "% quantile. Norms that grow without clipping are the cliffs; a threshold below the band "
        + "clips every step. A cross is a stretch in which no gradient was finite.")
  }

  /// Nil when the study has no row that clips.
  private func shareFigure(_ choice: CellChoice) -> ReportFigure? {
    let clipped = rows(of: choice).filter { $0.clipping != .none }
    guard !clipped.isEmpty else { return nil }
    return ReportFigure(
      chart: LineChart(
        title: "Clipped steps while training, \(choice.name)",
        description: "Share of steps that are clipped over training at each threshold.",
        xAxis: ChartAxis(title: "updates", isWhole: true),
        yAxis: ChartAxis(title: "steps clipped", range: 0...1),
        series: clipped.map { row in
          LineChart.Series(name: row.clipping.label, points: row.history(\.sharePoint))
        }),
      caption:
        "Share of steps that are clipped, \(choice.name), median over the runs with finite "
        + "gradients there.",
      howToRead:
        "A threshold at work clips some steps. At 1 it has become part of the learning rate, at 0 "
        + "it is not there.")
  }
}

extension ClipStudy.Row {
  /// The stretches of all seeds, in their order.
  fileprivate func history(
    _ point: KeyPath<[NormHistory.Stretch], LineChart.Point>
  ) -> [LineChart.Point] {
    let histories = results.map(\.norms.stretches)
    let count = histories.map(\.count).max() ?? 0
    return (0..<count).map { index in
      histories.compactMap { $0.indices.contains(index) ? $0[index] : nil }[keyPath: point]
    }
  }
}

extension [NormHistory.Stretch] {
  /// Without a band where a run left the numbers: on its way out norms span dozens of powers of
  /// ten.
  fileprivate var normPoint: LineChart.Point {
    let isSteady = allSatisfy { $0.nonFiniteSteps == 0 }
    return LineChart.Point(
      x: updates, y: middle(\.median), low: isSteady ? finiteMiddle(\.low) : nil,
      high: isSteady ? finiteMiddle(\.high) : nil)
  }

  fileprivate var sharePoint: LineChart.Point {
    LineChart.Point(x: updates, y: middle(\.clippedShare))
  }

  private var updates: Double { Interval(map { Double($0.updates) }).mean }

  /// The median over the seeds that have a number here; not a number when none has.
  private func middle(_ value: (NormHistory.Stretch) -> Double) -> Double {
    LineChart.Point(x: 0, median: map(value).filter(\.isFinite)).y
  }

  private func finiteMiddle(_ value: (NormHistory.Stretch) -> Double) -> Double? {
    let middle = middle(value)
    return middle.isFinite ? middle : nil
  }
}
