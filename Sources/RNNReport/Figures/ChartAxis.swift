import CLibrary

/// What an axis is called, how it maps numbers, and which of them it shows.
package struct ChartAxis: Sendable {
  package enum Scale: Sendable {
    case linear, log10

    /// Where a value lies on a straight ruler, or `nil` if it has no place on this scale.
    func position(of value: Double) -> Double? {
      guard value.isFinite else { return nil }
      switch self {
      case .linear: return value
      case .log10: return value > 0 ? CLibrary.log10(value) : nil
      }
    }
  }

  package var title: String
  package var scale = Scale.linear
  /// Fixed ends instead of those of the data, for a loss whose first steps would flatten the rest.
  package var range: ClosedRange<Double>?
  /// Whether only whole numbers may be labelled, as of things that are counted.
  package var isWhole = false

  package init(
    title: String, scale: Scale = .linear, range: ClosedRange<Double>? = nil, isWhole: Bool = false
  ) {
    self.title = title
    self.scale = scale
    self.range = range
    self.isWhole = isWhole
  }

  /// The interval that the axis shows for these values, never empty, within what ticks can handle.
  ///
  /// `isRoundedToTicks` extends a linear axis to whole ticks; a logarithmic one gets some air.
  func domain(of values: [Double], isRoundedToTicks: Bool) -> ClosedRange<Double> {
    let placed = values.filter { scale.position(of: $0) != nil }
    let fixed = range.flatMap { scale.position(of: $0.lowerBound) == nil ? nil : $0 }
    let low = Self.bounded(fixed?.lowerBound ?? placed.min() ?? 1)
    let high = Self.bounded(fixed?.upperBound ?? placed.max() ?? low)
    if low < high, fixed != nil || !isRoundedToTicks { return low...high }
    switch scale {
    case .linear:
      let air = low < high ? 0 : (low == 0 || isWhole ? 1 : abs(low) / 2)
      return AxisTick.rounded((low - air)...(high + air))
    case .log10:
      let air = low < high ? pow(high / low, 0.04) : 2
      return (low / air)...(high * air)
    }
  }

  /// Far beyond any measurement, and still safe to subtract, divide and multiply.
  private static func bounded(_ value: Double) -> Double {
    let magnitude = min(abs(value), 1e150)
    if value > 0 { return max(magnitude, 1e-150) }
    return value < 0 ? -max(magnitude, 1e-150) : 0
  }
}
