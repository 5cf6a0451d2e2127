import RNNCore

/// Figures of gradients and gates, a layer a row.
package enum GradientFigures {
  package typealias Row = (name: String, series: GradientProfile.Series)

  private static let mapGuide =
    "Each row is a layer, its right end the last step: read from there to the left. White is as "
    + "strong as there, what turns blue is forgotten, what turns red explodes."

  /// A map of ``map(_:description:steps:rows:)`` with its description and how to read it.
  package static func figure(of map: HeatMap) -> ReportSection.Block {
    .figure(ReportFigure(chart: map, caption: map.description, howToRead: mapGuide))
  }

  /// Log shares by distance.
  ///
  /// - Parameter steps: the title of the distances.
  package static func map(
    _ title: String, description: String, steps: String, rows: [Row]
  ) -> HeatMap {
    let count = rows.map { $0.series.byDistance.count }.max() ?? 1
    return HeatMap(
      title: title, description: description,
      x: .numbers(steps, Double(1 - count)...0, areWhole: true),
      y: .labels("", rows.map(\.name)),
      values: rows.map { row in
        (0..<count).reversed().map { row.series.share(at: $0) ?? .nan }
      },
      colors: HeatMap.ColorScale(title: "share", scale: .log10, range: 1e-6...1e2, middle: 1))
  }

  /// The same as curves.
  ///
  /// - Parameter memoryNeeded: a distance to be marked; nil for none.
  package static func decay(
    _ title: String, description: String, caption: String, steps: String, memoryNeeded: Int?,
    rows: [Row]
  ) -> ReportFigure {
    ReportFigure(
      chart: LineChart(
        title: title, description: description, xAxis: ChartAxis(title: steps, isWhole: true),
        yAxis: ChartAxis(title: "share of the gradient", scale: .log10, range: 1e-8...1e4),
        series: rows.map { row in
          LineChart.Series(
            name: row.name,
            points: row.series.byDistance.indices.compactMap { distance in
              guard let share = row.series.share(at: distance), share > 0 else { return nil }
              return LineChart.Point(x: Double(distance), y: share)
            })
        },
        references: [.init(direction: .horizontal, value: 0.01, label: "1 %")]
          + (memoryNeeded.map {
            [.init(direction: .vertical, value: Double($0), label: "memory needed")]
          } ?? [])),
      caption: caption,
      howToRead:
        "A straight line downwards is a constant factor a step; the network can learn a dependence "
        + "where the line is still above 1 %.")
  }

  /// Histograms of gates and states.
  package static func gates(_ looks: [ProfileLook]) -> ReportSection {
    let rows = looks.flatMap { look in
      look.layer.gates.map { ("\(look.name) \($0.gate.rawValue)", $0.values) }
        + [("\(look.name) state", look.layer.states)]
    }
    let gates = rows.filter { $0.1.range == 0...1 }
    let signed = rows.filter { $0.1.range == -1...1 }
    return ReportSection(
      "What gates and states do",
      [("Gates", gates, 0.0...1.0), ("Candidates and states", signed, -1.0...1.0)]
        .filter { !$0.1.isEmpty }
        .map { .figure(histograms($0, $1, $2)) })
  }

  private static func histograms(
    _ title: String, _ rows: [(name: String, values: ValueStatistics)],
    _ range: ClosedRange<Double>
  ) -> ReportFigure {
    ReportFigure(
      chart: HeatMap(
        title: title, description: "Histogram of values.",
        x: .numbers("value", range), y: .labels("", rows.map(\.name)),
        values: rows.map { row in
          row.values.histogram.map { Double($0) / Double(max(1, row.values.count)) }
        },
        colors: HeatMap.ColorScale(title: "share of values", range: 0...0.5)),
      caption: "\(title): where their values lie.",
      howToRead:
        "Brightness at an end is saturation: there a gate passes on no gradient to its weights. A "
        + "forget or update gate near 1 keeps the state, and the gradient with it.")
  }
}
