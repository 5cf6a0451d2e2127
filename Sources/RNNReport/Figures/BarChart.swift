/// Horizontal bars in groups, with interval whiskers and their values written beside them.
package struct BarChart: Chart {
  package struct Bar: Sendable {
    /// The same name in several groups has one colour, and then a legend.
    package var series: String
    package var value: Double
    package var low: Double?
    package var high: Double?
    /// The value as text.
    package var label: String

    package init(
      series: String, value: Double, low: Double? = nil, high: Double? = nil, label: String
    ) {
      self.series = series
      self.value = value
      self.low = low
      self.high = high
      self.label = label
    }
  }

  package struct Group: Sendable {
    package var name: String
    package var bars: [Bar]

    package init(name: String, bars: [Bar]) {
      self.name = name
      self.bars = bars
    }
  }

  package var title: String
  package var description: String
  package var axisTitle: String
  package var groups: [Group]
  /// The place of each series in the palette; of others it is that in the chart.
  var colors: [String: Int] = [:]

  package init(title: String, description: String, axisTitle: String, groups: [Group]) {
    self.title = title
    self.description = description
    self.axisTitle = axisTitle
    self.groups = groups
  }

  package func svg(width: Double) -> String { BarChartDrawing(chart: self, width: width).svg }
}

extension BarChart.Bar {
  package init(_ series: String, _ interval: Interval, label: String? = nil) {
    self.init(
      series: series, value: interval.mean, low: interval.low, high: interval.high,
      label: label ?? NumberFormat.interval(interval))
  }

  package init(_ series: String, _ proportion: Proportion) {
    self.init(
      series: series, value: proportion.share, low: proportion.interval.lowerBound,
      high: proportion.interval.upperBound, label: proportion.label)
  }
}
