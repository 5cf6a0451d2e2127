/// Lays out and draws a bar chart at a given width.
struct BarChartDrawing {
  private static let barHeight = 20.0
  private static let barGap = 4.0
  private static let groupGap = 14.0

  private let chart: BarChart
  private let width: Double
  private let seriesNames: [String]
  private let legend: ChartLegend
  private let x: AxisProjection

  init(chart: BarChart, width: Double) {
    self.chart = chart
    self.width = width
    let bars = chart.groups.flatMap(\.bars)
    let names = bars.reduce(into: [String]()) { names, bar in
      if !names.contains(bar.series) { names.append(bar.series) }
    }
    seriesNames = names
    let entries = names.indices.map {
      ChartLegend.Entry(
        name: names[$0], color: ChartTheme.series(chart.colors[names[$0]] ?? $0), dash: nil)
    }
    // Where each bar has the name of its group the legend would say it again.
    let isNamed = chart.groups.contains { group in
      group.bars.contains { $0.series != group.name }
    }
    legend = ChartLegend(names.count > 1 && isNamed ? entries : [], width: width)
    let nameWidth = chart.groups.map { ChartTheme.textWidth($0.name) }.max() ?? 0
    let labelWidth = bars.map { ChartTheme.textWidth($0.label) }.max() ?? 0
    let start = min(nameWidth, 0.32 * width) + 10
    // Labels beside the longest bars need room, but half of the drawing belongs to the bars.
    let end = max(width - labelWidth - 14, start + 0.3 * width)
    let values =
      [0]
      + bars.flatMap { bar -> [Double] in
        [bar.value, bar.low ?? bar.value, bar.high ?? bar.value]
      }
    let axis = ChartAxis(title: chart.axisTitle)
    x = AxisProjection(
      scale: .linear, domain: axis.domain(of: values, isRoundedToTicks: true), start: start,
      end: end)
  }

  var svg: String {
    var y = legend.height + 4
    let top = y
    var rows: [String] = []
    for group in chart.groups {
      let middle = y + height(of: group) / 2
      let name = ChartTheme.fitting(group.name, width: x.start - 10)
      rows.append(SVG.text(name, x.start - 10, middle, anchor: .end))
      for bar in group.bars {
        rows.append(row(bar, in: group, top: y))
        y += Self.barHeight + Self.barGap
      }
      y += Self.groupGap - Self.barGap
    }
    let bottom = y - Self.groupGap + 8
    return SVG.document(
      width: width, height: bottom + (chart.axisTitle.isEmpty ? 26 : 50), title: chart.title,
      description: chart.description,
      content: [legend.svg(x: 0, y: 0), axis(top: top, bottom: bottom)] + rows)
  }

  private func height(of group: BarChart.Group) -> Double {
    Double(group.bars.count) * (Self.barHeight + Self.barGap) - Self.barGap
  }

  private func axis(top: Double, bottom: Double) -> String {
    let ticks = x.ticks(spacing: 80).compactMap { tick in
      x.pixel(of: tick.value).map {
        let stroke = tick.value == 0 ? ChartTheme.muted : ChartTheme.rule
        return SVG.line($0, top - 4, $0, bottom, stroke: stroke)
          + SVG.text(tick.label, $0, bottom + 14, anchor: .middle, fill: ChartTheme.muted)
      }
    }
    let title = SVG.text(
      chart.axisTitle, (x.start + x.end) / 2, bottom + 38, anchor: .middle, fill: ChartTheme.muted)
    return ticks.joined() + (chart.axisTitle.isEmpty ? "" : title)
  }

  private func row(_ bar: BarChart.Bar, in group: BarChart.Group, top: Double) -> String {
    let middle = top + Self.barHeight / 2
    guard let zero = x.pixel(of: 0), let end = x.pixel(of: bar.value) else {
      return SVG.text(bar.label, x.pixel(of: 0).map { $0 + 8 } ?? x.start, middle)
    }
    let color = ChartTheme.series(
      chart.colors[bar.series] ?? seriesNames.firstIndex(of: bar.series) ?? 0)
    let rectangle = Markup.element(
      "rect",
      [
        "x": SVG.number(min(zero, end)), "y": SVG.number(top),
        "width": SVG.number(abs(end - zero)), "height": SVG.number(Self.barHeight),
        "rx": "1.5", "fill": color,
      ], Markup.element("title", text: "\(group.name), \(bar.series): \(bar.label)"))
    let reach = [bar.low, bar.high].compactMap { $0.flatMap(x.pixel) } + [zero, end]
    let labelX = (reach.max() ?? end) + 8
    return rectangle + whisker(bar, y: middle) + SVG.text(bar.label, labelX, middle)
  }

  private func whisker(_ bar: BarChart.Bar, y: Double) -> String {
    guard let low = bar.low.flatMap(x.pixel), let high = bar.high.flatMap(x.pixel) else {
      return ""
    }
    let line = SVG.polyline([(low, y), (high, y)])
    let ends = [low, high].map { SVG.polyline([($0, y - 4), ($0, y + 4)]) }
    // A wider stroke of paper below keeps the whisker visible inside the bar.
    return SVG.path(line + ends.joined(), stroke: ChartTheme.paper, width: 3.5)
      + SVG.path(line + ends.joined(), stroke: ChartTheme.ink, width: 1.5)
  }
}
