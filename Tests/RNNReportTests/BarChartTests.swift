import TestSupport
import Testing

@testable import RNNReport

@Suite struct BarChartTests {
  private func chart(_ values: [[Double]]) -> BarChart {
    BarChart(
      title: "Speed", description: "Speed of cells", axisTitle: "tokens/s",
      groups: values.enumerated().map { index, row in
        BarChart.Group(
          name: "cell \(index)",
          bars: row.enumerated().map { .init("series \($0)", Interval([$1, $1 * 1.1])) })
      })
  }

  @Test(arguments: [360.0, 760])
  func `each finite value has a bar and a label`(width: Double) throws {
    let svg = chart([[10, 20], [5, .nan], [-3, 0]]).svg(width: width)
    let xml = try WellFormedXML(svg)
    #expect(xml.count(of: "rect") == 5)
    #expect(xml.text.contains("diverged"))
    #expect(xml.text.contains("series 1"))
    #expect(xml.attributes["rect.width"]?.allSatisfy { Double($0) ?? -1 >= 0 } == true)
    #expect(!svg.contains("nan"))
  }

  @Test func `one series needs no legend`() throws {
    let xml = try WellFormedXML(chart([[10], [20]]).svg(width: 760))
    // In the tooltips of the two bars, and nowhere else.
    #expect(xml.text.components(separatedBy: "series 0").count - 1 == 2)
  }

  @Test func `nothing, hostile names and long ones are drawn`() throws {
    _ = try WellFormedXML(chart([]).svg(width: 360))
    let name = String(repeating: LineChartTests.hostile, count: 30)
    let bar = BarChart.Bar(series: name, value: 1, label: name)
    let chart = BarChart(
      title: name, description: name, axisTitle: name,
      groups: [.init(name: name, bars: [bar, bar]), .init(name: "empty", bars: [])])
    let xml = try WellFormedXML(chart.svg(width: 360))
    #expect(xml.count(of: "script") == 0)
  }
}
