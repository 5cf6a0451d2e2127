/// Draws a heat map: hatching, image, paths, axes and the bar of colours.
struct HeatMapDrawing {
  let map: HeatMap
  let layout: HeatMapLayout

  private static let colorCount = 255

  var svg: String {
    SVG.document(
      width: layout.width, height: layout.height, title: map.title, description: map.description,
      content: [
        layout.legend.svg(x: 0, y: 0), map.hasGaps ? hatching : "", image, paths, yAxis, xAxis,
        colorBar,
      ])
  }

  // MARK: - Cells

  /// One pixel a cell; what is not finite lets the hatching through.
  private var image: String {
    let domain = map.colorDomain
    let last = Double(Self.colorCount - 1)
    let pixels = map.rowsFromTop.joined().map { value -> UInt8 in
      map.share(of: value, in: domain).map { UInt8(($0 * last).rounded()) }
        ?? UInt8(Self.colorCount)
    }
    let nothing = PNGImage.Color(red: 0, green: 0, blue: 0, alpha: 0)
    let picture = PNGImage(
      width: map.columnCount, height: map.rowCount,
      palette: ColorMap.palette(Self.colorCount, middle: map.middleShare) + [nothing],
      pixels: pixels)
    return SVG.image(
      picture, x: layout.left, y: layout.top, width: layout.right - layout.left,
      height: layout.bottom - layout.top)
  }

  private var hatching: String {
    let (width, height) = (layout.right - layout.left, layout.bottom - layout.top)
    let lines = stride(from: -height, to: width, by: 7).map { offset in
      SVG.polyline([
        (layout.left + offset, layout.bottom), (layout.left + offset + height, layout.top),
      ])
    }
    return SVG.clipped(
      x: layout.left, y: layout.top, width: width, height: height,
      content: SVG.path(lines.joined(), stroke: ChartTheme.muted, width: 1))
  }

  // MARK: - Paths

  private var paths: String {
    guard !map.paths.isEmpty else { return "" }
    return SVG.clipped(
      x: layout.left, y: layout.top, width: layout.right - layout.left,
      height: layout.bottom - layout.top, content: map.paths.map(path).joined())
  }

  private func path(_ path: HeatMap.Path) -> String {
    let pixels = path.points.compactMap { point in
      layout.x.pixel(of: point.x).flatMap { x in layout.y.pixel(of: point.y).map { (x, $0) } }
    }
    let line = SVG.polyline(pixels)
    let color = ChartTheme.series(path.color)
    // A wider stroke of paper below keeps the line visible on every colour.
    let strokes =
      SVG.path(line, stroke: ChartTheme.paper, width: 4)
      + SVG.path(
        line, stroke: color, width: 2.5,
        dash: ChartTheme.dash(path.color, isDashed: path.isDashed))
    let dots = zip(pixels, path.points).enumerated().map { step, pair in
      let place = [pair.1.x, pair.1.y].map { NumberFormat.significant($0) }
      return SVG.dot(
        pair.0.0, pair.0.1, radius: 2.2, fill: color,
        tooltip: "\(path.name), step \(step): \(place.joined(separator: ", "))")
    }
    return strokes + dots.joined()
  }

  // MARK: - Axes

  private var yAxis: String {
    let marks = marks(map.y, layout.y, count: map.rowCount, spacing: LineChartLayout.yTickSpacing) {
      _ in 16
    }.map { tick, pixel in
      let name = ChartTheme.fitting(tick.label, width: layout.left - 10)
      return SVG.line(layout.left - 5, pixel, layout.left, pixel, stroke: ChartTheme.muted)
        + SVG.text(name, layout.left - 8, pixel, anchor: .end, fill: ChartTheme.muted)
    }
    return marks.joined() + title(map.y.title, x: 0, y: layout.yTitleLevel, anchor: .start)
  }

  private var xAxis: String {
    let middle = (layout.left + layout.right) / 2
    let marks = marks(
      map.x, layout.x, count: map.columnCount, spacing: layout.isNarrow ? 54 : 90
    ) { ChartTheme.textWidth($0) + 8 }.map { tick, pixel in
      SVG.line(pixel, layout.bottom, pixel, layout.bottom + 5, stroke: ChartTheme.muted)
        + SVG.text(
          tick.label, pixel, layout.bottom + 16, anchor: .middle, fill: ChartTheme.muted)
    }
    return marks.joined() + title(map.x.title, x: middle, y: layout.bottom + 38, anchor: .middle)
  }

  /// Labelled ticks with their pixels; of names, every nth, so that they do not touch.
  private func marks(
    _ axis: HeatMap.Axis, _ projection: AxisProjection, count: Int, spacing: Double,
    room: (String) -> Double
  ) -> [(AxisTick, Double)] {
    let ticks: [AxisTick]
    switch axis {
    case .numbers: ticks = projection.ticks(spacing: spacing).filter { !$0.label.isEmpty }
    case .labels(_, let names):
      let cell = abs(projection.end - projection.start) / Double(max(1, count))
      let widest = names.map(room).max() ?? 0
      let every = max(1, Int((widest / max(cell, 0.1)).rounded(.up)))
      ticks = names.indices.filter { $0 % every == 0 }.map {
        AxisTick(value: Double($0), label: names[$0])
      }
    }
    return ticks.compactMap { tick in projection.pixel(of: tick.value).map { (tick, $0) } }
  }

  private func title(_ text: String, x: Double, y: Double, anchor: SVG.Anchor) -> String {
    text.isEmpty ? "" : SVG.text(text, x, y, anchor: anchor, fill: ChartTheme.muted)
  }

  // MARK: - Colours

  private var colorBar: String {
    let picture = PNGImage(
      width: Self.colorCount, height: 1,
      palette: ColorMap.palette(Self.colorCount, middle: map.middleShare),
      pixels: (0..<Self.colorCount).map { UInt8($0) })
    let bottom = layout.barTop + HeatMapLayout.barHeight
    let image = SVG.image(
      picture, x: layout.left, y: layout.barTop, width: layout.right - layout.left,
      height: HeatMapLayout.barHeight)
    let ticks = layout.bar.ticks(spacing: layout.isNarrow ? 54 : 90).compactMap { tick in
      layout.bar.pixel(of: tick.value).map { pixel in
        let mark = SVG.line(
          pixel, bottom, pixel, bottom + (tick.label.isEmpty ? 3 : 5), stroke: ChartTheme.muted)
        guard !tick.label.isEmpty else { return mark }
        return mark
          + SVG.text(tick.label, pixel, bottom + 16, anchor: .middle, fill: ChartTheme.muted)
      }
    }
    let middle = (layout.left + layout.right) / 2
    return image + ticks.joined()
      + title(map.colors.title, x: middle, y: bottom + 38, anchor: .middle)
  }
}
