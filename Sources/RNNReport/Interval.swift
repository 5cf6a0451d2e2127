extension [Double] {
  /// The middle value, or the mean of both; nil of none.
  package var median: Double? {
    guard !isEmpty else { return nil }
    let (sorted, middle) = (sorted(), count / 2)
    return count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

/// The mean of a few samples (seeds, repetitions) and its 95 % confidence interval.
///
/// `mean ± t(n − 1) · s / √n`, with `s` the unbiased standard deviation and `t` Student's two-sided
/// 95 % quantile. A single sample has a mean and no interval. One non-finite sample makes the mean
/// non-finite, on purpose: a diverged run must not vanish in an average.
package struct Interval: Equatable, Sendable {
  package let count: Int
  package let mean: Double
  /// `nil` for fewer than two samples.
  package let halfWidth: Double?

  package var low: Double? { halfWidth.map { mean - $0 } }
  package var high: Double? { halfWidth.map { mean + $0 } }

  package init(_ samples: [Double]) {
    count = samples.count
    let number = Double(samples.count)
    let mean = samples.isEmpty ? .nan : samples.reduce(0, +) / number
    self.mean = mean
    guard samples.count > 1 else {
      halfWidth = nil
      return
    }
    let squares = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let standardError = (squares / (number - 1) / number).squareRoot()
    halfWidth = Self.studentQuantile(degreesOfFreedom: samples.count - 1) * standardError
  }

  /// The two-sided 95 % quantile of Student's t.
  ///
  /// A table up to 30 degrees of freedom, then the Cornish-Fisher expansion around the normal
  /// quantile 1.96, which is right to 1e-4 there; 1.96 itself would be 4 % too small at first.
  static func studentQuantile(degreesOfFreedom: Int) -> Double {
    precondition(degreesOfFreedom >= 1, "an interval needs two samples")
    if degreesOfFreedom <= studentTable.count {
      return studentTable[degreesOfFreedom - 1]
    }
    let z = 1.959964
    let n = Double(degreesOfFreedom)
    let cube = z * z * z
    let fifth = cube * z * z
    return z + (cube + z) / (4 * n) + (5 * fifth + 16 * cube + 3 * z) / (96 * n * n)
  }

  /// `[round(scipy.stats.t.ppf(0.975, n), 6) for n in range(1, 31)]`
  private static let studentTable = [
    12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157,
    2.228139, 2.200985, 2.178813, 2.160369, 2.144787, 2.13145, 2.119905, 2.109816, 2.100922,
    2.093024, 2.085963, 2.079614, 2.073873, 2.068658, 2.063899, 2.059539, 2.055529, 2.051831,
    2.048407, 2.04523, 2.042272,
  ]
}
