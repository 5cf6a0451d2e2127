/// Mean, spread, saturation and histogram of values that a gate or a state took.
public struct ValueStatistics: Sendable, Hashable {
  /// The ends of the histogram: [0, 1] for a gate and sigmoid states, [−1, 1] for what tanh gives;
  /// without bounds from 0 to the largest value, or as far to both sides when some are negative.
  public let range: ClosedRange<Double>
  /// How many values were looked at.
  public let count: Int
  /// The mean; not a number when nothing was looked at.
  public let mean: Double
  /// The standard deviation.
  public let deviation: Double
  /// The share of values in the lowest and highest part of the range: below 0.1 and above 0.9 in
  /// [0, 1], below −0.9 and above 0.9 in [−1, 1], where the function is flat. Without bounds the
  /// lowest part is zero alone if no value is negative (relu), else both parts are empty.
  public let low: Double
  /// The share of values in the highest part of the range, see ``low``.
  public let high: Double
  /// How many values fell into each of ``bins`` equal parts of the range; the ends take what lies
  /// beyond, and what is not finite is in none.
  public let histogram: [Int]

  /// Parts of the histogram.
  public static let bins = 20

  /// low + high.
  public var saturated: Double { low + high }

  /// - Parameter fixed: what the values can be; nil where nothing bounds them.
  init(_ values: [Float], range fixed: ClosedRange<Double>?) {
    let ends = values.ends
    let largest = max(1e-30, Double(max(ends.upperBound, -ends.lowerBound)))
    let isSigned = values.contains { $0 < 0 }
    let limits = fixed ?? (isSigned ? -largest : 0)...largest
    range = limits
    count = values.count
    let number = Double(max(1, values.count))
    var sums = SIMD8<Double>.zero
    values.forEachLanes { lanes, _ in
      sums += SIMD8(lanes)
    }
    let mean = sums.sum() / number
    self.mean = mean

    let lowEnd: Float =
      switch fixed?.lowerBound {
      case nil: isSigned ? -.infinity : .leastNonzeroMagnitude
      case let bound?: bound < 0 ? -0.9 : 0.1
      }
    let highEnd: Float = fixed == nil ? .infinity : 0.9
    var squares = SIMD8<Double>.zero
    var (lower, higher) = (SIMD8<Int32>.zero, SIMD8<Int32>.zero)
    values.forEachLanes { lanes, isThere in
      let away = SIMD8<Double>(lanes) - mean
      let weights = SIMD8<Double>(SIMD8<Float>.one.replacing(with: 0, where: .!isThere))
      squares += weights * away * away
      lower.replace(with: lower &+ 1, where: isThere .& (lanes .< lowEnd))
      higher.replace(with: higher &+ 1, where: isThere .& (lanes .> highEnd))
    }
    deviation = (squares.sum() / number).squareRoot()
    low = Double(lower.wrappedSum()) / number
    high = Double(higher.wrappedSum()) / number

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

extension [Float] {
  /// Eight values at a time, so that sums need not wait for each other, with which of them are
  /// there; the others are zero.
  fileprivate func forEachLanes(
    _ body: (_ lanes: SIMD8<Float>, _ isThere: SIMDMask<SIMD8<Int32>>) -> Void
  ) {
    let all = SIMDMask<SIMD8<Int32>>(repeating: true)
    withUnsafeBytes { bytes in
      let (whole, size) = (count / 8, MemoryLayout<Float>.size)
      for index in 0..<whole {
        body(bytes.loadUnaligned(fromByteOffset: 8 * index * size, as: SIMD8<Float>.self), all)
      }
      guard 8 * whole < count else { return }
      var (rest, isThere) = (SIMD8<Float>.zero, SIMDMask<SIMD8<Int32>>(repeating: false))
      for (lane, index) in (8 * whole..<count).enumerated() {
        (rest[lane], isThere[lane]) = (self[index], true)
      }
      body(rest, isThere)
    }
  }

  /// The smallest and the largest finite value, and zero.
  fileprivate var ends: ClosedRange<Float> {
    var (low, high) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
    forEachLanes { lanes, _ in
      low.replace(with: lanes, where: (lanes .< low) .& (lanes .>= -.greatestFiniteMagnitude))
      high.replace(with: lanes, where: (lanes .> high) .& (lanes .<= .greatestFiniteMagnitude))
    }
    return low.min()...high.max()
  }
}
