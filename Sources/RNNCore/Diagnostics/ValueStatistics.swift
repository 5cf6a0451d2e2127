/// Mean, spread, saturation and histogram of values that a gate or a state took.
public struct ValueStatistics: Sendable, Hashable {
  /// The ends of the histogram: [0, 1] for a gate and sigmoid states, [−1, 1] for what tanh gives; without
  /// bounds from 0 to the largest value, or as far to both sides when some are negative.
  public let range: ClosedRange<Double>
  /// How many values were looked at.
  public let count: Int
  public let mean: Double
  /// The standard deviation.
  public let deviation: Double
  /// The share of values in the lowest and highest part of the range: below 0.1 and above 0.9 in [0, 1], below
  /// −0.9 and above 0.9 in [−1, 1], where the function is flat. Without bounds the lowest part is zero alone if
  /// no value is negative (relu), else both parts are empty.
  public let low: Double
  public let high: Double
  /// How many values fell into each of ``bins`` equal parts of the range; the ends take what lies beyond, and
  /// what is not finite is in none.
  public let histogram: [Int]

  /// Parts of the histogram.
  public static let bins = 20

  /// low + high.
  public var saturated: Double { low + high }

  /// - Parameter fixed: what the values can be; nil where nothing bounds them.
  init(_ values: [Float], range fixed: ClosedRange<Double>?) {
    let largest = max(
      1e-30, values.reduce(0.0) { $1.isFinite ? max($0, Double(abs($1))) : $0 })
    let isSigned = values.contains { $0 < 0 }
    let limits = fixed ?? (isSigned ? -largest : 0)...largest
    range = limits
    count = values.count
    let number = Double(max(1, values.count))
    let mean = values.reduce(0.0) { $0 + Double($1) } / number
    self.mean = mean
    let squares = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    deviation = (squares / number).squareRoot()

    let lowEnd: Float =
      switch fixed?.lowerBound {
      case nil: isSigned ? -.infinity : .leastNonzeroMagnitude
      case let bound?: bound < 0 ? -0.9 : 0.1
      }
    let highEnd: Float = fixed == nil ? .infinity : 0.9
    low = Double(values.count { $0 < lowEnd }) / number
    high = Double(values.count { $0 > highEnd }) / number

    var histogram = [Int](repeating: 0, count: ValueStatistics.bins)
    let scale = Double(ValueStatistics.bins) / (limits.upperBound - limits.lowerBound)
    for value in values where value.isFinite {
      let place = Int(
        (min(max(Double(value), limits.lowerBound), limits.upperBound)
          - limits.lowerBound) * scale)
      histogram[min(place, ValueStatistics.bins - 1)] += 1
    }
    self.histogram = histogram
  }
}
