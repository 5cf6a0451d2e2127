/// Horizontal bars in groups, with interval whiskers and their values written beside them.
struct BarChart: Chart {
  struct Bar: Sendable {
    /// The same name in several groups has one colour, and then a legend.
    var series: String
    var value: Double
    var low: Double?
    var high: Double?
    /// The value as text.
    var label: String
  }

  struct Group: Sendable {
    var name: String
    var bars: [Bar]
  }

  var title: String
  var description: String
  var axisTitle: String
  var groups: [Group]

  func svg(width: Double) -> String { BarChartDrawing(chart: self, width: width).svg }
}

extension BarChart.Bar {
  init(_ series: String, _ interval: Interval, label: String? = nil) {
    self.init(
      series: series, value: interval.mean, low: interval.low, high: interval.high,
      label: label ?? NumberFormat.interval(interval))
  }
}
