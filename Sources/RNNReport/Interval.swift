extension [Double] {
  /// The middle value, or the mean of both; nil of none.
  package var median: Double? {
    guard !isEmpty else { return nil }
    let (sorted, middle) = (sorted(), count / 2)
    return count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

/// The mean of some samples (seeds, repetitions) and how far it can be trusted.
///
/// Of five samples and more the ends are those of the 95 % confidence interval of the mean, `mean ±
/// t(n − 1) · s / √n`, with `s` the unbiased standard deviation and `t` Student's two-sided 95 %
/// quantile. Of two to four they are the lowest and the highest sample: an interval of so few would
/// say little but its own width (±119 % of an accuracy, of two seeds). A single sample has a mean
/// and no ends. One sample that is not finite makes the mean not finite, on purpose: a diverged run
/// must not vanish in an average.
package struct Interval: Equatable, Sendable {
  package let count: Int
  package let mean: Double
  /// The ends; nil for fewer than two samples.
  package let low: Double?
  package let high: Double?

  /// Samples from which on the ends are those of a confidence interval.
  package static let leastForConfidence = 5

  /// Of a confidence interval; nil where the ends are samples.
  package var halfWidth: Double? {
    count < Self.leastForConfidence ? nil : high.map { $0 - mean }
  }

  package init(_ samples: [Double]) {
    count = samples.count
    let number = Double(samples.count)
    let mean = samples.isEmpty ? .nan : samples.reduce(0, +) / number
    self.mean = mean
    guard samples.count > 1 else {
      (low, high) = (nil, nil)
      return
    }
    guard samples.count >= Self.leastForConfidence, mean.isFinite else {
      (low, high) = mean.isFinite ? (samples.min(), samples.max()) : (nil, nil)
      return
    }
    let squares = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let standardError = (squares / (number - 1) / number).squareRoot()
    let halfWidth = Self.studentQuantile(degreesOfFreedom: samples.count - 1) * standardError
    (low, high) = (mean - halfWidth, mean + halfWidth)
  }

  /// What is written behind means of so many seeds, for legends; begins with a space or comma.
  package static func legend(_ seeds: Int) -> String {
    seeds < 2
      ? ""
      : seeds < leastForConfidence
        ? ", the lowest and the highest in brackets" : " with 95 % intervals"
  }

  /// What bands and whiskers around such means are, a sentence and a space; nothing for a single
  /// seed.
  package static func bands(_ seeds: Int) -> String {
    seeds < 2
      ? ""
      : seeds < leastForConfidence
        ? "Bands reach from the lowest to the highest seed. "
        : "Bands are 95 % intervals of the mean over seeds. "
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
