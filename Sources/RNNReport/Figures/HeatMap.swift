/// A matrix of numbers as colours: an error surface, gradient norms by layer and step, attention.
///
/// Values that are not finite have no colour but a hatching, which the legend explains
/// (``gapName``). On a logarithmic colour scale, zero and what is below it have the darkest colour.
package struct HeatMap: Chart {
  package enum Axis: Sendable {
    /// Evenly spaced numbers; the range reaches from the first to the last. Of rows, the first is
    /// lowest. Of what is counted, such as steps, only whole numbers are labelled.
    case numbers(String, ClosedRange<Double>, areWhole: Bool = false)
    /// One name for each row or column. Of rows, the first is on top.
    case labels(String, [String])

    var title: String {
      switch self {
      case .numbers(let title, _, _), .labels(let title, _): title
      }
    }

    var isWhole: Bool { if case .numbers(_, _, let areWhole) = self { areWhole } else { false } }
  }

  /// A line over the colours, in the coordinates of the axes; rows and columns with names are
  /// counted from 0.
  package struct Path: Sendable {
    package var name: String
    package var points: [(x: Double, y: Double)]
    /// The line's place in the palette.
    var color = 0
    package var isDashed = false
    /// What marks it on a terminal.
    package var symbol: Character = "o"

    package init(
      name: String, points: [(x: Double, y: Double)], isDashed: Bool = false,
      symbol: Character = "o"
    ) {
      self.name = name
      self.points = points
      self.isDashed = isDashed
      self.symbol = symbol
    }
  }

  package struct ColorScale: Sendable {
    /// What the colours stand for.
    package var title: String
    package var scale = ChartAxis.Scale.linear
    /// Fixed ends instead of those of the data; what lies beyond has the colour of the end.
    package var range: ClosedRange<Double>?
    /// The number that stands for no change, white between blue and red; nil for a scale from dark
    /// to light.
    package var middle: Double?

    package init(
      title: String, scale: ChartAxis.Scale = .linear, range: ClosedRange<Double>? = nil,
      middle: Double? = nil
    ) {
      self.title = title
      self.scale = scale
      self.range = range
      self.middle = middle
    }
  }

  package var title: String
  package var description: String
  package var x: Axis
  package var y: Axis
  /// One row for each value of y, one element for each value of x.
  package var values: [[Double]]
  package var colors: ColorScale
  package var paths: [Path] = []
  /// Written into the cells, for each of ``values``; nil for a map of colours alone. With them
  /// every row and column has its name, and the map is as wide as they need.
  package var texts: [[String]]?
  /// The words of the legend for hatched cells, whose values are not finite.
  package var gapName = "not finite"

  package init(
    title: String, description: String, x: Axis, y: Axis, values: [[Double]], colors: ColorScale,
    paths: [Path] = []
  ) {
    precondition(
      !values.isEmpty && values.allSatisfy { $0.count == values[0].count && !$0.isEmpty })
    (self.title, self.description, self.x, self.y) = (title, description, x, y)
    (self.values, self.colors, self.paths) = (values, colors, paths)
  }

  package var leastWidth: Double { HeatMapLayout.leastWidth(of: self) }

  package func svg(width: Double) -> String {
    HeatMapDrawing(map: self, layout: HeatMapLayout(map: self, width: width)).svg
  }
}

extension HeatMap {
  package var rowCount: Int { values.count }
  var columnCount: Int { values[0].count }

  /// Whether the first row stands at the bottom.
  var isUpward: Bool { if case .numbers = y { true } else { false } }

  /// Rows from the top of the drawing to its bottom.
  var rowsFromTop: [[Double]] { isUpward ? values.reversed() : values }

  var hasGaps: Bool { values.contains { $0.contains { !$0.isFinite } } }

  /// The numbers at the two ends of the colours.
  var colorDomain: ClosedRange<Double> {
    let axis = ChartAxis(title: colors.title, scale: colors.scale, range: colors.range)
    let placed = values.joined().filter { colors.scale.position(of: $0) != nil }
    if let low = placed.min(), let high = placed.max(), low < high, colors.range == nil {
      return axis.domain(of: [low, high], isRoundedToTicks: false)
    }
    return axis.domain(of: Array(placed), isRoundedToTicks: true)
  }

  /// From 0 at the low end of the colours to 1 at the high one; nil for what is not finite.
  package func share(of value: Double, in domain: ClosedRange<Double>) -> Double? {
    guard value.isFinite else { return nil }
    guard let place = colors.scale.position(of: value),
      let low = colors.scale.position(of: domain.lowerBound),
      let high = colors.scale.position(of: domain.upperBound)
    else { return 0 }
    return min(max((place - low) / (high - low), 0), 1)
  }

  /// The share of the colours' middle; nil without one.
  var middleShare: Double? { colors.middle.flatMap { share(of: $0, in: colorDomain) } }

  /// An axis's numbers from the outer edge of its first cell to that of its last.
  static func edges(_ axis: Axis, count: Int) -> ClosedRange<Double> {
    let range =
      switch axis {
      case .numbers(_, let range, _): range
      case .labels: 0...Double(max(1, count - 1))
      }
    if count == 1, case .labels = axis { return -0.5...0.5 }
    let half = (range.upperBound - range.lowerBound) / Double(2 * max(1, count - 1))
    return range.lowerBound - half...range.upperBound + half
  }
}
