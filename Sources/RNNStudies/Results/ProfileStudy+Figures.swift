import RNNCore
import RNNReport

extension ProfileStudy {
  /// What all looks show.
  var gradients: GradientReport {
    var times = [GradientReport.Time(firstLook, saved == nil ? "at the start" : "as it was saved")]
    if updates > 0 { times.append(GradientReport.Time("trained", "after training")) }
    return GradientReport(looks, times: times, memoryNeeded: memoryNeeded)
  }

  package var maps: [HeatMap] { gradients.maps }

  package var table: Table { gradients.table("\(plan.taskName.rawValue): \(summary)") }

  package var sentences: [String] {
    looks.compactMap { look in
      look.verdict.map { "\(look.cell), \(look.when): \($0.sentence)" }
    }
  }

  package var sections: [ReportSection] {
    gradients.sections(
      answer: sentences, opening: plan.task.summary.asSentence, table: table)
      + (updates > 0 ? [trainingSection] : [])
  }

  // MARK: - Training

  private var trainingSection: ReportSection {
    ReportSection(
      "What training changes",
      [
        .figure(
          ReportFigure(
            chart: historyChart("Global norm", "‖gradient‖ before clipping") { [$0.globalNorm] },
            caption: "Norm of the whole gradient over training, all answers.",
            howToRead:
              "Peaks are steps near a cliff of the error surface. What lies above the dashed "
              + "threshold was clipped."))
      ]
        + rows.filter { !$0.history.isEmpty }.map { row in
          .figure(
            ReportFigure(
              chart: parameterChart(row),
              caption:
                "\(row.choice.name): how much of themselves parameters change in one update.",
              howToRead:
                "About 10⁻³ is usual; far below it a parameter hardly learns, far above it jumps."))
        })
  }

  private func historyChart(
    _ title: String, _ unit: String, values: (GradientProfile) -> [Double]
  ) -> LineChart {
    LineChart(
      title: title, description: "\(title) of each cell over training.",
      xAxis: ChartAxis(title: "updates", isWhole: true),
      yAxis: ChartAxis(title: unit, scale: .log10),
      series: rows.map { row in
        LineChart.Series(
          name: row.choice.name,
          points: row.history.map { LineChart.Point(x: Double($0.step), y: values($0)[0]) })
      },
      references: clipping.mode == .globalNorm
        ? clipping.threshold.map {
          [.init(direction: .horizontal, value: decimal($0), label: "threshold")]
        } ?? [] : [])
  }

  private func parameterChart(_ row: Row) -> LineChart {
    let names = row.history.first?.parameters.map(\.name) ?? []
    return LineChart(
      title: "Updates, \(row.choice.name)",
      description: "Norm of the update over the norm of the parameter, by parameter.",
      xAxis: ChartAxis(title: "updates", isWhole: true),
      yAxis: ChartAxis(title: "‖Δw‖ / ‖w‖", scale: .log10),
      series: names.enumerated().map { index, name in
        LineChart.Series(
          name: name,
          points: row.history.compactMap { profile in
            profile.parameters[index].updateRatio.map {
              LineChart.Point(x: Double(profile.step), y: $0)
            }
          })
      })
  }
}
