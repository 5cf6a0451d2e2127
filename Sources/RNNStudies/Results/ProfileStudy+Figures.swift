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
          GradientReport.course(
            "Global norm", unit: "‖gradient‖ before clipping",
            caption: "Norm of the whole gradient over training, all answers.",
            howToRead:
              "Peaks are steps near a cliff of the error surface. What lies above the dashed "
              + "threshold was clipped.",
            series: rows.map { row in
              LineChart.Series(
                name: row.choice.name,
                points: row.history.map {
                  LineChart.Point(x: Double($0.step), y: $0.globalNorm)
                })
            }, references: thresholds))
      ]
        + rows.filter { !$0.history.isEmpty }.map { .figure(parameterFigure($0)) })
  }

  private var thresholds: [LineChart.Reference] {
    guard clipping.mode == .globalNorm, let threshold = clipping.threshold else { return [] }
    return [.init(direction: .horizontal, value: decimal(threshold), label: "threshold")]
  }

  private func parameterFigure(_ row: Row) -> ReportFigure {
    let names = row.history.first?.parameters.map(\.name) ?? []
    return GradientReport.course(
      "Updates, \(row.choice.name)", unit: "‖Δw‖ / ‖w‖",
      caption: "\(row.choice.name): how much of themselves parameters change in one update.",
      howToRead: "About 10⁻³ is usual; far below it a parameter hardly learns, far above it jumps.",
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
