import RNNCore
import RNNReport

extension ScalingStudy {
  package var table: Table {
    var table = Table(
      title: "Seconds a pass ~ sizeᵖ around B32 T100 H256, "
        + "\(threads) thread\(threads == 1 ? "" : "s")",
      columns: [
        .text("size"), .text("cell"), .text("pass"), .text("from, to"), .number("seconds"),
        .number("p by counting"), .number("p measured"), .number("p at the end", .useful),
      ])
    for curve in curves { table.append(cells(curve)) }
    return table
  }

  private func cells(_ curve: Curve) -> [Table.Cell] {
    let points = curve.points
    guard let first = points.first, let last = points.last else {
      return table.columns.map { _ in "" }
    }
    return [
      .init(curve.sweep.symbol), .init("\(curve.cell)"), .init(curve.pass.rawValue),
      .init("\(Int(first.x)) to \(Int(last.x))"),
      .init("\(NumberFormat.duration(first.y)) to \(NumberFormat.duration(last.y))"),
      .init(NumberFormat.fixed(curve.sweep.expectedExponent, decimals: 0)),
      .init(curve.exponent.map { NumberFormat.fixed($0, decimals: 2) } ?? "-"),
      .init(curve.lastExponent.map { NumberFormat.fixed($0, decimals: 2) } ?? "-"),
    ]
  }

  /// The fitted exponents, for JSON.
  package var exponents: JSONValue {
    .array(
      curves.map { curve in
        [
          "sweep": JSONValue(curve.sweep.rawValue), "cell": JSONValue("\(curve.cell)"),
          "pass": JSONValue(curve.pass.rawValue),
          "values": .array(curve.results.map { JSONValue(curve.sweep.value(of: $0)) }),
          "expectedExponent": JSONValue(curve.sweep.expectedExponent),
          "exponent": JSONValue(curve.exponent), "lastExponent": JSONValue(curve.lastExponent),
        ]
      })
  }

  package var section: ReportSection {
    ReportSection(
      "How the cost of a pass grows", answer: sentences,
      [
        .paragraph(
          "One size varies at a time around B = 32, T = 100, H = I = 256, one layer. Counted in "
            + "operations of the products, a pass is linear in T and in B and quadratic in H.")
      ]
        + Sweep.allCases.map { .figure(figure($0)) } + [
          .table(table),
          .paragraph(
            "p is the exponent of the power law: by counting operations, fitted to all medians "
              + "by least squares in log-log, and between the last two sizes. It falls short of "
              + "the count where small products are slower for their size than large ones."),
        ])
  }

  /// A sentence a size: the measured exponents beside the counted one.
  private var sentences: [String] {
    Sweep.allCases.compactMap { sweep in
      let exponents = curves.filter { $0.sweep == sweep }.compactMap(\.exponent).filter(\.isFinite)
      guard let low = exponents.min(), let high = exponents.max() else { return nil }
      let ends = [low, high].map { NumberFormat.fixed($0, decimals: 2) }
      let counted = NumberFormat.fixed(sweep.expectedExponent, decimals: 0)
      return "The time of a pass goes with \(sweep.symbol) to the power of \(ends[0])"
        + (ends[0] == ends[1] ? "" : " to \(ends[1])") + "; counting operations gives \(counted)."
    }
  }

  private func figure(_ sweep: Sweep) -> ReportFigure {
    let slope = NumberFormat.fixed(sweep.expectedExponent, decimals: 0)
    let expected =
      sweep == .threads
      ? "The dashed line is the first time divided by the number of threads."
      : "The dashed line has slope \(slope) and the same last point."
    return ReportFigure(
      chart: chart(sweep),
      caption: "Median seconds of a pass against \(sweep.symbol), both axes logarithmic.",
      howToRead: expected)
  }

  private func chart(_ sweep: Sweep) -> LineChart {
    let lines = curves.filter { $0.sweep == sweep }
    let hasSeveral = lines.count > 1
    return LineChart(
      title: "Cost against \(sweep.symbol)",
      description: "Median seconds of a pass against \(sweep.symbol), with the expected slope.",
      xAxis: ChartAxis(title: sweep.symbol, scale: .log10, isWhole: true),
      yAxis: ChartAxis(title: "seconds a pass", scale: .log10),
      series: lines.flatMap { curve -> [LineChart.Series] in
        let name = passes.count > 1 ? "\(curve.cell) \(curve.pass.rawValue)" : "\(curve.cell)"
        return [
          LineChart.Series(
            name: name,
            points: curve.points.map { LineChart.Point(x: $0.x, y: $0.y) }, hasMarkers: true),
          LineChart.Series(
            name: (hasSeveral ? "\(name), " : "") + sweep.referenceName,
            points: curve.reference.map { LineChart.Point(x: $0.x, y: $0.y) }, isDashed: true,
            of: name),
        ]
      })
  }
}

extension ScalingStudy.Sweep {
  fileprivate var referenceName: String {
    self == .threads ? "ideal 1/n" : "slope \(NumberFormat.fixed(expectedExponent, decimals: 0))"
  }
}

extension ScalingStudy.Curve {
  /// The expected power law: through the last point, or for threads through the first.
  var reference: [(x: Double, y: Double)] {
    guard let anchor = sweep == .threads ? points.first : points.last else { return [] }
    return points.map { point in
      (point.x, anchor.y * power(point.x / anchor.x, sweep.expectedExponent))
    }
  }

  private func power(_ base: Double, _ exponent: Double) -> Double {
    let factor = exponent < 0 ? 1 / base : base
    return abs(exponent) == 2 ? factor * factor : factor
  }
}
