import RNNCore

/// Looks at the gradients of one or several models, once or over a training, as sections of a
/// report.
package struct GradientReport {
  /// When looks were taken.
  package struct Time {
    /// What ``ProfileLook/when`` says.
    package var name: String
    /// The same in a sentence, such as "after training".
    package var phrase: String

    package init(_ name: String, _ phrase: String) { (self.name, self.phrase) = (name, phrase) }
  }

  private let looks: [ProfileLook]
  private let times: [Time]
  private let memoryNeeded: Int?
  private let column: String

  /// - Parameters:
  ///   - looks: in the order of the table.
  ///   - times: all that the looks name, oldest first.
  ///   - memoryNeeded: the steps over which all layers have to remember; nil where they differ.
  ///   - column: the title of the looks' names.
  package init(
    _ looks: [ProfileLook], times: [Time], memoryNeeded: Int?, column: String = "cell"
  ) {
    (self.looks, self.times, self.memoryNeeded) = (looks, times, memoryNeeded)
    self.column = column
  }

  private func looks(_ time: Time) -> [ProfileLook] { looks.filter { $0.when == time.name } }

  private var lastLooks: [ProfileLook] { times.last.map(looks) ?? [] }

  /// Verdicts, how far gradients reach, Jacobians where some were taken, gates and states.
  ///
  /// - Parameters:
  ///   - answer: sentences that open the report.
  ///   - opening: what was looked at, in a sentence; nil for nothing.
  ///   - table: ``table(_:)``.
  package func sections(answer: [String], opening: String?, table: Table) -> [ReportSection] {
    [
      ReportSection(
        "What happens to the gradient", answer: answer,
        [opening.map { .paragraph($0) }, .table(table), .paragraph(Self.guide)].compactMap { $0 }),
      ReportSection(
        "How far back it reaches",
        maps.map(GradientFigures.figure) + times.map { .figure(decay($0)) }),
    ] + jacobians + [GradientFigures.gates(lastLooks)]
  }

  // MARK: - Table

  /// A line a look.
  package func table(_ title: String) -> Table {
    var table = Table(
      title: title,
      columns: [
        .text(column), .text("when"), .text("verdict"), .number("1 % within"),
        .number(memoryNeeded.map { "at \($0) steps" } ?? "at the steps needed"),
        .number("a step", .useful),
        .number("λ₁", .useful), .number("σ₁(U)", .detail), .number("ρ(U)", .detail),
        .number("memory gate", .useful), .number("saturated", .detail), .number("dead", .detail),
      ])
    for look in looks { table.append(cells(look)) }
    return table
  }

  private func cells(_ look: ProfileLook) -> [Table.Cell] {
    let number = ProfileLook.number
    let blocks = look.spectrum?.bounds.blocks ?? []
    return [
      .init(look.name), .init(look.when), .init(look.verdict?.kind.rawValue ?? "-"),
      look.horizonCell, look.shareCell, look.rateCell,
      .init(number(look.spectrum?.lyapunov.exponents.first)),
      .init(number(blocks.map(\.largestSingularValue).max())),
      .init(number(blocks.map(\.spectralRadius).max())), look.gateCell, look.saturatedCell,
      look.deadCell,
    ]
  }

  /// How a verdict's numbers can be read.
  private static let guide =
    "A verdict compares what arrives of the gradient over the steps that the task asks to remember "
    + "with what it was: under 1 % is vanishing, over 10 times is exploding. \"1 % within\" is the "
    + "memory horizon, \"a step\" the fitted factor, λ₁ the largest Lyapunov exponent along one "
    + "sequence (nats a step), σ₁ and ρ the largest singular value and spectral radius of the "
    + "recurrent weights' blocks, \"memory gate\" the mean of the forget or update gate."

  // MARK: - Norms along time

  /// Log norms, a layer a row, one map a time.
  package var maps: [HeatMap] {
    times.map { time in
      GradientFigures.map(
        "Gradient that arrives, \(time.name)",
        description:
          "Norm of the gradient with respect to the cell state (LSTM) or hidden state at each "
          + "step, over that at the last step, \(time.phrase).",
        steps: "steps before the last",
        rows: looks(time).map { ($0.name, $0.layer.memory) })
    }
  }

  private func decay(_ time: Time) -> ReportFigure {
    GradientFigures.decay(
      "Decay, \(time.name)", description: "Share of the gradient by distance for each layer.",
      caption: "Decay of the gradient with the distance from the loss, \(time.phrase).",
      steps: "steps before the last", memoryNeeded: memoryNeeded,
      rows: looks(time).map { ($0.name, $0.layer.memory) })
  }

  // MARK: - Jacobians

  private var jacobians: [ReportSection] {
    let all = lastLooks.filter { $0.jacobians != nil }
    return all.isEmpty
      ? [] : [ReportSection("What a step does to the state", jacobianBlocks(all))]
  }

  private func jacobianBlocks(_ all: [ProfileLook]) -> [ReportSection.Block] {
    let looks = all.filter { $0.spectrum != nil }
    let reasons = all.compactMap { look in
      look.jacobians?.reason.map { "\(look.name): \($0)." }
    }
    guard !looks.isEmpty else { return reasons.map { .paragraph($0) } }
    return reasons.map { .paragraph($0) } + [
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
      }
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

  /// Numbers over the steps of a training.
  package static func course(
    _ title: String, unit: String, caption: String, howToRead: String,
    series: [LineChart.Series], references: [LineChart.Reference] = []
  ) -> ReportFigure {
    ReportFigure(
      chart: LineChart(
        title: title, description: caption, xAxis: ChartAxis(title: "updates", isWhole: true),
        yAxis: ChartAxis(title: unit, scale: .log10), series: series, references: references),
      caption: caption, howToRead: howToRead)
  }
}
