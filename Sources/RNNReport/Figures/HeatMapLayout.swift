/// Where the parts of a heat map stand at a given width.
struct HeatMapLayout {
  let width: Double
  let legend: ChartLegend
  let x: AxisProjection
  let y: AxisProjection
  /// The bar of colours, below the plot.
  let bar: AxisProjection
  let barTop: Double
  let height: Double

  static let barHeight = 12.0

  private static let narrow = 480.0

  var isNarrow: Bool { width < Self.narrow }
  var left: Double { x.start }
  var right: Double { x.end }
  var top: Double { min(y.start, y.end) }
  var bottom: Double { max(y.start, y.end) }
  var yTitleLevel: Double { legend.height + 10 }

  init(map: HeatMap, width: Double) {
    self.width = width
    let isNarrow = width < Self.narrow
    legend = ChartLegend(Self.entries(map), width: width)
    let top = legend.height + (map.y.title.isEmpty ? 8.0 : 30)
    let bottom = top + Self.plotHeight(map, isNarrow: isNarrow)
    let rowEdges = HeatMap.edges(map.y, count: map.rowCount)
    y = AxisProjection(
      scale: .linear, domain: rowEdges, start: map.isUpward ? bottom : top,
      end: map.isUpward ? top : bottom)
    let labels =
      switch map.y {
      case .numbers: y.ticks(spacing: LineChartLayout.yTickSpacing).map(\.label)
      case .labels(_, let names): names
      }
    let labelWidth = min(labels.map { ChartTheme.textWidth($0) }.max() ?? 0, 0.3 * width)
    x = AxisProjection(
      scale: .linear, domain: HeatMap.edges(map.x, count: map.columnCount), start: labelWidth + 12,
      end: width - 16)
    barTop = bottom + (map.x.title.isEmpty ? 44.0 : 66)
    bar = AxisProjection(
      scale: map.colors.scale, domain: map.colorDomain, start: labelWidth + 12, end: width - 16)
    height = barTop + Self.barHeight + (map.colors.title.isEmpty ? 28 : 52)
  }

  /// Rows with names have their own height, a surface has that of other figures.
  private static func plotHeight(_ map: HeatMap, isNarrow: Bool) -> Double {
    let standard = isNarrow ? 260.0 : 400
    if map.isUpward { return standard }
    return min(max(Double(map.rowCount) * 22, 44), standard)
  }

  private static func entries(_ map: HeatMap) -> [ChartLegend.Entry] {
    let paths = map.paths.map {
      ChartLegend.Entry(
        name: $0.name, color: ChartTheme.series($0.color),
        dash: ChartTheme.dash($0.color, isDashed: $0.isDashed))
    }
    let gap = ChartLegend.Entry(
      name: map.gapName + " (hatched)", color: ChartTheme.muted, dash: "1 3")
    return paths + (map.hasGaps ? [gap] : [])
  }
}
