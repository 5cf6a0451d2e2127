import CLibrary

/// A mark on an axis: labelled, or one of the small ones between.
struct AxisTick: Equatable {
  let value: Double
  /// Empty for a small mark.
  let label: String

  /// About `count` labelled marks at round numbers within `domain`.
  ///
  /// - Parameter isWhole: whether all of them are whole numbers.
  static func ticks(
    on scale: ChartAxis.Scale, over domain: ClosedRange<Double>, count: Int, isWhole: Bool = false
  ) -> [AxisTick] {
    switch scale {
    case .linear: linear(over: domain, count: count, isWhole: isWhole)
    case .log10: logarithmic(over: domain, count: count, isWhole: isWhole)
    }
  }

  /// The smallest interval of whole ticks around `domain`.
  static func rounded(_ domain: ClosedRange<Double>, count: Int = 5) -> ClosedRange<Double> {
    let step = step(over: domain, count: count)
    // A millionth of a step is rounding noise, not data beyond the tick.
    let low = (domain.lowerBound / step + 1e-6).rounded(.down) * step
    let high = (domain.upperBound / step - 1e-6).rounded(.up) * step
    return low < high ? low...high : domain
  }

  // MARK: - Linear

  /// 1, 2 or 5 times a power of ten.
  private static func step(over domain: ClosedRange<Double>, count: Int) -> Double {
    let raw = (domain.upperBound - domain.lowerBound) / Double(max(1, count))
    let magnitude = pow(10, log10(raw).rounded(.down))
    let factor = [1, 2, 5].first { raw <= $0 * magnitude * (1 + 1e-9) } ?? 10
    return factor * magnitude
  }

  private static func linear(
    over domain: ClosedRange<Double>, count: Int, isWhole: Bool
  ) -> [AxisTick] {
    let step = max(step(over: domain, count: count), isWhole ? 1 : 0)
    let first = (domain.lowerBound / step - 1e-6).rounded(.up)
    let last = (domain.upperBound / step + 1e-6).rounded(.down)
    guard first <= last else { return [] }
    let values = stride(from: first, through: last, by: 1).prefix(100).map { $0 * step }
    let labels = labels(of: values, step: step)
    return zip(values, labels).map { AxisTick(value: $0, label: $1) }
  }

  /// One number of decimals and one thousands prefix for the whole axis.
  private static func labels(of values: [Double], step: Double) -> [String] {
    let largest = values.map(abs).max() ?? 0
    if largest >= 1e15 || largest < 1e-4 {
      return values.map { withMinus(trimmed(NumberFormat.significant($0, digits: 3))) }
    }
    let scale =
      [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")].first { largest >= 10 * $0.0 } ?? (1, "")
    let decimals = max(0, Int((-log10(step / scale.0) - 1e-9).rounded(.up)))
    return values.map {
      let digits = NumberFormat.fixed($0 / scale.0, decimals: decimals)
      return withMinus($0 == 0 ? "0" : digits + scale.1)
    }
  }

  /// `1.00e-7` as `1e-7`.
  private static func trimmed(_ text: String) -> String {
    text.replacing(/\.?0*e/) { _ in "e" }
  }

  private static func withMinus(_ text: String) -> String {
    text.hasPrefix("-") ? "−" + text.dropFirst() : text
  }

  // MARK: - Logarithmic

  /// Labels on whole decades; within two decades on 1, 2 and 5; within less, as on a linear axis.
  private static func logarithmic(
    over domain: ClosedRange<Double>, count: Int, isWhole: Bool
  ) -> [AxisTick] {
    let first = Int((log10(domain.lowerBound) - 1e-9).rounded(.up))
    let last = Int((log10(domain.upperBound) + 1e-9).rounded(.down))
    let decades = log10(domain.upperBound) - log10(domain.lowerBound)
    if decades < 1 {
      return linear(over: domain, count: count, isWhole: isWhole).filter { $0.value > 0 }
    }
    let stride = max(1, Int((decades / Double(max(1, count))).rounded(.up)))
    let labelled: [Double] = decades < 2.5 ? [1, 2, 5] : [1]
    let isPlain = first > -5 && last < 5
    return (first - 1...last).flatMap { decade -> [AxisTick] in
      let isLabelled = decade % stride == 0
      // Over hundreds of decades those without a label would be a grey bar.
      if !isLabelled, stride > 10 { return [] }
      let factors = stride == 1 ? Array(1...9) : [1]
      return factors.compactMap { factor in
        let value = Double(factor) * pow(10, Double(decade))
        guard value >= domain.lowerBound * 0.999999, value <= domain.upperBound * 1.000001,
          !isWhole || decade >= 0
        else { return nil }
        guard isLabelled, labelled.contains(Double(factor)) else {
          return AxisTick(value: value, label: "")
        }
        let isPower = labelled.count == 1 && !isPlain
        return AxisTick(value: value, label: isPower ? power(decade) : plain(value))
      }
    }
  }

  private static func plain(_ value: Double) -> String {
    if value >= 1e4 { return NumberFormat.si(value, digits: 1) }
    return NumberFormat.significant(value, digits: 1)
  }

  /// `10⁻³`.
  private static func power(_ exponent: Int) -> String {
    let digits: [Character: Character] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
      "8": "⁸", "9": "⁹",
    ]
    return "10" + String("\(exponent)".map { digits[$0] ?? $0 })
  }
}
