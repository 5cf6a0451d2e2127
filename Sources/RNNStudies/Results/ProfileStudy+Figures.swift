import RNNCore
import RNNReport

extension ProfileStudy {
  package var sections: [ReportSection] {
    [verdictSection, decaySection, jacobianSection, GradientFigures.gates(lastLooks)]
      + (updates > 0 ? [trainingSection] : [])
  }

  private var verdictSection: ReportSection {
    ReportSection(
      "What happens to the gradient", answer: sentences,
      [.paragraph(plan.task.summary.asSentence), .table(table), .paragraph(Self.guide)])
  }

  // MARK: - Norms along time

  private var decaySection: ReportSection {
    ReportSection(
      "How far back it reaches",
      maps.map(GradientFigures.figure)
        + [.figure(decays(firstLook, looks(firstLook)))]
        + (updates > 0 ? [.figure(decays("trained", looks("trained")))] : []))
  }

  /// Log norms, a layer a row, one map a look.
  package var maps: [HeatMap] {
    ([firstLook] + (updates > 0 ? ["trained"] : [])).map { when in
      GradientFigures.map(
        "Gradient that arrives, \(when)",
        description:
          "Norm of the gradient with respect to the cell state (LSTM) or hidden state at each "
          + "step, over that at the last step, \(Self.phrase(when)).",
        steps: "steps before the last",
        rows: looks(when).map { ($0.name, $0.layer.memory) })
    }
  }

  private func decays(_ when: String, _ looks: [ProfileLook]) -> ReportFigure {
    GradientFigures.decay(
      "Decay, \(when)", description: "Share of the gradient by distance for each layer.",
      caption: "Decay of the gradient with the distance from the loss, \(Self.phrase(when)).",
      steps: "steps before the last", memoryNeeded: memoryNeeded,
      rows: looks.map { ($0.name, $0.layer.memory) })
  }

  private static func phrase(_ when: String) -> String {
    switch when {
    case "start": "at the start"
    case "saved": "as it was saved"
    default: "after training"
    }
  }

  // MARK: - Jacobians

  private var jacobianSection: ReportSection {
    let looks = lastLooks.filter { $0.spectrum != nil }
    let reasons = lastLooks.compactMap { look in
      look.jacobians?.reason.map { "\(look.name): \($0)" }
    }
    guard !looks.isEmpty else {
      return ReportSection("What a step does to the state", reasons.map { .paragraph($0) })
    }
    return ReportSection(
      "What a step does to the state",
      reasons.map { .paragraph($0) } + [
        .figure(
          ReportFigure(
            chart: spectrumChart(
              "Lyapunov spectrum", "exponent, nats a step", looks, range: -4...1,
              references: [.init(direction: .horizontal, value: 0, label: "neutral")]
            ) { $0.lyapunov.exponents },
            caption: "Lyapunov spectrum along one sequence.",
            howToRead:
              "Each exponent is the mean growth of one direction a step: e to its power is the "
              + "factor. Above 0 small changes and gradients grow, far below 0 they are lost; a "
              + "network remembers along directions near 0."))
      ]
        + windowLengths(looks).map { steps in
          .figure(
            ReportFigure(
              chart: spectrumChart(
                "Singular values, \(steps) steps", "log₁₀ σ", looks, range: -12...3
              ) { spectrum in
                spectrum.windows.first { $0.steps == steps }?.logSingularValues ?? []
              },
              caption: "Singular values of the product of the last \(steps) Jacobian"
                + (steps == 1 ? "." : "s."),
              howToRead:
                "A direction with log₁₀ σ = −2 passes on 1 % of a gradient over these steps. "
                + "Values that Double precision cannot tell from zero are left out."))
        })
  }

  private func windowLengths(_ looks: [ProfileLook]) -> [Int] {
    let all = Set(looks.flatMap { $0.spectrum?.windows.map(\.steps) ?? [] })
    return all.sorted()
  }

  private func spectrumChart(
    _ title: String, _ unit: String, _ looks: [ProfileLook], range: ClosedRange<Double>,
    references: [LineChart.Reference] = [],
    values: (LayerSpectrum) -> [Double]
  ) -> LineChart {
    LineChart(
      title: title, description: "\(title) of each layer.",
      xAxis: ChartAxis(title: "directions, strongest first (share of all)", range: 0...1),
      yAxis: ChartAxis(title: unit, range: range),
      series: looks.map { look in
        let numbers = look.spectrum.map(values) ?? []
        let size = Double(max(1, look.spectrum?.lyapunov.stateSize ?? 1))
        return LineChart.Series(
          name: look.name,
          points: numbers.enumerated().filter { $0.element.isFinite }.map {
            LineChart.Point(x: (Double($0.offset) + 0.5) / size, y: $0.element)
          })
      }, references: references)
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
