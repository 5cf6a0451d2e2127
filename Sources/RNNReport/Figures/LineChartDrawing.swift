/// Draws a line chart, from the grid up to the labels.
struct LineChartDrawing {
  typealias Pixel = (x: Double, y: Double)

  let chart: LineChart
  let layout: LineChartLayout

  var svg: String {
    let curves = chart.series.indices.map(band) + chart.series.indices.map(curve)
    let plot = SVG.clipped(
      x: layout.left - 4, y: layout.top - 4, width: layout.right - layout.left + 8,
      height: layout.bottom - layout.top + 8, content: curves.joined())
    let labels = layout.hasDirectLabels ? directLabels : layout.legend.svg(x: 0, y: 0)
    return SVG.document(
      width: layout.width, height: layout.height, title: chart.title,
      description: chart.description,
      content: [yAxis, xAxis, referenceLines, plot, divergedCrosses, referenceLabels, labels])
  }

  // MARK: - Axes

  private var yAxis: String {
    let ticks = layout.y.ticks(spacing: LineChartLayout.yTickSpacing).filter { !$0.label.isEmpty }
    let marks = ticks.compactMap { tick in
      layout.y.pixel(of: tick.value).map { y in
        SVG.line(layout.left, y, layout.right, y, stroke: ChartTheme.rule)
          + SVG.text(tick.label, layout.left - 8, y, anchor: .end, fill: ChartTheme.muted)
      }
    }
    let title = SVG.text(chart.yAxis.title, 0, layout.yTitleLevel, fill: ChartTheme.muted)
    return marks.joined() + (chart.yAxis.title.isEmpty ? "" : title)
  }

  private var xAxis: String {
    let marks = layout.x.ticks(spacing: layout.xTickSpacing).compactMap { tick in
      layout.x.pixel(of: tick.value).map { x in
        let length = tick.label.isEmpty ? 3.0 : 6
        let mark = SVG.line(
          x, layout.bottom, x, layout.bottom + length, stroke: ChartTheme.muted)
        guard !tick.label.isEmpty else { return mark }
        return mark
          + SVG.text(
            tick.label, x, layout.bottom + 16, anchor: .middle, fill: ChartTheme.muted)
      }
    }
    let base = SVG.line(
      layout.left, layout.bottom, layout.right, layout.bottom, stroke: ChartTheme.muted)
    let title = SVG.text(
      chart.xAxis.title, (layout.left + layout.right) / 2, layout.bottom + 40, anchor: .middle,
      fill: ChartTheme.muted)
    return marks.joined() + base + (chart.xAxis.title.isEmpty ? "" : title)
  }

  // MARK: - Curves

  private func curve(_ index: Int) -> String {
    let series = chart.series[index]
    let color = chart.color(of: index)
    let runs = runs(of: series) { $0.y }
    let lines = runs.map { run in
      SVG.path(SVG.polyline(run), stroke: color, dash: chart.dash(of: index))
    }
    let markers = series.points.compactMap { point -> String? in
      guard let pixel = pixel(of: point, height: point.y) else { return nil }
      let isLonely = runs.contains { $0.count == 1 && $0[0] == pixel }
      guard series.hasMarkers || isLonely else { return nil }
      return SVG.dot(pixel.x, pixel.y, fill: color, tooltip: tooltip(series.name, point))
    }
    return (lines + markers).joined()
  }

  private func band(_ index: Int) -> String {
    let series = chart.series[index]
    let highs = runs(of: series) { $0.low == nil ? nil : $0.high }
    // A lower end without a logarithm reaches below everything that is shown.
    let floor = layout.y.domain.lowerBound
    let lows = runs(of: series) { point in
      guard let low = point.low, let high = point.high, layout.y.pixel(of: high) != nil
      else { return nil }
      return layout.y.pixel(of: low) == nil ? floor : low
    }
    return zip(highs, lows).map { high, low in
      SVG.path(
        SVG.polyline(high + low.reversed()) + "Z", fill: chart.color(of: index), opacity: 0.16)
    }.joined()
  }

  /// Stretches of consecutive points that have a place in the plot.
  private func runs(
    of series: LineChart.Series, height: (LineChart.Point) -> Double?
  ) -> [[Pixel]] {
    var runs: [[Pixel]] = [[]]
    for point in series.points {
      if let pixel = height(point).flatMap({ pixel(of: point, height: $0) }) {
        runs[runs.count - 1].append(pixel)
      } else if !runs[runs.count - 1].isEmpty {
        runs.append([])
      }
    }
    return runs.filter { !$0.isEmpty }
  }

  private func pixel(of point: LineChart.Point, height: Double) -> Pixel? {
    guard let x = layout.x.pixel(of: point.x), let y = layout.y.pixel(of: height) else {
      return nil
    }
    return (x, y)
  }

  private func tooltip(_ name: String, _ point: LineChart.Point) -> String {
    let range = point.low.flatMap { low in
      point.high.map { high in
        " (\(NumberFormat.significant(low)) to \(NumberFormat.significant(high)))"
      }
    }
    return "\(name) at \(NumberFormat.significant(point.x)): "
      + NumberFormat.significant(point.y, nonFinite: LineChartLayout.divergedLabel) + (range ?? "")
  }

  // MARK: - Diverged points

  private var divergedCrosses: String {
    guard let level = layout.divergedLevel else { return "" }
    let label = SVG.text(
      LineChartLayout.divergedLabel, layout.left - 8, level, anchor: .end, fill: ChartTheme.muted)
    let crosses = chart.series.indices.flatMap { index -> [String] in
      chart.series[index].points.filter(\.hasDiverged).compactMap { point in
        layout.x.pixel(of: point.x).map { cross(index, point, x: $0, y: level) }
      }
    }
    return label + crosses.joined()
  }

  /// Crosses of several series at one place stand side by side.
  private func cross(_ index: Int, _ point: LineChart.Point, x: Double, y: Double) -> String {
    let neighbours = chart.series.indices.filter { other in
      chart.series[other].points.contains { $0.x == point.x && $0.hasDiverged }
    }
    let rank = Double(neighbours.firstIndex(of: index) ?? 0)
    let x = x + (rank - Double(neighbours.count - 1) / 2) * min(9, 40 / Double(neighbours.count))
    let arms =
      SVG.polyline([(x - 3.5, y - 3.5), (x + 3.5, y + 3.5)])
      + SVG.polyline([(x - 3.5, y + 3.5), (x + 3.5, y - 3.5)])
    let place = "\(chart.series[index].name) at \(NumberFormat.significant(point.x))"
    let label = LineChartLayout.divergedLabel
    return Markup.element(
      "g", [:],
      Markup.element(
        "title", text: "\(place): \(point.y.isFinite ? "some runs \(label)" : label)")
        + SVG.path(arms, stroke: chart.color(of: index)))
  }

  // MARK: - Labels

  /// Where a curve ends, or where it leaves the plot.
  private func labelAnchor(_ series: LineChart.Series) -> Pixel {
    let pixels = runs(of: series) { $0.y }.joined()
    guard let last = pixels.last else { return (layout.right, layout.divergedLevel ?? layout.top) }
    let inside = pixels.last { (layout.top - 1...layout.bottom + 1).contains($0.y) }
    return inside ?? (last.x, min(max(last.y, layout.top), layout.bottom))
  }

  private var directLabels: String {
    let anchors = chart.series.map(labelAnchor)
    let levels = LabelSpread.positions(
      anchors.map { min(max($0.y, layout.top - 20), layout.bottom) }, gap: LineChartLayout.labelGap,
      within: (layout.divergedLevel ?? layout.top)...layout.bottom)
    let textX = layout.right + LineChartLayout.leaderWidth
    return chart.series.indices.map { index in
      let (anchor, level, color) = (anchors[index], levels[index], chart.color(of: index))
      let isCutShort = anchor.x < layout.right - 1
      let reach = SVG.line(
        anchor.x + 4, anchor.y, layout.right, anchor.y, stroke: color, dash: "1 4")
      let leader = SVG.polyline([
        (layout.right + 2, anchor.y), (textX - 9, level), (textX - 4, level),
      ])
      let name = ChartTheme.fitting(
        chart.series[index].name, width: layout.width - textX)
      return (isCutShort ? reach : "") + SVG.path(leader, stroke: color, width: 1.5)
        + SVG.text(name, textX, level)
    }.joined()
  }

  // MARK: - References

  private var referenceLines: String {
    chart.references.compactMap { reference in
      switch reference.direction {
      case .horizontal:
        layout.y.pixel(of: reference.value).map {
          SVG.line(layout.left, $0, layout.right, $0, stroke: ChartTheme.muted, dash: "4 4")
        }
      case .vertical:
        layout.x.pixel(of: reference.value).map {
          SVG.line($0, layout.top, $0, layout.bottom, stroke: ChartTheme.muted, dash: "4 4")
        }
      }
    }.joined()
  }

  private var referenceLabels: String {
    chart.references.enumerated().map { index, reference in
      switch reference.direction {
      case .horizontal: horizontalLabel(of: reference)
      case .vertical: verticalLabel(of: reference, row: index)
      }
    }.joined()
  }

  /// Above its line, at the end where the curves leave more room.
  private func horizontalLabel(of reference: LineChart.Reference) -> String {
    guard let y = layout.y.pixel(of: reference.value) else { return "" }
    let level = y - 10
    let reach = ChartTheme.textWidth(reference.label) + 10
    let left = clearance(at: level, within: layout.left...(layout.left + reach))
    let right = clearance(at: level, within: (layout.right - reach)...layout.right)
    return right >= left
      ? SVG.text(reference.label, layout.right - 4, level, anchor: .end, fill: ChartTheme.muted)
      : SVG.text(reference.label, layout.left + 6, level, fill: ChartTheme.muted)
  }

  /// The distance in pixels from a height to the nearest point of any curve within a stretch.
  private func clearance(at level: Double, within stretch: ClosedRange<Double>) -> Double {
    let pixels = chart.series.flatMap { $0.points.compactMap { pixel(of: $0, height: $0.y) } }
    return pixels.filter { stretch.contains($0.x) }.map { abs($0.y - level) }.min() ?? .infinity
  }

  /// Beside its line, turned inwards; neighbouring labels stand at different heights.
  private func verticalLabel(of reference: LineChart.Reference, row: Int) -> String {
    guard let x = layout.x.pixel(of: reference.value) else { return "" }
    let isOnTheRight = x > (layout.left + layout.right) / 2
    return SVG.text(
      reference.label, x + (isOnTheRight ? -6 : 6), layout.top + 12 + Double(row) * 18,
      anchor: isOnTheRight ? .end : .start, fill: ChartTheme.muted)
  }
}
