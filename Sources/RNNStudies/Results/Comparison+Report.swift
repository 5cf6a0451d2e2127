import RNNCore
import RNNReport

extension Comparison {
  /// A column with what it says of a row.
  private typealias Field = (column: Table.Column, cell: (Row) -> Table.Cell)

  package var table: Table {
    // Columns that say the same of every row are left out.
    let fields =
      [rowField] + (plan.fairness == .parameters ? [hiddenField] : []) + learningFields
      + speedFields
      + (results.contains(where: \.diverged) ? [divergedField] : [])
    var table = Table(
      title: "\(plan.taskName.rawValue): \(plan.summary)", columns: fields.map(\.column))
    for row in rows { table.append(fields.map { $0.cell(row) }) }
    return table
  }

  private var rowField: Field { (.text("cell"), { .init($0.choice.name) }) }
  private var hiddenField: Field { (.number("H"), { .init("\($0.hidden)") }) }
  private var divergedField: Field {
    (
      .number("diverged"),
      { .init("\($0.results.count(where: \.diverged)) of \($0.results.count)") }
    )
  }

  private var learningFields: [Field] {
    let name = results.first?.metricName ?? "metric"
    let isHigherBetter = results.first?.higherIsBetter ?? true
    return [
      (.number("parameters", .detail), { .init("\($0.results.first?.parameters ?? 0)") }),
      (.number("train loss", .detail, best: .lowest), { lossCell($0.interval(\.trainLoss)) }),
      (.number("valid. loss", best: .lowest), { lossCell($0.interval(\.validLoss)) }),
      (
        .number("test \(name)", best: isHigherBetter ? .highest : .lowest),
        { row in
          let metric = row.interval(\.metric)
          return .init(plan.format(metric, name: name), value: metric.mean)
        }
      ),
    ]
  }

  private var speedFields: [Field] {
    let target = NumberFormat.significant(plan.targetLoss, digits: 3)
    return [
      (
        .number("tokens/s", .useful, best: .highest),
        { row in
          let speed = row.interval(\.tokensPerSecond).mean
          return .init(NumberFormat.si(speed), value: speed)
        }
      ),
      (
        .number("GFLOP/s", .useful),
        { .init(NumberFormat.significant($0.interval(\.gflops).mean, digits: 3)) }
      ),
      (
        .number("of peak", .useful),
        { .init(NumberFormat.percent($0.interval(\.peakShare).mean, decimals: 0)) }
      ),
      (.number("to loss \(target)", .detail, best: .lowest), targetCell),
    ]
  }

  private func lossCell(_ loss: Interval) -> Table.Cell {
    .init(NumberFormat.interval(loss), value: loss.mean)
  }

  /// The mean time to the target loss, or how many runs reached it.
  private func targetCell(_ row: Row) -> Table.Cell {
    let times = row.results.compactMap(\.secondsToTarget)
    guard times.count == row.results.count else {
      return .init("\(times.count) of \(row.results.count)")
    }
    let mean = Interval(times).mean
    return .init(NumberFormat.duration(mean), value: mean)
  }

  // MARK: - Sentences

  /// Which cell does best, whether that is beyond chance, which is fastest, and which diverged.
  package var sentences: [String] {
    [ranking.sentence, speedSentence].compactMap { $0 }
      + rows.compactMap { row in
        let count = row.results.count(where: \.diverged)
        return count == 0
          ? nil : "\(row.choice.name): \(count) of \(row.results.count) runs diverged."
      }
  }

  private var ranking: CellRanking {
    let name = results.first?.metricName ?? "metric"
    return CellRanking(
      metricName: name, isHigherBetter: results.first?.higherIsBetter ?? true,
      metrics: rows.map { ($0.choice.name, $0.interval(\.metric)) }
    ) { plan.format($0, name: name) }
  }

  private var speedSentence: String? {
    guard rows.count > 1 else { return nil }
    let speeds = rows.map { ($0.choice.name, $0.interval(\.tokensPerSecond).mean) }
    return speeds.filter(\.1.isFinite).max { $0.1 < $1.1 }.map {
      "\($0) trains fastest: \(NumberFormat.si($1)) tokens/s."
    }
  }

  // MARK: - Report

  package var section: ReportSection {
    ReportSection(
      "Which cell learns \(plan.taskName.rawValue) best", answer: sentences,
      [
        .paragraph(plan.task.summary.asSentence),
        .figure(
          ReportFigure(
            chart: curves,
            caption: "Validation loss while training, geometric mean over seeds.",
            howToRead:
              "Lower is better. \(Interval.bands(plan.seeds))A curve that stays flat has not found "
              + "what the task needs to be remembered; a cross is where a run diverged, the curve "
              + "goes on with the others and ends with the shortest of them.")),
        .figure(
          ReportFigure(
            chart: speeds, caption: "Training speed, mean over seeds.",
            howToRead: "Longer is faster. Tokens are real ones, padding does not exist.")),
        .table(table),
        .paragraph(
          "Losses and metric belong to the parameters with the best validation metric of each run. "
            + "GFLOP/s count three times the forward products, and the share of the peak is taken "
            + "of this machine's own sgemm with the same threads. The best value of a column is "
            + "marked; whether it is better than the next one, the intervals of both must tell."),
      ])
  }

  private var curves: LineChart {
    LineChart(
      title: "Learning curves",
      description: "Validation loss against training progress for each cell.",
      xAxis: ChartAxis(title: byTime ? "training seconds" : "updates", isWhole: !byTime),
      yAxis: ChartAxis(title: "validation loss", scale: .log10),
      series: rows.map { row in
        LineChart.Series(name: row.choice.name, points: Self.points(row.results, byTime: byTime))
      },
      references: plan.task.guessLoss.map {
        [.init(direction: .horizontal, value: $0, label: "best blind guess")]
      } ?? [])
  }

  private var byTime: Bool { plan.fairness == .time }

  /// The looks of all seeds, in their order: as many as every run has that did not diverge. One
  /// that did has no loss after its end, and a cross at the first look that it did not reach.
  static func points(_ results: [RunResult], byTime: Bool) -> [LineChart.Point] {
    let steady = results.filter { !$0.diverged }
    let count =
      (steady.isEmpty ? results.map(\.curve.count).max() : steady.map(\.curve.count).min()) ?? 0
    var lost = 0
    return (0..<count).map { index in
      let looks = results.map { $0.curve.indices.contains(index) ? $0.curve[index] : nil }
      let places = looks.compactMap { $0 }.map { byTime ? $0.seconds : Double($0.updates) }
      let losses = looks.map { $0?.validLoss ?? .nan }
      var point = LineChart.Point(x: Interval(places).mean, geometric: losses)
      let known = lost
      lost = losses.count { !$0.isFinite }
      point.hasDiverged = lost > known
      return point
    }
  }

  private var speeds: BarChart {
    BarChart(
      title: "Speed", description: "Training tokens per second of each cell.",
      axisTitle: "tokens/s",
      groups: rows.map { row in
        let speed = Interval(row.results.map(\.tokensPerSecond))
        return BarChart.Group(
          name: row.choice.name,
          bars: [BarChart.Bar(row.choice.name, speed, label: NumberFormat.si(speed.mean))])
      })
  }
}

extension Comparison.Row {
  func interval(_ value: (RunResult) -> Double) -> Interval { Interval(results.map(value)) }
}
