/// From numbers on an axis to pixels.
struct AxisProjection {
  let scale: ChartAxis.Scale
  let domain: ClosedRange<Double>
  /// The pixel of the domain's lower end; on a vertical axis the larger one.
  let start: Double
  let end: Double
  /// Whether only whole numbers may be labelled, as of things that are counted.
  var isWhole = false

  /// `nil` for what has no place: not finite, or not positive on a logarithmic axis.
  ///
  /// A value far outside the domain is held a few pages away, within what renderers can clip.
  func pixel(of value: Double) -> Double? {
    guard let position = scale.position(of: value),
      let low = scale.position(of: domain.lowerBound),
      let high = scale.position(of: domain.upperBound)
    else { return nil }
    let share = (position - low) / (high - low)
    return start + min(max(share, -10), 10) * (end - start)
  }

  /// Labelled marks about `spacing` pixels apart.
  func ticks(spacing: Double) -> [AxisTick] {
    let count = max(2, Int(abs(end - start) / spacing))
    return AxisTick.ticks(on: scale, over: domain, count: count, isWhole: isWhole)
  }
}
