/// Where the parts of a heat map stand at a given width.
struct HeatMapLayout {
  let width: Double
  let height: Double
  let legend: ChartLegend
  let x: AxisProjection
  let y: AxisProjection
  /// The bar of colours, below the plot.
  let bar: AxisProjection
  let barTop: Double
  /// Whether the names of columns are written at 45 degrees.
  let slantsNames: Bool
  /// The level of the title of the columns.
  let xTitleLevel: Double

  static let textSize = 11.0
  private static let narrow = 480.0
  private static let rightMargin = 16.0
  /// Of cells with texts.
  private static let leastCell = 26.0
  private static let widestCell = 64.0
  private static let longestName = 40
  /// How far a name written at 45 degrees reaches down and to the left, a unit of its length.
  private static let slant = 0.7072

  var isNarrow: Bool { width < Self.narrow }
  var left: Double { x.start }
  var right: Double { x.end }
  var top: Double { min(y.start, y.end) }
  var bottom: Double { max(y.start, y.end) }
  var yTitleLevel: Double { legend.height + 10 }

  init(map: HeatMap, width: Double) {
    let width = max(width, Self.leastWidth(of: map))
    let isNarrow = width < Self.narrow
    self.width = width
    legend = ChartLegend(Self.entries(map), width: width)
    let top = legend.height + (map.y.title.isEmpty ? 8.0 : 30)
    let bottom = top + Self.plotHeight(map, isNarrow: isNarrow)
    let rowEdges = HeatMap.edges(map.y, count: map.rowCount)
    y = AxisProjection(
      scale: .linear, domain: rowEdges, start: map.isUpward ? bottom : top,
      end: map.isUpward ? top : bottom, isWhole: map.y.isWhole)
    var left: Double
    var right = width - Self.rightMargin
    var depth = 22.0
    var slants = false
    if let cell = Self.leastCell(of: map) {
      left = Self.left(of: map, cell: cell)
      let columns = Double(map.columnCount)
      let wide = min((right - left) / columns, max(cell, Self.widestCell))
      let names = Self.names(map.x).map { ChartTheme.textWidth($0) }
      slants = names.contains { $0 + 8 > wide }
      if slants { depth = 14 + Self.slant * (names.max() ?? 0) }
      right = left + columns * wide
    } else {
      let labels =
        switch map.y {
        case .numbers: y.ticks(spacing: LineChartLayout.yTickSpacing).map(\.label)
        case .labels(_, let names): names
        }
      left = 12 + min(labels.map { ChartTheme.textWidth($0) }.max() ?? 0, 0.3 * width)
    }
    slantsNames = slants
    x = AxisProjection(
      scale: .linear, domain: HeatMap.edges(map.x, count: map.columnCount), start: left,
      end: right, isWhole: map.x.isWhole)
    xTitleLevel = bottom + depth + 16
    barTop = bottom + depth + (map.x.title.isEmpty ? 22 : 44)
    bar = AxisProjection(
      scale: map.colors.scale, domain: map.colorDomain, start: left,
      end: min(max(right, left + 200), width - Self.rightMargin))
    height = barTop + ColorBar.height + (map.colors.title.isEmpty ? 28 : 52)
  }

  // MARK: - Maps with texts

  /// The width that texts and names need; 0 for a map without texts.
  static func leastWidth(of map: HeatMap) -> Double {
    guard let cell = leastCell(of: map) else { return 0 }
    return left(of: map, cell: cell) + Double(map.columnCount) * cell + rightMargin
  }

  /// The width that the widest text needs; nil for a map without texts.
  private static func leastCell(of map: HeatMap) -> Double? {
    map.texts.map { texts in
      let widest = texts.joined().map { ChartTheme.textWidth($0) }.max() ?? 0
      return max(leastCell, widest * textSize / ChartTheme.fontSize + 8)
    }
  }

  /// Room for the names of rows, and for those of the first columns where they lean over the edge.
  private static func left(of map: HeatMap, cell: Double) -> Double {
    let rows = names(map.y).map { ChartTheme.textWidth($0) }.max() ?? 0
    let columns = names(map.x).enumerated().map { column, name in
      slant * ChartTheme.textWidth(name) - (Double(column) + 0.5) * cell
    }
    return max(rows + 12, columns.max() ?? 0)
  }

  /// As they are written in a map with texts.
  static func names(_ axis: HeatMap.Axis) -> [String] {
    guard case .labels(_, let names) = axis else { return [] }
    return names.map { $0.truncated(to: longestName) }
  }

  /// Rows with names have their own height, a surface has that of other figures.
  private static func plotHeight(_ map: HeatMap, isNarrow: Bool) -> Double {
    let standard = isNarrow ? 260.0 : 400
    if map.texts != nil { return Double(map.rowCount) * leastCell }
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
