import RNNCore

extension Comparison {
  var table: Table {
    let first = results.first
    let metric = first?.metricName ?? "metric"
    var table = Table(
      title: "\(plan.taskName.rawValue): \(plan.summary)",
      columns: [
        .text("cell"), .number("H", .detail), .number("parameters", .useful),
        .number("train loss", .detail, best: .lowest), .number("valid. loss", best: .lowest),
        .number("test \(metric)", best: first?.higherIsBetter ?? true ? .highest : .lowest),
        .number("tokens/s", best: .highest), .number("GFLOP/s", .useful),
        .number("of peak", .useful), .number("to loss \(target)", .detail, best: .lowest),
        .number("diverged", .detail),
      ])
    for row in rows { table.append(cells(row)) }
    return table
  }

  private var target: String { NumberFormat.significant(plan.targetLoss, digits: 3) }

  private func cells(_ row: Row) -> [Table.Cell] {
    func interval(_ value: (RunResult) -> Double) -> Interval { Interval(row.results.map(value)) }
    let (train, valid) = (interval(\.trainLoss), interval(\.validLoss))
    let (metric, speed) = (interval(\.metric), interval(\.tokensPerSecond))
    let reached = row.results.compactMap(\.secondsToTarget)
    let time = reached.count == row.results.count ? Interval(reached).mean : .nan
    let diverged = row.results.count(where: \.diverged)
    return [
      .init(row.choice.name), .init("\(row.hidden)"),
      .init("\(row.results.first?.parameters ?? 0)"),
      .init(NumberFormat.interval(train), value: train.mean),
      .init(NumberFormat.interval(valid), value: valid.mean),
      .init(
        plan.format(metric, name: row.results.first?.metricName ?? ""), value: metric.mean),
      .init(NumberFormat.si(speed.mean), value: speed.mean),
      .init(NumberFormat.significant(interval(\.gflops).mean, digits: 3)),
      .init(NumberFormat.percent(interval(\.peakShare).mean, decimals: 0)),
      .init(
        time.isFinite ? NumberFormat.duration(time) : "\(reached.count) of \(row.results.count)",
        value: time),
      .init(diverged == 0 ? "0" : "\(diverged) of \(row.results.count)"),
    ]
  }

  var section: ReportSection {
    ReportSection(
      "Which cell learns \(plan.taskName.rawValue) best",
      [
        .paragraph(plan.task.summary.asSentence),
        .figure(
          ReportFigure(
            chart: curves,
            caption: "Validation loss while training, geometric mean over seeds.",
            howToRead:
              "Lower is better; the band is the 95 % interval of the mean over seeds. A curve that stays "
              + "flat has not found what the task needs to be remembered.")),
        .figure(
          ReportFigure(
            chart: speeds, caption: "Training speed, mean over seeds.",
            howToRead: "Longer is faster. Tokens are real ones, padding does not exist.")),
        .table(table),
        .paragraph(
          "Losses and metric belong to the parameters with the best validation metric of each run. GFLOP/s "
            + "count three times the forward products, and the share of the peak is taken of this machine's "
            + "own sgemm with the same threads. The best value of a column is marked; whether it is better "
            + "than the next one, the ± of both must tell."),
      ])
  }

  private var curves: LineChart {
    LineChart(
      title: "Learning curves",
      description: "Validation loss against training progress for each cell.",
      xAxis: ChartAxis(title: byTime ? "training seconds" : "updates"),
      yAxis: ChartAxis(title: "validation loss", scale: .log10),
      series: rows.map { row in
        LineChart.Series(name: row.choice.name, points: points(row.results))
      },
      references: plan.task.guessLoss.map {
        [.init(direction: .horizontal, value: $0, label: "best blind guess")]
      } ?? [])
  }

  private var byTime: Bool { fairness == .time }

  /// The looks of all seeds, in their order.
  private func points(_ results: [RunResult]) -> [LineChart.Point] {
    let count = results.map(\.curve.count).max() ?? 0
    return (0..<count).map { index in
      let samples = results.compactMap { $0.curve.indices.contains(index) ? $0.curve[index] : nil }
      let x = Interval(samples.map { byTime ? $0.seconds : Double($0.updates) }).mean
      return LineChart.Point(x: x, geometric: samples.map(\.validLoss))
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
          bars: [BarChart.Bar("training", speed, label: NumberFormat.si(speed.mean))])
      })
  }
}
