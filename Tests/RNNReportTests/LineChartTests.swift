import TestSupport
import Testing

@testable import RNNReport

@Suite struct LineChartTests {
  static let hostile = "<script>&\"'\u{0}\u{1B}]]>é"

  private func chart(
    _ series: [LineChart.Series], scale: ChartAxis.Scale = .linear,
    references: [LineChart.Reference] = []
  ) -> LineChart {
    LineChart(
      title: "Loss", description: "Loss of cells", xAxis: ChartAxis(title: "step"),
      yAxis: ChartAxis(title: "loss", scale: scale), series: series, references: references)
  }

  private func series(_ name: String, _ ys: [Double], band: Double? = nil) -> LineChart.Series {
    LineChart.Series(
      name: name,
      points: ys.enumerated().map { index, y in
        LineChart.Point(
          x: Double(index), y: y, low: band.map { y - $0 }, high: band.map { y + $0 })
      })
  }

  @Test(arguments: [360.0, 760])
  func `the drawing is well-formed, named and without stray numbers`(width: Double) throws {
    let svg = chart(
      [series("LSTM", [3, 2, 1], band: 0.5), series("GRU", [2, .nan, 1])],
      references: [
        .init(direction: .horizontal, value: 1.5, label: "chance"),
        .init(direction: .vertical, value: 1, label: "threshold"),
      ]
    ).svg(width: width)
    let xml = try WellFormedXML(svg)
    #expect(xml.attributes["svg.role"] == ["img"])
    #expect(xml.attributes["svg.viewBox"]?.first?.hasPrefix("0 0 \(Int(width)) ") == true)
    #expect(xml.attributes["svg.aria-label"] == ["Loss: Loss of cells"])
    for word in ["chance", "threshold", "LSTM", "GRU", "step", "diverged"] {
      #expect(xml.text.contains(word))
    }
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test func `hostile names arrive as text`() throws {
    let chart = LineChart(
      title: Self.hostile, description: Self.hostile, xAxis: ChartAxis(title: Self.hostile),
      yAxis: ChartAxis(title: Self.hostile),
      series: [series(Self.hostile, [1, 2]), series("b", [1, .nan])],
      references: [.init(direction: .vertical, value: 1, label: Self.hostile)])
    for width in [360.0, 760] {
      let xml = try WellFormedXML(chart.svg(width: width))
      #expect(xml.count(of: "script") == 0)
      #expect(xml.text.contains("<script>&\"'"))
    }
  }

  @Test func `a non-finite value breaks the line and leaves a cross`() throws {
    let svg = chart([series("LSTM", [1, 2, .infinity, 2, 1])]).svg(width: 760)
    let xml = try WellFormedXML(svg)
    // Two stretches of line and one cross.
    #expect(xml.count(of: "path") == 3)
    #expect(xml.count(of: "g") == 1)
    #expect(xml.text.contains("LSTM at 2.000: diverged"))
  }

  @Test func `of several runs those that stayed are drawn, below the cross of one that diverged`()
    throws
  {
    let points = [[1, 2, 3], [1, .infinity, 4], [.nan, .nan]].enumerated().map {
      LineChart.Point(x: Double($0), median: $1)
    }
    #expect(points.map(\.hasDiverged) == [false, true, true])
    #expect(points[1].y == 2.5 && points[1].low == 1 && points[1].high == 4)
    #expect(points[2].y.isNaN && points[2].low == nil)
    #expect(!LineChart.Point(x: 0, median: []).hasDiverged)
    let geometric = LineChart.Point(x: 0, geometric: [4, .nan, 1])
    #expect(abs(geometric.y - 2) < 1e-12 && geometric.hasDiverged)
    let svg = chart([LineChart.Series(name: "LSTM", points: points)]).svg(width: 760)
    let xml = try WellFormedXML(svg)
    #expect(xml.count(of: "g") == 2)
    #expect(xml.text.contains("LSTM at 1.000: some runs diverged"))
    #expect(xml.text.contains("LSTM at 2.000: diverged"))
  }

  @Test func `a point between gaps is drawn as a dot`() throws {
    let xml = try WellFormedXML(chart([series("LSTM", [.nan, 2, .nan])]).svg(width: 760))
    #expect(xml.count(of: "circle") == 1)
  }

  @Test func `zero has no logarithm, and that is no divergence`() throws {
    let svg = chart([series("LSTM", [1, 0, 0.1, 0.2])], scale: .log10).svg(width: 760)
    let xml = try WellFormedXML(svg)
    #expect(xml.count(of: "g") == 0)
    #expect(!xml.text.contains("diverged"))
  }

  @Test func `a band that reaches below zero ends at the foot of a logarithmic plot`() throws {
    let svg = chart([series("LSTM", [0.3, 0.1, 0.2], band: 0.15)], scale: .log10).svg(width: 760)
    let fills = try #require(try WellFormedXML(svg).attributes["path.fill"])
    #expect(fills.count { $0 != "none" } == 1)
  }

  @Test(arguments: [[], [[]], [[.nan]], [[1]], [[.nan, .nan], [0, 0]], [[1e308, -1e308]]])
  func `charts with next to nothing in them are still drawn`(values: [[Double]]) throws {
    for scale in [ChartAxis.Scale.linear, .log10] {
      let curves = values.enumerated().map { series("s\($0)", $1) }
      for width in [360.0, 760] {
        _ = try WellFormedXML(chart(curves, scale: scale).svg(width: width))
      }
    }
  }

  @Test func `few series are labelled at their ends and many in a legend`() {
    let few = LineChartLayout(chart: chart((0..<3).map { series("s\($0)", [1, 2]) }), width: 760)
    let many = LineChartLayout(chart: chart((0..<15).map { series("s\($0)", [1, 2]) }), width: 760)
    let phone = LineChartLayout(chart: chart((0..<3).map { series("s\($0)", [1, 2]) }), width: 360)
    let one = LineChartLayout(chart: chart([series("s", [1, 2])]), width: 760)
    #expect(few.hasDirectLabels && few.legend.height == 0)
    #expect(!many.hasDirectLabels && many.legend.height > 0)
    #expect(!phone.hasDirectLabels && phone.legend.height > 0)
    #expect(!one.hasDirectLabels && one.legend.height == 0)
  }

  @Test func `a second round of colours is dashed`() {
    #expect(ChartTheme.series(0) == ChartTheme.series(6))
    #expect(ChartTheme.dash(0, isDashed: false) == "none")
    #expect(
      Set(
        (0..<2).flatMap { round in
          [true, false].map { ChartTheme.dash(round * 6, isDashed: $0) }
        }
      ).count == 4)
  }
}
