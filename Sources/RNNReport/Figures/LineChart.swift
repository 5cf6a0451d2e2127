import CLibrary

/// Curves over linear or logarithmic axes, with bands, markers and reference lines.
///
/// Where a value is not finite the curve breaks, and a cross above the plot says that the run
/// diverged there; where some of several runs did, the curve is that of the others, below the
/// cross. A value that merely has no logarithm breaks the curve without a cross.
package struct LineChart: Chart {
  package struct Point: Sendable {
    package var x: Double
    package var y: Double
    /// The ends of the band around the curve; none where either is missing.
    package var low: Double?
    package var high: Double?
    /// Whether a cross says that a run diverged here.
    package var hasDiverged: Bool

    package init(x: Double, y: Double, low: Double? = nil, high: Double? = nil) {
      (self.x, self.y, self.low, self.high) = (x, y, low, high)
      hasDiverged = !y.isFinite
    }

    package init(x: Double, interval: Interval) {
      self.init(x: x, y: interval.mean, low: interval.low, high: interval.high)
    }

    /// The median of samples between the lowest and the highest: for few runs that end far apart.
    /// Those that are not finite have diverged, and leave the others as they are.
    package init(x: Double, median samples: [Double]) {
      let finite = samples.filter(\.isFinite)
      self.init(x: x, y: finite.median ?? .nan, low: finite.min(), high: finite.max())
      hasDiverged = finite.count < samples.count
    }

    /// The geometric mean of positive samples and its interval: what a logarithmic axis asks for,
    /// where the interval of the plain mean may reach below zero. Samples that are not finite are
    /// left out, as by ``init(x:median:)``.
    package init(x: Double, geometric samples: [Double]) {
      let finite = samples.filter(\.isFinite)
      let logs = Interval(finite.map { log($0) })
      self.init(
        x: x, y: exp(logs.mean), low: logs.low.map { exp($0) }, high: logs.high.map { exp($0) })
      hasDiverged = finite.count < samples.count
    }
  }

  package struct Series: Sendable {
    package var name: String
    package var points: [Point]
    package var isDashed = false
    package var hasMarkers = false
    /// The cell, threshold or layer whose colour the curve has, the same in all figures of a page;
    /// nil where the series' name says it.
    package var thing: String?
    /// The place in the palette; nil for its place in the chart.
    var color: Int?

    package init(
      name: String, points: [Point], isDashed: Bool = false, hasMarkers: Bool = false,
      of thing: String? = nil
    ) {
      self.name = name
      self.points = points
      self.isDashed = isDashed
      self.hasMarkers = hasMarkers
      self.thing = thing
    }
  }

  /// A value to compare with: chance, a published result, the threshold in use.
  package struct Reference: Sendable {
    package enum Direction: Sendable { case horizontal, vertical }

    package var direction: Direction
    package var value: Double
    package var label: String

    package init(direction: Direction, value: Double, label: String) {
      self.direction = direction
      self.value = value
      self.label = label
    }
  }

  package var title: String
  package var description: String
  package var xAxis: ChartAxis
  package var yAxis: ChartAxis
  package var series: [Series]
  package var references: [Reference] = []

  package init(
    title: String, description: String, xAxis: ChartAxis, yAxis: ChartAxis, series: [Series],
    references: [Reference] = []
  ) {
    self.title = title
    self.description = description
    self.xAxis = xAxis
    self.yAxis = yAxis
    self.series = series
    self.references = references
  }

  package func svg(width: Double) -> String {
    LineChartDrawing(chart: self, layout: LineChartLayout(chart: self, width: width)).svg
  }
}
