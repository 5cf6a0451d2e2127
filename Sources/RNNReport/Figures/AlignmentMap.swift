/// Which source tokens a decoder looked at for each target token: a row a target token from top to
/// bottom, a column a source token, the weight as the cell's darkness and, where it counts, as a
/// number in per cent; a scale below.
///
/// Unlike the figures of a report it is as large as its tokens need, and a file of its own.
package struct AlignmentMap {
  package var title: String
  package var description: String
  /// In the order in which people read them.
  package var source: [String]
  package var target: [String]
  /// [target][source], each row a distribution.
  package var weights: [[Double]]

  private static let cell = 26.0
  private static let padding = 12.0
  /// From that share on, a cell says its number.
  private static let named = 0.1
  private static let longestName = 24
  /// How far a name written at 45 degrees reaches up and to the right, a unit of its length.
  private static let slant = 0.7072

  package init(
    title: String, description: String, source: [String], target: [String], weights: [[Double]]
  ) {
    precondition(weights.count == target.count && weights.allSatisfy { $0.count == source.count })
    (self.title, self.description) = (title, description)
    self.source = source.map(Self.name)
    self.target = target.map(Self.name)
    self.weights = weights
  }

  /// A token to be seen: blanks as an open box.
  private static func name(_ token: String) -> String {
    token.allSatisfy(\.isWhitespace)
      ? String(repeating: "␣", count: token.count) : token.truncated(to: longestName)
  }

  /// On paper of its own.
  package var svg: String {
    let paper = Markup.element(
      "rect", ["width": "100%", "height": "100%", "fill": ChartTheme.paper])
    return SVG.document(
      width: width, height: height, title: title, description: description,
      content: [paper] + cells + source.indices.map(sourceName) + target.indices.map(targetName)
        + [grid, scale.svg], shrinks: false) + "\n"
  }

  // MARK: - Places

  private var left: Double { Self.padding + (target.map(ChartTheme.textWidth).max() ?? 0) + 8 }

  private var top: Double {
    Self.padding + Self.slant * (source.map(ChartTheme.textWidth).max() ?? 0) + 12
  }

  /// The last name leans over the edge.
  private var width: Double {
    let ends = source.enumerated().map { column, name in
      left + (Double(column) + 0.5) * Self.cell + Self.slant * ChartTheme.textWidth(name)
    }
    return Self.padding + 8
      + max(ends.max() ?? 0, left + Double(source.count) * Self.cell, scale.right + 8)
  }

  private var height: Double { scale.top + scale.fullHeight }

  private var scale: ColorBar {
    let (left, length) = (self.left, 180.0)
    return ColorBar(
      colors: (0...100).map { Self.color(Double($0) / 100) }, left: left, right: left + length,
      top: top + Double(target.count) * Self.cell + 16,
      ticks: [0, 0.5, 1].map {
        (left + length * $0, NumberFormat.percent($0, decimals: 0))
      }, title: "attention of a row")
  }

  /// From white to the first colour of light pages: a file of its own has white paper.
  private static func color(_ weight: Double) -> PNGImage.Color {
    PNGImage.Color.white.mixed(
      with: PNGImage.Color(red: 0x2B, green: 0x92, blue: 0xCB), share: weight)
  }

  // MARK: - Parts

  private var cells: [String] {
    weights.indices.flatMap { row in
      weights[row].indices.compactMap { column in cell(row, column) }
    }
  }

  private func cell(_ row: Int, _ column: Int) -> String? {
    let weight = weights[row][column]
    // What rounds to no colour is left out: most of a long sentence is.
    guard weight >= 0.005 else { return nil }
    let (x, y) = (left + Double(column) * Self.cell, top + Double(row) * Self.cell)
    let share = NumberFormat.percent(weight, decimals: 0)
    let square = Markup.element(
      "rect",
      [
        "x": SVG.number(x), "y": SVG.number(y), "width": SVG.number(Self.cell),
        "height": SVG.number(Self.cell), "fill": Self.color(weight).hex,
      ], Markup.element("title", text: "\(target[row]) ← \(source[column]): \(share)"))
    guard weight >= Self.named else { return square }
    return square
      + SVG.plain(
        String(share.prefix { $0.isNumber }), x + Self.cell / 2, y + Self.cell / 2, size: 10,
        fill: Self.color(weight).ink.hex)
  }

  private func sourceName(_ column: Int) -> String {
    let (x, y) = (left + (Double(column) + 0.5) * Self.cell, top - 8)
    return SVG.slanted(source[column], x, y)
  }

  private func targetName(_ row: Int) -> String {
    SVG.text(target[row], left - 8, top + (Double(row) + 0.5) * Self.cell, anchor: .end)
  }

  private var grid: String {
    let (right, bottom) = (
      left + Double(source.count) * Self.cell, top + Double(target.count) * Self.cell
    )
    let columns = (0...source.count).map { column in
      let x = left + Double(column) * Self.cell
      return SVG.line(x, top, x, bottom, stroke: ChartTheme.rule)
    }
    let rows = (0...target.count).map { row in
      let y = top + Double(row) * Self.cell
      return SVG.line(left, y, right, y, stroke: ChartTheme.rule)
    }
    return (columns + rows).joined()
  }
}
