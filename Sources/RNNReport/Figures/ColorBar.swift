/// The scale of a map: its colours in a bar, with the numbers that some of them stand for and a
/// title below.
struct ColorBar {
  static let height = 12.0

  /// From the left to the right, at most 256.
  var colors: [PNGImage.Color]
  var left: Double
  var right: Double
  var top: Double
  /// A mark without a label is a small one.
  var ticks: [(x: Double, label: String)]
  var title: String

  /// With its labels and its title.
  var fullHeight: Double { Self.height + (title.isEmpty ? 28 : 52) }

  var svg: String {
    let bottom = top + Self.height
    let picture = PNGImage(
      width: colors.count, height: 1, palette: colors, pixels: colors.indices.map { UInt8($0) })
    let image = SVG.image(
      picture, x: left, y: top, width: right - left, height: Self.height)
    let marks = ticks.map { x, label in
      let mark = SVG.line(
        x, bottom, x, bottom + (label.isEmpty ? 3 : 5), stroke: ChartTheme.muted)
      guard !label.isEmpty else { return mark }
      return mark + SVG.text(label, x, bottom + 16, anchor: .middle, fill: ChartTheme.muted)
    }
    let words =
      title.isEmpty
      ? ""
      : SVG.text(
        title, (left + right) / 2, bottom + 38, anchor: .middle, fill: ChartTheme.muted)
    // White ends would be lost on white paper.
    let edge = Markup.element(
      "rect",
      [
        "x": SVG.number(left), "y": SVG.number(top), "width": SVG.number(right - left),
        "height": SVG.number(Self.height), "fill": "none", "stroke": ChartTheme.rule,
      ])
    return image + edge + marks.joined() + words
  }
}
