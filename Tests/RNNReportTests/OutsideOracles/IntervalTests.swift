import Testing

@testable import RNNReport

@Suite struct IntervalTests {
  /// `mean(x), t.ppf(.975, len(x) - 1) * sem(x)` with numpy.mean, scipy.stats.t, scipy.stats.sem.
  @Test(
    arguments: [
      ([1.0, 2, 3, 4, 5], 3, 1.963243161477773),
      ([3.0, 1, 4, 1, 5, 9, 2, 6], 3.875, 2.2976999568407543),
    ] as [([Double], Double, Double)])
  func `mean and half-width agree with SciPy`(
    samples: [Double], mean: Double, halfWidth: Double
  ) throws {
    let interval = Interval(samples)
    #expect(abs(interval.mean - mean) <= 1e-12)
    // The table of quantiles has six decimals.
    #expect(abs(try #require(interval.halfWidth) - halfWidth) <= 1e-6 * halfWidth)
    #expect(abs((interval.low ?? .nan) - (mean - halfWidth)) <= 1e-6 * halfWidth)
    #expect(abs((interval.high ?? .nan) - (mean + halfWidth)) <= 1e-6 * halfWidth)
  }

  @Test func `of few samples the ends are the lowest and the highest`() {
    for samples in [[1.0, 2], [0.31, 0.29, 0.35], [4, 1, 3, 2]] {
      let interval = Interval(samples)
      #expect(interval.halfWidth == nil)
      #expect(interval.low == samples.min() && interval.high == samples.max())
    }
    // Accuracies of two seeds, of which a confidence interval says 60 ± 119 %.
    #expect(NumberFormat.share(Interval([0.5090, 0.6960])) == "60.25 % (50.90–69.60)")
    #expect(NumberFormat.share(Interval([1, 1, 1])) == "100.00 %")
    #expect(NumberFormat.share(Interval([0.9, 0.92, 0.91, 0.93, 0.9])) == "91.20 ± 1.62 %")
  }

  /// `scipy.stats.t.ppf(0.975, n)`
  @Test(
    arguments: [
      (1, 12.706205), (30, 2.042272), (31, 2.0395134), (40, 2.0210754), (60, 2.0002978),
      (120, 1.9799304), (1000, 1.9623391),
    ] as [(Int, Double)])
  func `the quantile holds in the table and beyond its end`(n: Int, quantile: Double) {
    // The first term that the expansion leaves out is 9e-5 at 31 degrees of freedom.
    #expect(abs(Interval.studentQuantile(degreesOfFreedom: n) - quantile) < 1e-4)
  }

  @Test func `one sample has a mean and no interval`() {
    #expect(Interval([4]).mean == 4)
    #expect(Interval([4]).halfWidth == nil)
    #expect(Interval([]).mean.isNaN)
    #expect(Interval([]).halfWidth == nil)
  }

  @Test func `a diverged sample is not averaged away`() {
    #expect(!Interval([1, .infinity, 2]).mean.isFinite)
    #expect(Interval([1, .nan]).mean.isNaN)
    #expect(Interval([1, .infinity, 2]).low == nil && Interval([1, .nan]).high == nil)
  }
}
