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
}
