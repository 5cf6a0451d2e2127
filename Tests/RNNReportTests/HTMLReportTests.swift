import TestSupport
import Testing

@testable import RNNReport

@Suite struct HTMLReportTests {
  private func report(_ name: String) -> HTMLReport {
    let chart = LineChart(
      title: name, description: name, xAxis: ChartAxis(title: name),
      yAxis: ChartAxis(title: name), series: [])
    return HTMLReport(
      title: name, subtitle: name, generator: name,
      sections: [
        ReportSection(
          name,
          [
            .paragraph(name), .facts([(name, name)]),
            .figure(ReportFigure(chart: chart, caption: name, howToRead: name)),
            .table(TextTableTests.table),
          ]),
        ReportSection(
          "Second",
          [
            .figure(ReportFigure(chart: chart, caption: "again", howToRead: "")),
            .details(summary: name, text: name),
          ]),
      ])
  }

  @Test func `the document is well-formed and needs nothing from outside`() throws {
    let html = report("Report").html
    let xml = try WellFormedXML(html)
    for element in ["script", "link", "img", "iframe", "object"] {
      #expect(xml.count(of: element) == 0)
    }
    #expect(!html.contains("url(") && !html.contains("@import"))
    #expect(xml.count(of: "h1") == 1 && xml.count(of: "h2") == 2)
    #expect(xml.attributes["html.lang"] == ["en"])
  }

  @Test func `hostile text arrives as text`() throws {
    let xml = try WellFormedXML(report(LineChartTests.hostile).html)
    #expect(xml.count(of: "script") == 0)
    #expect(xml.text.contains("<script>&\"'\u{FFFD}\u{FFFD}]]>é"))
  }

  @Test func `figures and tables are numbered in order`() throws {
    let text = try WellFormedXML(report("Report").html).text
    #expect(text.contains("Figure 1. Report Report"))
    #expect(text.contains("Figure 2. again"))
    #expect(text.contains("Table 1. Two cells"))
  }

  @Test func `every figure is drawn for wide and for narrow windows`() throws {
    let xml = try WellFormedXML(report("Report").html)
    let widths = xml.attributes["svg.viewBox"]?.filter { $0.hasPrefix("0 0 ") }
      .map { $0.split(separator: " ")[2] }
    #expect(widths == ["760", "360", "760", "360"])
  }

  @Test func `numbers stand right and the best of a column is strong`() throws {
    let html = report("Report").html
    #expect(html.contains("<td class=\"number\"><strong>0.02 ± 0.01</strong></td>"))
    #expect(html.contains("<td class=\"number\">diverged</td>"))
    #expect(html.contains("<th scope=\"row\" class=\"text\">LSTM</th>"))
    #expect(try WellFormedXML(html).count(of: "strong") == 1)
  }

  @Test func `a thing has one colour in all figures of a page, another than its neighbours`() throws
  {
    func line(_ names: [String], of things: [String?] = []) -> LineChart {
      LineChart(
        title: "", description: "", xAxis: ChartAxis(title: ""), yAxis: ChartAxis(title: ""),
        series: names.enumerated().map { index, name in
          LineChart.Series(
            name: name, points: [.init(x: 0, y: 1)],
            of: things.indices.contains(index) ? things[index] : nil)
        })
    }
    let charts: [any Chart] = [
      line(["elman", "gru", "lstm"]), line(["0.1", "1", "none"]),
      line(["lstm", "lstm, none"], of: [nil, "lstm"]),
      BarChart(
        title: "", description: "", axisTitle: "",
        groups: [.init(name: "", bars: [.init(series: "gru", value: 1, label: "")])]),
      HeatMap(
        title: "", description: "", x: .labels("", [""]), y: .labels("", [""]), values: [[1]],
        colors: .init(title: ""),
        paths: [.init(name: "lstm", points: []), .init(name: "a", points: [])]),
      line((0..<8).map { "cell \($0)" } + ["elman"]),
    ]
    let colors = SeriesColors(charts)
    let places = charts.map { colors.places(of: $0.things) }
    #expect(places[0] == ["elman": 0, "gru": 1, "lstm": 2])
    #expect(places[1] == ["0.1": 3, "1": 4, "none": 5])
    #expect(places[2] == ["lstm": 2] && places[3] == ["gru": 1] && places[4]["lstm"] == 2)
    // More things than colours: those that come around again are of the next round.
    #expect(places[5]["elman"].map { $0 % 6 } == 0 && Set(places[5].values).count == 9)
    #expect(Set(places[5].values.map { $0 % 6 }).count == 6)
    let drawn = charts[2].colored(places[2])
    let xml = try WellFormedXML(drawn.svg(width: 760))
    #expect(xml.attributes["circle.fill"]?.allSatisfy { $0 == ChartTheme.series(2) } == true)
    let report = HTMLReport(
      title: "", subtitle: "", generator: "",
      sections: [
        ReportSection(
          "",
          [charts[1], charts[3]].map {
            .figure(ReportFigure(chart: $0, caption: "", howToRead: ""))
          })
      ])
    // Three thresholds come first, the bar has the fourth colour.
    #expect(report.html.contains(ChartTheme.series(3)))
    #expect(!report.html.contains(ChartTheme.series(4)))
  }
}
