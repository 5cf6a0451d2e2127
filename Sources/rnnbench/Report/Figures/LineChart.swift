import CLibrary

/// Curves over linear or logarithmic axes, with bands, markers and reference lines.
///
/// Where a value is not finite the curve breaks, and a cross above the plot says that the run
/// diverged there. A value that merely has no logarithm breaks the curve without a cross.
struct LineChart: Chart {
  struct Point: Sendable {
    var x: Double
    var y: Double
    /// The ends of the band around the curve; none where either is missing.
    var low: Double?
    var high: Double?

    init(x: Double, y: Double, low: Double? = nil, high: Double? = nil) {
      (self.x, self.y, self.low, self.high) = (x, y, low, high)
    }

    init(x: Double, interval: Interval) {
      self.init(x: x, y: interval.mean, low: interval.low, high: interval.high)
    }

    /// The median of samples between the lowest and the highest: for few runs that end far apart.
    init(x: Double, median samples: [Double]) {
      let isFinite = samples.allSatisfy(\.isFinite)
      self.init(
        x: x, y: isFinite ? samples.median ?? .nan : .nan, low: isFinite ? samples.min() : nil,
        high: isFinite ? samples.max() : nil)
    }

    /// The geometric mean of positive samples and its interval: what a logarithmic axis asks for, where
    /// the interval of the plain mean may reach below zero.
    init(x: Double, geometric samples: [Double]) {
      let logs = Interval(samples.map { log($0) })
      self.init(
        x: x, y: exp(logs.mean), low: logs.low.map { exp($0) }, high: logs.high.map { exp($0) })
    }
  }

  struct Series: Sendable {
    var name: String
    var points: [Point]
    var isDashed = false
    var hasMarkers = false
    /// The series' place in the palette if not its place in the chart, so that a cell keeps its
    /// colour from figure to figure.
    var color: Int?
  }

  /// A value to compare with: chance, a published result, the threshold in use.
  struct Reference: Sendable {
    enum Direction: Sendable { case horizontal, vertical }

    var direction: Direction
    var value: Double
    var label: String
  }

  var title: String
  var description: String
  var xAxis: ChartAxis
  var yAxis: ChartAxis
  var series: [Series]
  var references: [Reference] = []

  func svg(width: Double) -> String {
    LineChartDrawing(chart: self, layout: LineChartLayout(chart: self, width: width)).svg
  }
}
