import RNNCore
import RNNReport

extension ClipStudy {
  package var table: Table {
    let name = results.first?.metricName ?? "metric"
    let isHigherBetter = results.first?.higherIsBetter ?? true
    var table = Table(
      title: "\(plan.taskName.rawValue), clipping by \(mode.rawValue): \(plan.summary)",
      columns: [
        .text("cell"), .number("threshold"), .number("final loss", best: .lowest),
        .number("test \(name)", .useful, best: isHigherBetter ? .highest : .lowest),
        .number("success", best: .highest), .number("diverged", .useful),
        .number("clipped", .useful),
        .number("norm 10 %", .detail), .number("50 %", .useful), .number("90 %", .useful),
        .number("99 %", .detail), .number("non-finite", .detail),
      ])
    for row in rows { table.append(cells(row)) }
    return table
  }

  private func cells(_ row: Row) -> [Table.Cell] {
    let metric = Interval(row.results.map(\.metric))
    let successes = row.successes(plan.success)
    let share = Interval(row.results.map(\.clips.clippedShare)).mean
    return [
      .init(row.choice.name), .init(row.clipping.label),
      row.finalLoss,
      .init(plan.format(metric, name: row.results.first?.metricName ?? ""), value: metric.mean),
      .init(
        Proportion(successes, of: row.results.count).labelWithInterval, value: Double(successes)),
      .init("\(row.results.count(where: \.diverged)) of \(row.results.count)"),
      .init(row.clipping == .none ? "-" : NumberFormat.percent(share)),
    ]
      + RunResult.quantileLevels.map { level in
        .init(NumberFormat.significant(row.normQuantile(level) ?? .nan, digits: 3))
      }
      + [.init("\(row.nonFiniteSteps)")]
  }

  /// What the numbers of the table are taken over.
  private var legend: String {
    "A final loss is the mean over the runs that did not diverge, with their number where that is "
      + "not all; the metric is the mean over all runs as they ended. Norms are the median over "
      + "the runs of each run's own quantile."
  }

  package var section: ReportSection {
    ReportSection(
      "What a clipping threshold does on \(plan.taskName.rawValue)", answer: sentences,
      [
        .paragraph(plan.task.summary.asSentence),
        .figure(
          ReportFigure(
            chart: losses,
            caption:
              "Final validation loss against the threshold (\(mode.rawValue)), median over seeds.",
            howToRead:
              "The band reaches from the best to the worst seed; dashed lines are the loss without "
              + "clipping. Too low a threshold slows learning, too high a one no longer protects; "
              + "a cross on the top edge says that a run diverged, the curve is that of the others."
          )),
        .figure(
          ReportFigure(
            chart: successes, caption: "Share of runs that succeed (\(successText)).",
            howToRead:
              "The longest bar is the safest threshold for a cell; whiskers are 95 % intervals of "
              + "the probability (Wilson).")),
        .table(table), .paragraph(legend),
      ] + normFigures.map { .figure($0) })
  }

  private var successText: String {
    let higher = results.first?.higherIsBetter ?? true
    return "test \(results.first?.metricName ?? "metric") \(higher ? "at least" : "at most") "
      + plan.format(Interval([plan.success]), name: results.first?.metricName ?? "")
  }

  private var losses: LineChart {
    LineChart(
      title: "Loss against threshold",
      description: "Validation loss at each clipping threshold for each cell.",
      xAxis: ChartAxis(title: "threshold", scale: .log10),
      yAxis: ChartAxis(title: "validation loss", scale: .log10),
      series: choices.flatMap(curves),
      references: plan.task.guessLoss.map {
        [.init(direction: .horizontal, value: $0, label: "best blind guess")]
      } ?? [])
  }

  /// The thresholds' curve and a dashed line for no clipping.
  private func curves(_ choice: CellChoice) -> [LineChart.Series] {
    let rows = rows(of: choice)
    let clipped = rows.filter { $0.clipping != .none }.compactMap { row in
      row.clipping.threshold.map { threshold in
        LineChart.Point(x: decimal(threshold), median: row.results.map(\.validLoss))
      }
    }.sorted { $0.x < $1.x }
    var series = [
      LineChart.Series(name: choice.name, points: clipped, hasMarkers: true)
    ]
    // A loss that is none would be drawn as runs that diverged at the thresholds.
    if let loss = rows.first(where: { $0.clipping == .none })?.validLoss, loss.isFinite,
      let first = clipped.first, let last = clipped.last
    {
      series.append(
        LineChart.Series(
          name: "\(choice.name), none",
          points: [.init(x: first.x, y: loss), .init(x: last.x, y: loss)], isDashed: true,
          of: choice.name))
    }
    return series
  }

  private var successes: BarChart {
    BarChart(
      title: "Success", description: "Share of successful runs by cell and threshold.",
      axisTitle: "successful runs",
      groups: choices.flatMap { choice in
        rows(of: choice).map { row in
          let count = row.successes(plan.success)
          return BarChart.Group(
            name: "\(choice.name), \(row.clipping.label)",
            bars: [
              BarChart.Bar(choice.name, Proportion(count, of: row.results.count))
            ])
        }
      })
  }
}

extension ClipStudy.Row {
  /// The mean of the runs that stayed on course, with their number where that is not all. Only a
  /// mean of all runs can be the best of its column.
  var finalLoss: Table.Cell {
    let finite = results.map(\.validLoss).filter(\.isFinite)
    guard !finite.isEmpty else { return "-" }
    let loss = Interval(finite)
    guard finite.count < results.count else {
      return .init(NumberFormat.interval(loss), value: loss.mean)
    }
    return .init(
      "\(NumberFormat.interval(loss)), \(Proportion(finite.count, of: results.count).label)")
  }
}
