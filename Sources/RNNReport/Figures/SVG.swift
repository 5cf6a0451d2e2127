/// The few SVG elements that the figures are made of.
enum SVG {
  enum Anchor: String { case start, middle, end }

  /// A whole drawing. What it shows is said once, as its label: a title would be read out again,
  /// and pop up over all of it.
  ///
  /// - Parameter shrinks: whether it becomes smaller in a narrow window, as far as its words stay
  ///   legible.
  static func document(
    width: Double, height: Double, title: String, description: String, content: [String],
    shrinks: Bool = true
  ) -> String {
    Markup.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "role": "img",
        "aria-label": [title, description].filter { !$0.isEmpty }.joined(separator: ": "),
        "width": number(width), "height": number(height),
        "viewBox": "0 0 \(number(width)) \(number(height))",
        "style": "font: \(number(ChartTheme.fontSize))px \(ChartTheme.fonts)"
          + (shrinks ? "; max-width: 100%; height: auto" : ""),
      ], content.joined())
  }

  static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, stroke: String, width: Double = 1,
    dash: String = "none"
  ) -> String {
    Markup.element(
      "line",
      [
        "x1": number(x1), "y1": number(y1), "x2": number(x2), "y2": number(y2),
        "stroke": stroke, "stroke-width": number(width), "stroke-dasharray": dash,
      ])
  }

  static func path(
    _ commands: String, stroke: String = "none", width: Double = 2, dash: String = "none",
    fill: String = "none", opacity: Double = 1
  ) -> String {
    Markup.element(
      "path",
      [
        "d": commands, "fill": fill, "fill-opacity": number(opacity), "stroke": stroke,
        "stroke-width": number(width), "stroke-dasharray": dash, "stroke-linejoin": "round",
        "stroke-linecap": "round",
      ])
  }

  /// A dot whose tooltip says what it stands for.
  static func dot(
    _ x: Double, _ y: Double, radius: Double = 3.5, fill: String, tooltip: String
  ) -> String {
    Markup.element(
      "circle",
      [
        "cx": number(x), "cy": number(y), "r": number(radius), "fill": fill,
        "stroke": ChartTheme.paper,
        "stroke-width": number(0.4 * radius),
      ], Markup.element("title", text: tooltip))
  }

  /// Text centred vertically on `y`, with a halo of paper that keeps it readable over lines.
  static func text(
    _ text: String, _ x: Double, _ y: Double, anchor: Anchor = .start,
    fill: String = ChartTheme.ink
  ) -> String {
    Markup.element(
      "text",
      [
        "x": number(x), "y": number(y), "dy": "0.35em", "text-anchor": anchor.rawValue,
        "fill": fill, "stroke": ChartTheme.paper, "stroke-width": "3",
        "stroke-linejoin": "round", "paint-order": "stroke",
      ], text: text)
  }

  /// Text at 45 degrees, rising to the right.
  static func slanted(
    _ text: String, _ x: Double, _ y: Double, anchor: Anchor = .start,
    fill: String = ChartTheme.ink
  ) -> String {
    Markup.element(
      "g", ["transform": "rotate(-45 \(number(x)) \(number(y)))"],
      SVG.text(text, x, y, anchor: anchor, fill: fill))
  }

  /// Text in the middle of a ground of one colour, without a halo.
  static func plain(
    _ text: String, _ x: Double, _ y: Double, size: Double, fill: String
  ) -> String {
    Markup.element(
      "text",
      [
        "x": number(x), "y": number(y), "dy": "0.35em", "text-anchor": "middle",
        "font-size": number(size), "fill": fill,
      ], text: text)
  }

  /// Content cut off at a rectangle: a nested drawing clips without an id, of which a page with
  /// many figures would have duplicates. The page's rules for drawings leave it alone.
  static func clipped(
    x: Double, y: Double, width: Double, height: Double, content: String
  ) -> String {
    Markup.element(
      "svg",
      [
        "x": number(x), "y": number(y), "width": number(width), "height": number(height),
        "viewBox": [x, y, width, height].map(number).joined(separator: " "),
      ], content)
  }

  /// A picture of sharp pixels, stretched over a rectangle.
  static func image(
    _ picture: PNGImage, x: Double, y: Double, width: Double, height: Double
  ) -> String {
    Markup.element(
      "image",
      [
        "x": number(x), "y": number(y), "width": number(width), "height": number(height),
        "preserveAspectRatio": "none", "style": "image-rendering: pixelated",
        "href": picture.dataURL,
      ])
  }

  /// Commands of an open polyline.
  static func polyline(_ points: [(x: Double, y: Double)]) -> String {
    points.enumerated().map { index, point in
      (index == 0 ? "M" : "L") + number(point.x) + " " + number(point.y)
    }.joined()
  }

  /// A coordinate to a tenth of a pixel, without a needless decimal.
  static func number(_ value: Double) -> String {
    let text = NumberFormat.fixed(value, decimals: 1, nonFinite: "0")
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
