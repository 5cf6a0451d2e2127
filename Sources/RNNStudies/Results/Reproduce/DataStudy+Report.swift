import RNNCore
import RNNReport
import RNNTasks

extension DataStudy: ReproducedExperiment {
  package var heading: (title: String, subtitle: String) {
    (experiment.title, "\(experiment.rows.count) models, \(seedText)")
  }

  private var seedText: String { "\(seeds.count) seed\(seeds.count == 1 ? "" : "s")" }

  /// A line for each number that is compared; what a row has in common stands in its first line.
  package var table: Table {
    var table = Table(
      title: "\(experiment.title), \(seedText)",
      columns: [
        .text("model"), .text("score"), .number("published"), .text("by", .useful),
        .number("here"), .number("best epoch", .useful), .number("time a run", .useful),
        .number("tokens/s", .detail), .number("parameters", .detail),
      ])
    for (index, row) in experiment.rows.enumerated() {
      for (place, comparison) in row.comparisons.enumerated() {
        let measured = interval(comparison.measure, row: index)
        table.append(
          [
            .init(place == 0 ? row.name : ""),
            .init(comparison.measure.text(score: experiment.score)),
            .init(comparison.published?.text(isShare: experiment.isShare) ?? "-"),
            .init(comparison.published?.source ?? ""),
            .init(measured.text(isShare: experiment.isShare), value: measured.mean),
          ] + (place == 0 ? common(index) : Array(repeating: "", count: 4)))
      }
    }
    return table
  }

  private func common(_ row: Int) -> [Table.Cell] {
    let runs = runs(ofRow: row)
    let epochs = Interval(runs.compactMap(\.course.bestLook).map { Double($0.epochs) })
    return [
      .init(
        NumberFormat.fixed(epochs.mean, decimals: epochs.mean == epochs.mean.rounded() ? 0 : 1)),
      .init(NumberFormat.duration(Interval(runs.map(\.course.seconds)).mean)),
      .init(NumberFormat.si(Interval(runs.map(\.course.tokensPerSecond)).mean)),
      .init(runs.first.map { "\($0.parameters)" } ?? "-"),
    ]
  }

  package var lines: [String] {
    let all = experiment.rows.flatMap(\.comparisons).compactMap(\.published)
    return experiment.notes + (all.allSatisfy(\.isVerified) ? [] : [Published.legend]) + [
      "Here: the mean of \(seedText)\(Interval.legend(seeds.count)); "
        + "\(NumberFormat.duration(seconds)) in all."
    ]
  }

  // MARK: - Report

  package var section: ReportSection {
    ReportSection(
      "Published and here", answer: sentences,
      [.table(table)] + lines.map { .paragraph($0) } + [.figure(figure)]
        + details.map { .table($0) } + (lengthFigure.map { [.figure($0)] } ?? [])
        + experiment.rows.map { .details(summary: "Settings of \($0.name)", text: Self.text($0)) })
  }

  /// The first number of each model beside the published one.
  private var sentences: [String] {
    experiment.rows.enumerated().compactMap { index, row in
      guard let comparison = row.comparisons.first else { return nil }
      let isShare = experiment.isShare
      let here = interval(comparison.measure, row: index).text(isShare: isShare)
      let published = comparison.published.map {
        "; published are \($0.text(isShare: isShare)) (\($0.source))"
      }
      return "\(row.name): \(comparison.measure.text(score: experiment.score)) \(here) here"
        + (published ?? "") + "."
    }
  }

  private static func text(_ row: DataExperiment.Row) -> String {
    func text(_ settings: TrainSettings) -> String {
      settings.facts.filter { $0.name != "seed" }.map { "\($0.name): \($0.value)" }
        .joined(separator: "\n")
    }
    return text(row.settings)
      + (row.pretraining.map { "\n\nbegins with the encoder of:\n" + text($0) } ?? "")
  }

  private var figure: ReportFigure {
    let isLoss = experiment.curve == .loss
    let quantity = isLoss ? "validation loss (nats)" : "validation \(experiment.score)"
    return ReportFigure(
      chart: LineChart(
        title: "Learning curves", description: "\(quantity) by epoch, of each model.",
        xAxis: ChartAxis(title: "epochs", isWhole: true),
        yAxis: ChartAxis(title: quantity, scale: experiment.isShare ? .linear : .log10),
        series: experiment.rows.indices.map(curve) + publishedCurves, references: references),
      caption: "\(quantity) by epoch, means over \(seedText) as far as all of them go.",
      howToRead:
        "\(Interval.bands(seeds.count))Dashed curves and level lines are published numbers.")
  }

  private func curve(_ row: Int) -> LineChart.Series {
    let looks = runs(ofRow: row).map { $0.course.looks.filter { $0.epochs > 0 } }
    let epochs = looks.map(\.count).min() ?? 0
    return LineChart.Series(
      name: experiment.rows[row].name,
      points: (0..<epochs).map { epoch in
        LineChart.Point(
          x: Double(epoch + 1),
          interval: Interval(
            looks.map { experiment.curve == .loss ? $0[epoch].validLoss : $0[epoch].metric }))
      }, hasMarkers: epochs <= 30)
  }

  /// Where losses are published for several epochs.
  private var publishedCurves: [LineChart.Series] {
    experiment.rows.compactMap { row in
      let points = row.comparisons.compactMap { comparison -> LineChart.Point? in
        guard case .validationLoss(let epoch) = comparison.measure,
          let published = comparison.published
        else { return nil }
        return LineChart.Point(x: Double(epoch), y: published.value.lowerBound)
      }
      guard points.count > 1 else { return nil }
      return LineChart.Series(
        name: "\(row.name), published", points: points, isDashed: true, hasMarkers: true,
        of: row.name)
    }
  }

  /// Published values of what the figure shows.
  private var references: [LineChart.Reference] {
    experiment.rows.flatMap { row in
      row.comparisons.compactMap { comparison in
        guard let published = comparison.published, comparison.measure.isOfCurve(experiment)
        else { return nil }
        return LineChart.Reference(
          direction: .horizontal, value: published.value.lowerBound,
          label: "\(row.name), \(published.source)")
      }
    }
  }
}

extension DataExperiment.Measure {
  /// - Parameter score: the name of the main score.
  package func text(score: String) -> String {
    switch self {
    case .test(let name): "test \(name)"
    case .bestValidation: "validation \(score)"
    case .validationLoss(let epoch): "validation loss after \(epoch)"
    case .lowestValidationLoss: "lowest validation loss"
    }
  }

  /// Whether a published value of it belongs into the figure as a level line. A test score does
  /// where it is the only one that is published.
  fileprivate func isOfCurve(_ experiment: DataExperiment) -> Bool {
    switch (self, experiment.curve) {
    case (.test(let name), .score): name == experiment.score
    case (.bestValidation, .score), (.lowestValidationLoss, .loss): true
    default: false
    }
  }
}

// MARK: - By the length of the source

extension DataStudy {
  /// A row for some lengths, a column for each model, where they are known.
  package var details: [Table] {
    let rows = lengthRows(ofModel: 0)
    guard rows.count > 1 else { return [] }
    var table = Table(
      title: "Test \(experiment.score) by the length of the source",
      columns: [.text("tokens"), .number("sources", .useful)]
        + experiment.rows.map { .number($0.name) })
    for (place, row) in rows.enumerated() {
      table.append(
        [.init(row.text), .init("\(row.sentences)", value: Double(row.sentences))]
          + experiment.rows.indices.map { model in
            let interval = lengthInterval(place, model: model)
            return .init(interval.text(isShare: experiment.isShare), value: interval.mean)
          })
    }
    return [table]
  }

  private var lengthFigure: ReportFigure? {
    let rows = lengthRows(ofModel: 0)
    guard rows.count > 1 else { return nil }
    return ReportFigure(
      chart: LineChart(
        title: "By length", description: "Test \(experiment.score) by the length of the source.",
        xAxis: ChartAxis(title: "tokens of the source", isWhole: true),
        yAxis: ChartAxis(title: "test \(experiment.score)"),
        series: experiment.rows.indices.map { model in
          LineChart.Series(
            name: experiment.rows[model].name,
            points: rows.indices.map { place in
              let lengths = rows[place].lengths
              return LineChart.Point(
                x: Double(lengths.lowerBound + lengths.upperBound) / 2,
                interval: lengthInterval(place, model: model))
            }, hasMarkers: true)
        }),
      caption: "Test \(experiment.score) by the length of the source.",
      howToRead:
        "\(Interval.bands(seeds.count))Each point stands for the sources of some lengths."
    )
  }

  /// All models are tested on the same sources.
  private func lengthRows(ofModel model: Int) -> [LengthScore] {
    runs(ofRow: model).first?.byLength ?? []
  }

  private func lengthInterval(_ place: Int, model: Int) -> Interval {
    Interval(runs(ofRow: model).map { $0.byLength[place].metric.value })
  }
}
