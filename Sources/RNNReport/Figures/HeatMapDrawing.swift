/// Draws a heat map: hatching, image, paths, axes and the bar of colours.
struct HeatMapDrawing {
  let map: HeatMap
  let layout: HeatMapLayout

  private static let colorCount = 255

  var svg: String {
    SVG.document(
      width: layout.width, height: layout.height, title: map.title, description: map.description,
      content: [
        layout.legend.svg(x: 0, y: 0), map.hasGaps ? hatching : "", image, texts, paths, yAxis,
        xAxis, colorBar,
      ], shrinks: map.texts == nil)
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

  /// Numbers in the cells, black or white by the colour below them.
  private var texts: String {
    guard let texts = map.texts else { return "" }
    let domain = map.colorDomain
    return texts.enumerated().flatMap { row, texts in
      texts.enumerated().map { column, text in
        guard !text.isEmpty, let x = layout.x.pixel(of: Double(column)),
          let y = layout.y.pixel(of: Double(row))
        else { return "" }
        let ink = map.share(of: map.values[row][column], in: domain).map {
          ColorMap.color($0, middle: map.middleShare).ink.hex
        }
        return SVG.plain(text, x, y, size: HeatMapLayout.textSize, fill: ink ?? ChartTheme.ink)
      }
    }.joined()
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
        + columnName(tick.label, pixel)
    }
    return marks.joined() + title(map.x.title, x: middle, y: layout.xTitleLevel, anchor: .middle)
  }

  private func columnName(_ name: String, _ x: Double) -> String {
    guard layout.slantsNames else {
      return SVG.text(name, x, layout.bottom + 16, anchor: .middle, fill: ChartTheme.muted)
    }
    return SVG.slanted(name, x + 3, layout.bottom + 10, anchor: .end, fill: ChartTheme.muted)
  }

  /// Labelled ticks with their pixels; of names, every nth, so that they do not touch, or all where
  /// they have the room.
  private func marks(
    _ axis: HeatMap.Axis, _ projection: AxisProjection, count: Int, spacing: Double,
    room: (String) -> Double
  ) -> [(AxisTick, Double)] {
    let ticks: [AxisTick]
    switch axis {
    case .numbers: ticks = projection.ticks(spacing: spacing).filter { !$0.label.isEmpty }
    case .labels where map.texts != nil:
      ticks = HeatMapLayout.names(axis).enumerated().map {
        AxisTick(value: Double($0), label: $1)
      }
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
    ColorBar(
      colors: ColorMap.palette(Self.colorCount, middle: map.middleShare), left: layout.bar.start,
      right: layout.bar.end, top: layout.barTop,
      ticks: layout.bar.ticks(spacing: layout.isNarrow ? 54 : 90).compactMap { tick in
        layout.bar.pixel(of: tick.value).map { ($0, tick.label) }
      }, title: map.colors.title
    ).svg
  }
}
