import Foundation
import TestSupport
import Testing

@testable import RNNReport

@Suite("What makes a report easy to read")
struct ReportReadingTests {
  private func html(_ sections: [ReportSection]) -> String {
    HTMLReport(title: "T", subtitle: "S", generator: "G", sections: sections).html
  }

  private func figure(_ chart: any Chart) -> ReportSection.Block {
    .figure(ReportFigure(chart: chart, caption: "c", howToRead: ""))
  }

  private func map(classes: Int) -> HeatMap {
    let names = (1...classes).map { "class number \($0)" }
    var map = HeatMap(
      title: "Confusion", description: "By class.", x: .labels("predicted", names),
      y: .labels("reference", names),
      values: names.indices.map { row in
        names.indices.map { row == $0 ? 0.8 : 0.2 / Double(classes) }
      },
      colors: .init(title: "share", range: 0...1))
    map.texts = map.values.map { $0.map { NumberFormat.fixed(100 * $0, decimals: 0) } }
    return map
  }

  // MARK: Contents and answers

  @Test("Contents link to every section, by names that last and differ")
  func contents() throws {
    let headings = [
      "Which cell learns?", "Machine", "Machine", "Machine 2", "Ω", "<&>", LineChartTests.hostile,
    ]
    let page = html(headings.map { ReportSection($0) })
    let xml = try WellFormedXML(page)
    let ids = try #require(xml.attributes["section.id"])
    #expect(xml.attributes["a.href"] == ids.map { "#\($0)" })
    #expect(Set(ids).count == headings.count)
    #expect(
      ids.prefix(6)
        == ["which-cell-learns", "machine", "machine-2", "machine-2-2", "section", "section-2"])
    #expect(xml.count(of: "nav") == 1 && page == html(headings.map { ReportSection($0) }))
    #expect(try WellFormedXML(html([ReportSection("Alone")])).count(of: "nav") == 0)
  }

  @Test("Answers of all sections open the report, each once")
  func answers() throws {
    let page = html([
      ReportSection("First", answer: ["One & all."], [.table(TextTableTests.table)]),
      ReportSection("Second", answer: ["Two.", "Three."], [figure(map(classes: 2))]),
    ])
    let place = try ["One &amp; all.", "Two.", "Three.", "<nav", "<section", "<table", "<svg"].map {
      try #require(page.range(of: $0), "\($0)").lowerBound
    }
    #expect(zip(place, place.dropFirst()).allSatisfy { $0 < $1 })
    #expect(page.components(separatedBy: "Three.").count == 2)
  }

  // MARK: Tables

  private func table(rows: Int, zeros: Set<Int> = [], hasTotal: Bool = false) -> Table {
    var table = Table(
      title: "Types", columns: [.text("type"), .number("F1"), .number("count"), .number("gain")])
    for row in 0..<rows {
      let isZero = zeros.contains(row)
      table.append([
        .init("type \(row)"), isZero ? "0.00 %" : "7.5 %", .init(isZero ? "0" : "\(row + 1)"), "-",
      ])
    }
    if hasTotal { table.append(["all", "50 %", "99", "-"], isTotal: true) }
    return table
  }

  /// The names of rows in sight, and in the folded part.
  private func names(_ table: Table) throws -> (shown: [String], folded: [String], summary: String)
  {
    let page = html([ReportSection("S", [.table(table)])])
    _ = try WellFormedXML(page)
    let parts = page.components(separatedBy: "<details>")
    func names(_ text: String) -> [String] {
      text.matches(of: /<th scope="row" class="text">([^<]*)<\/th>/).map { String($0.1) }
    }
    let summary = parts.last?.firstMatch(of: /<summary>([^<]*)<\/summary>/).map { String($0.1) }
    return (names(parts[0]), parts.count > 1 ? names(parts[1]) : [], summary ?? "")
  }

  @Test("A long table shows its first rows and its total, and folds the rest")
  func long() throws {
    let found = try names(table(rows: 40, hasTotal: true))
    #expect(found.shown == (0..<HTMLReport.rowsShown).map { "type \($0)" } + ["all"])
    #expect(found.folded == (HTMLReport.rowsShown..<40).map { "type \($0)" })
    #expect(found.summary == "32 more of 41 rows")
    #expect(try names(table(rows: 12)).folded.isEmpty)
    #expect(HTMLReport.stylesheet.contains("details::details-content"), "print shows all")
  }

  @Test("Rows of zeros are folded, but those of a series and a table of nothing else")
  func zeros() throws {
    let found = try names(table(rows: 5, zeros: [1, 3]))
    #expect(found.shown == ["type 0", "type 2", "type 4"] && found.folded == ["type 1", "type 3"])
    #expect(found.summary == "2 more of 5 rows, all zero: type 1, type 3")
    let mixed = try names(table(rows: 15, zeros: [1, 2])).summary
    #expect(mixed == "7 more of 15 rows, 2 of them all zero")
    var series = table(rows: 5, zeros: [1, 3])
    series.isSeries = true
    #expect(try names(series).folded.isEmpty)
    #expect(try names(table(rows: 2, zeros: [0, 1])).shown.count == 2)
  }

  @Test("A column in which nothing is known is left out")
  func unknown() throws {
    let page = html([ReportSection("S", [.table(table(rows: 3))])])
    #expect(!page.contains("gain") && page.contains("count"))
  }

  // MARK: Figures

  @Test("Every drawing says its size, its alternative text, and shrinks unless it scrolls")
  func sizes() throws {
    let charts: [any Chart] = [
      LineChart(
        title: "L", description: "lines", xAxis: ChartAxis(title: "x"),
        yAxis: ChartAxis(title: "y"),
        series: []),
      BarChart(title: "B", description: "bars", axisTitle: "", groups: []), map(classes: 30),
    ]
    let page = html([ReportSection("S", charts.map(figure))])
    let drawings = page.matches(
      of:
        /<svg [^>]*role="img" aria-label="([^"]*)" width="([^"]*)" height="([^"]*)" viewBox="0 0 ([^"]*)" style="([^"]*)"/
    )
    // The map is too wide for any window: one drawing of it, the others for wide and narrow ones.
    #expect(
      drawings.map { String($0.1) }
        == ["L: lines", "L: lines", "B: bars", "B: bars", "Confusion: By class."])
    for (place, drawing) in drawings.enumerated() {
      #expect("\(drawing.2) \(drawing.3)" == drawing.4)
      #expect(drawing.5.contains("max-width: 100%; height: auto") == (place < 4))
    }
    let xml = try WellFormedXML(page)
    #expect(xml.attributes["div.class"]?.contains("chart scroll") == true)
  }

  @Test("A map with numbers has the names of all classes", arguments: [2, 13, 30], [360.0, 760])
  func allNames(_ classes: Int, _ width: Double) throws {
    let map = map(classes: classes)
    let xml = try WellFormedXML(map.svg(width: width))
    let width = try #require(xml.attributes["svg.width"]?.first.flatMap(Double.init))
    #expect(width >= map.leastWidth - 0.1)
    for name in (1...classes).map({ "class number \($0)" }) {
      // Of a row and a column.
      #expect(xml.text.components(separatedBy: name).count >= 3, "\(name)")
    }
    #expect(xml.text.components(separatedBy: "80").count - 1 >= classes)
  }

  @Test("Letters on colours have a contrast of 4.5 or more, whatever the colour")
  func contrast() {
    #expect(abs(PNGImage.Color.black.contrast(to: .white) - 21) < 1e-9)
    // #767676 on white is the usual example of just enough.
    let gray = PNGImage.Color(red: 0x76, green: 0x76, blue: 0x76)
    #expect(abs(gray.contrast(to: .white) - 4.54) < 0.005 && gray.hex == "#767676")
    let levels = stride(from: 0, through: 255, by: 15).map { UInt8($0) }
    for red in levels {
      for green in levels {
        for blue in levels {
          let color = PNGImage.Color(red: red, green: green, blue: blue)
          #expect(color.contrast(to: color.ink) >= 4.5)
        }
      }
    }
  }

  /// Each number with the fill of the cell below it.
  @Test("Numbers of an attention map stand out from their cells, and its scale is there")
  func alignment() throws {
    let weights = stride(from: 0.1, through: 1, by: 0.05).map { [$0, 1 - $0] }
    let map = AlignmentMap(
      title: "Attention", description: "d", source: ["a", "b"],
      target: weights.map { "t\($0[0])" }, weights: weights)
    let pairs = map.svg.matches(
      of: /fill="(#[0-9a-f]{6})"><title>[^<]*<\/title><\/rect><text [^>]*fill="(#[0-9a-f]{6})"/)
    #expect(pairs.count > 30)
    for pair in pairs {
      let colors = [pair.1, pair.2].map { text in
        let bits = Int(text.dropFirst(), radix: 16) ?? 0
        return PNGImage.Color(
          red: UInt8(bits >> 16), green: UInt8(bits >> 8 & 255), blue: UInt8(bits & 255))
      }
      #expect(colors[0].contrast(to: colors[1]) >= 4.5, "\(pair.1) under \(pair.2)")
    }
    let xml = try WellFormedXML(map.svg)
    #expect(xml.count(of: "image") == 1)
    for word in ["attention of a row", "0 %", "50 %", "100 %"] { #expect(xml.text.contains(word)) }
  }

  @Test("A spotlight says the share of each region that counts, and has a scale")
  func spotlight() throws {
    let map = SpotlightMap(
      title: "red? yes", description: "d",
      pixels: Array(repeating: 200, count: 3 * 8 * 8), width: 8, height: 8,
      regions: [
        (0..<4, 0..<4, 0.75), (4..<8, 0..<4, 0.22), (0..<4, 4..<8, 0.03), (4..<8, 4..<8, 0),
      ])
    let xml = try WellFormedXML(map.svg)
    #expect(xml.text.contains("75 %") && xml.text.contains("22 %") && !xml.text.contains("3 %"))
    // Three quarters on a quarter of the image: three times as much as spread evenly.
    #expect(xml.text.contains("3.0") && xml.text.contains("attention (1: spread evenly)"))
    #expect(xml.count(of: "image") == 3)
  }

  @Test("Bars that are named by their group need no legend, and have their thing's colour")
  func bars() throws {
    func chart(_ series: [String]) -> BarChart {
      BarChart(
        title: "", description: "", axisTitle: "",
        groups: series.enumerated().map {
          .init(name: ["gru", "lstm"][$0], bars: [.init(series: $1, value: 1, label: "1")])
        })
    }
    func squares(_ chart: BarChart) throws -> Int {
      try WellFormedXML(chart.svg(width: 760)).count(of: "path")
    }
    #expect(try squares(chart(["gru", "lstm"])) == 0)
    #expect(try squares(chart(["train", "test"])) == 2)
    let xml = try WellFormedXML(
      chart(["gru", "lstm"]).colored(["gru": 4, "lstm": 1]).svg(width: 760))
    #expect(xml.attributes["rect.fill"] == [4, 1].map(ChartTheme.series))
  }
}
