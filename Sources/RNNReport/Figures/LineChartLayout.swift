/// Where the parts of a line chart stand at a given width.
struct LineChartLayout {
  let width: Double
  let height: Double
  let legend: ChartLegend
  let hasDirectLabels: Bool
  /// The height of the crosses of diverged points, above the plot; `nil` without any.
  let divergedLevel: Double?
  let x: AxisProjection
  let y: AxisProjection

  var left: Double { x.start }
  var right: Double { x.end }
  var top: Double { y.end }
  var bottom: Double { y.start }

  /// The level at which the title of the y axis stands.
  var yTitleLevel: Double { legend.height + 10 }

  static let divergedLabel = "diverged"
  static let labelGap = 17.0
  static let leaderWidth = 22.0
  private static let narrow = 480.0
  private static let mostDirectLabels = 10

  init(chart: LineChart, width: Double) {
    let isNarrow = width < Self.narrow
    let names = chart.series.map(\.name)
    self.width = width
    hasDirectLabels = !isNarrow && names.count > 1 && names.count <= Self.mostDirectLabels
    let needsLegend = !hasDirectLabels && names.count > 1
    legend = ChartLegend(needsLegend ? chart.legendEntries : [], width: width)
    let plotHeight = isNarrow ? 230.0 : 310
    let yTitleHeight = chart.yAxis.title.isEmpty ? 8.0 : 30
    let strip = chart.hasDivergedPoint ? 24.0 : 0
    let top = legend.height + yTitleHeight + strip
    let bottom = top + plotHeight
    divergedLevel = chart.hasDivergedPoint ? top - 14 : nil
    height = bottom + (chart.xAxis.title.isEmpty ? 28 : 52)

    let yDomain = chart.yAxis.domain(of: chart.yValues, isRoundedToTicks: true)
    y = AxisProjection(scale: chart.yAxis.scale, domain: yDomain, start: bottom, end: top)
    let tickLabels = y.ticks(spacing: Self.yTickSpacing).map(\.label)
    let leftLabels = tickLabels + (chart.hasDivergedPoint ? [Self.divergedLabel] : [])
    let left = 12 + (leftLabels.map { ChartTheme.textWidth($0) }.max() ?? 0)
    let labelWidth = names.map { ChartTheme.textWidth($0) }.max() ?? 0
    let right = hasDirectLabels ? Self.leaderWidth + min(labelWidth, 0.25 * width) + 4 : 16
    let xDomain = chart.xAxis.domain(of: chart.xValues, isRoundedToTicks: false)
    x = AxisProjection(
      scale: chart.xAxis.scale, domain: xDomain, start: left, end: width - right,
      isWhole: chart.xAxis.isWhole)
  }

  static let yTickSpacing = 58.0
  var xTickSpacing: Double { width < Self.narrow ? 64 : 90 }
}

extension LineChart {
  fileprivate var xValues: [Double] {
    series.flatMap { $0.points.map(\.x) } + values(of: .vertical)
  }

  fileprivate var yValues: [Double] {
    series.flatMap { $0.points.flatMap { [$0.y, $0.low ?? $0.y, $0.high ?? $0.y] } }
      + values(of: .horizontal)
  }

  private func values(of direction: Reference.Direction) -> [Double] {
    references.filter { $0.direction == direction }.map(\.value)
  }

  fileprivate var hasDivergedPoint: Bool {
    series.contains {
      $0.points.contains { $0.hasDiverged && xAxis.scale.position(of: $0.x) != nil }
    }
  }

  fileprivate var legendEntries: [ChartLegend.Entry] {
    series.indices.map {
      ChartLegend.Entry(name: series[$0].name, color: color(of: $0), dash: dash(of: $0))
    }
  }

  package func color(of index: Int) -> String { ChartTheme.series(series[index].color ?? index) }

  func dash(of index: Int) -> String {
    ChartTheme.dash(series[index].color ?? index, isDashed: series[index].isDashed)
  }
}
