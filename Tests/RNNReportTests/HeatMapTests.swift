import Foundation
import TestSupport
import Testing

@testable import RNNReport

@Suite("Heat maps, as figures and on terminals")
struct HeatMapTests {
  private static func map(
    _ values: [[Double]], scale: ChartAxis.Scale = .linear, isSurface: Bool = true,
    paths: [HeatMap.Path] = [], range: ClosedRange<Double>? = nil
  ) -> HeatMap {
    let columns = values[0].count
    return HeatMap(
      title: "Norms", description: "Norms by layer",
      x: isSurface
        ? .numbers("across", 0...Double(max(1, columns - 1)))
        : .labels("step", (0..<columns).map { "t\($0)" }),
      y: isSurface ? .numbers("up", 10...20) : .labels("layer", values.indices.map { "l\($0)" }),
      values: values, colors: .init(title: "norm", scale: scale, range: range), paths: paths)
  }

  /// The pixels of the first image: indices into the palette, rows from the top.
  private static func pixels(_ xml: WellFormedXML, rows: Int, columns: Int) throws -> [[UInt8]] {
    let url = try #require(xml.attributes["image.href"]?.first)
    let data = try #require(
      Data(base64Encoded: String(url.dropFirst("data:image/png;base64,".count))))
    let bytes = Array(data)
    // IDAT is followed by 2 bytes of zlib and 5 of the only block.
    let mark = Array("IDAT".utf8)
    let place = try #require((0..<bytes.count - 4).first { Array(bytes[$0..<$0 + 4]) == mark }) + 11
    return (0..<rows).map { row in
      Array(bytes[place + row * (columns + 1) + 1..<place + (row + 1) * (columns + 1)])
    }
  }

  @Test("Titles, ticks, image and colour bar are there", arguments: [360.0, 760], [true, false])
  func parts(_ width: Double, _ isSurface: Bool) throws {
    let map = Self.map([[0, 1, 2], [3, 4, 5]], isSurface: isSurface)
    let xml = try WellFormedXML(map.svg(width: width))
    #expect(xml.count(of: "image") == 2)
    for word in isSurface ? ["across", "up", "norm", "10", "20"] : ["step", "layer", "t2", "l1"] {
      #expect(xml.text.contains(word), "\(word)")
    }
    #expect(xml.attributes["image.style"]?.first == "image-rendering: pixelated")
    #expect(!xml.text.contains(map.gapName))
  }

  @Test("The first row is at the bottom of a surface, and on top of named rows")
  func orientation() throws {
    let values = [[0.0, 1], [2, 4]]
    let surface = try WellFormedXML(Self.map(values).svg(width: 760))
    #expect(try Self.pixels(surface, rows: 2, columns: 2) == [[127, 254], [0, 64]])
    let named = try WellFormedXML(Self.map(values, isSurface: false).svg(width: 760))
    #expect(try Self.pixels(named, rows: 2, columns: 2) == [[0, 64], [127, 254]])
  }

  @Test("What is not finite is hatched and explained, and stretches no colour")
  func gaps() throws {
    var map = Self.map([[0, .nan, .infinity], [10, -.infinity, 5]], isSurface: false)
    let svg = map.svg(width: 760)
    let xml = try WellFormedXML(svg)
    #expect(try Self.pixels(xml, rows: 2, columns: 3) == [[0, 255, 255], [254, 255, 127]])
    #expect(xml.text.contains("not finite"))
    map.gapName = "no such step"
    #expect(try WellFormedXML(map.svg(width: 760)).text.contains("no such step"))
    #expect(!svg.contains("nan") && !svg.contains("inf\""))
  }

  @Test("A logarithmic scale gives decades equal steps, and zero the darkest colour")
  func logarithm() throws {
    let map = Self.map([[1e-2, 1, 1e2, 0, -4]], scale: .log10, isSurface: false)
    let xml = try WellFormedXML(map.svg(width: 760))
    #expect(try Self.pixels(xml, rows: 1, columns: 5) == [[0, 127, 254, 0, 0]])
    #expect(map.colorDomain == 1e-2...1e2)
  }

  @Test("Values beyond a fixed range have the colour of its end")
  func fixedRange() throws {
    let map = Self.map([[-5, 0, 0.5, 1, 9]], isSurface: false, range: 0...1)
    let xml = try WellFormedXML(map.svg(width: 760))
    #expect(try Self.pixels(xml, rows: 1, columns: 5) == [[0, 0, 127, 254, 254]])
  }

  @Test("Paths have lines, dots and names in the legend, even where they leave the plot")
  func paths() throws {
    let path = HeatMap.Path(
      name: "not <clipped>", points: [(0, 12), (1, 15), (1e9, -1e9)])
    let xml = try WellFormedXML(Self.map([[0, 1], [2, 3]], paths: [path]).svg(width: 760))
    #expect(xml.count(of: "circle") == 3)
    #expect(xml.text.contains("not <clipped>"))
    // A drawing within a drawing clips, which the page's rules for whole drawings must not undo.
    #expect(xml.count(of: "svg") == 2)
    let rules = HTMLReport.stylesheet.matches(of: /(\S+) svg \{/).map(\.1)
    #expect(rules == [">", ">", ">"])
    let circles = try #require(xml.attributes["circle.cy"]).compactMap(Double.init)
    // Up is up.
    #expect(circles[0] > circles[1])
  }

  @Test("One value, one colour, nothing finite and hostile names are drawn")
  func extremes() throws {
    for values in [
      [[7.0]], [[.nan]], [[0, 0], [0, 0]], [[1e300, -1e300]], [[.nan], [.infinity]],
    ] {
      for scale in [ChartAxis.Scale.linear, .log10] {
        for isSurface in [true, false] {
          let map = Self.map(values, scale: scale, isSurface: isSurface)
          _ = try WellFormedXML(map.svg(width: 360))
          #expect(!TerminalHeatMap(map).rendered(width: 30).isEmpty)
        }
      }
    }
    let hostile = String(repeating: LineChartTests.hostile, count: 30)
    let map = HeatMap(
      title: hostile, description: hostile, x: .labels(hostile, [hostile]),
      y: .labels(hostile, [hostile]), values: [[1]], colors: .init(title: hostile),
      paths: [.init(name: hostile, points: [(0, 0)])])
    let xml = try WellFormedXML(map.svg(width: 360))
    #expect(xml.count(of: "script") == 0)
  }

  @Test("A number of no change is white, between blue and red, wherever it lies in the range")
  func diverging() throws {
    let colors = HeatMap.ColorScale(title: "share", scale: .log10, range: 1e-6...1e2, middle: 1)
    var map = HeatMap(
      title: "", description: "", x: .labels("", ["a", "b", "c"]), y: .labels("", [""]),
      values: [[1e-6, 1, 1e2]], colors: colors)
    let middle = try #require(map.middleShare)
    #expect(abs(middle - 0.75) < 1e-12)
    func color(_ value: Double) -> (red: UInt8, green: UInt8, blue: UInt8) {
      let share = map.share(of: value, in: map.colorDomain) ?? .nan
      let color = ColorMap.color(share, middle: middle)
      return (color.red, color.green, color.blue)
    }
    #expect(color(1) == (247, 247, 247) && color(1e-6) == (5, 48, 97))
    #expect(color(1e2) == (103, 0, 31) && color(1e9) == (103, 0, 31))
    #expect(color(1e-3).blue > color(1e-3).red && color(10).red > color(10).blue)
    // A middle beyond the range leaves one of the two halves.
    #expect(ColorMap.place(1, middle: 1.5) == 0.5 && ColorMap.place(0, middle: -1) == 0.5)
    let text = TerminalHeatMap(map).rendered(width: 40, style: .ansi)
    for paper in [18, 231, 88] { #expect(text.contains("48;5;\(paper)m"), "\(paper)") }
    map.colors.middle = nil
    #expect(map.middleShare == nil && ColorMap.color(1) == ColorMap.palette(2)[1])
  }

  // MARK: Terminal

  @Test("Plain text has shades, labels, a legend and no escapes")
  func plain() {
    let text = TerminalHeatMap(
      Self.map([[0, 1, 2, 3, 4], [.nan, 4, 4, 4, 4]], isSurface: false)
    ).rendered(width: 40)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.contains("l0 │   ░░░▒▒▒▓▓▓███│"))
    #expect(lines.contains("l1 │×××████████████│"))
    #expect(text.contains("0 [ ░▒▓█] 4.00  norm") && text.contains("× not finite"))
    #expect(!text.contains("\u{1B}"))
  }

  @Test("Large maps fit the width, as means", arguments: [20, 40, 100])
  func fits(_ width: Int) {
    let values = (0..<200).map { row in (0..<500).map { Double(row * $0) } }
    let lines = TerminalHeatMap(Self.map(values)).rendered(width: width)
      .split(separator: "\n").map(String.init)
    for line in lines { #expect(line.displayWidth <= width, "\(line)") }
    #expect(lines.count { $0.contains("│") } == 24)
    // Up is up: the large values of a surface stand in the first line.
    #expect(lines.first { $0.contains("│") }?.contains("█") == true)
    #expect(lines.last { $0.contains("│") }?.contains("█") == false)
  }

  @Test("A path's symbols stand in its cells, a star where two meet")
  func symbols() {
    let paths = [
      HeatMap.Path(name: "free", points: [(0, 10), (1, 20), (9, 9)]),
      HeatMap.Path(name: "clipped", points: [(0, 10), (1, 10)], symbol: "+"),
    ]
    let text = TerminalHeatMap(Self.map([[1, 1], [1, 1]], paths: paths)).rendered(width: 40)
    #expect(text.contains("│▒▒▒o▒▒│") || text.contains("│   o  │"), "\(text)")
    #expect(text.contains("*") && text.contains("+ clipped"))
  }

  @Test("With colours, each cell has a background and the line ends without one")
  func colors() {
    let text = TerminalHeatMap(Self.map([[0, 1]], isSurface: false)).rendered(
      width: 40, style: .ansi)
    #expect(text.contains("48;5;\(ColorMap.terminalColors(0).paper)m"))
    #expect(text.contains("48;5;\(ColorMap.terminalColors(1).paper)m"))
    #expect(text.contains("\u{1B}[0m│"))
  }
}
