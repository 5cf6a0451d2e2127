import Testing

@testable import RNNReport

/// Confidence intervals against SciPy 1.17.1: every quantile of Student's t in the table and some
/// beyond, and Wilson's interval of counts from one to a thousand.
///
/// Recipes:
///
///     [scipy.stats.t.ppf(0.975, n) for n in range(1, 31)]
///     scipy.stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
@Suite("Intervals against SciPy")
struct IntervalValuesTests {
  private static let table = [
    12.706204736, 4.30265273, 3.182446305, 2.776445105, 2.570581836, 2.446911851, 2.364624252,
    2.306004135, 2.262157163, 2.228138852, 2.20098516, 2.17881283, 2.160368656, 2.144786688,
    2.131449546, 2.119905299, 2.109815578, 2.10092204, 2.093024054, 2.085963447, 2.079613845,
    2.073873068, 2.06865761, 2.063898562, 2.059538553, 2.055529439, 2.051830516, 2.048407142,
    2.045229642, 2.042272456,
  ]

  @Test("Every quantile up to 30 degrees of freedom is SciPy's")
  func quantiles() {
    for (index, quantile) in Self.table.enumerated() {
      // Six decimals are kept.
      #expect(
        abs(Interval.studentQuantile(degreesOfFreedom: index + 1) - quantile) <= 5.1e-7,
        "\(index + 1) degrees of freedom")
    }
  }

  @Test(
    "The expansion beyond is right to its first term that is left out",
    arguments: [
      (31, 2.039513446396408), (35, 2.030107928250343), (50, 2.008559112100761),
      (80, 1.990063421254446), (200, 1.9718962236339088), (10_000, 1.960201239890626),
    ])
  func expansion(_ freedom: Int, _ quantile: Double) {
    // The term in n⁻³ is 2.6 / n³; the normal quantile has six decimals.
    let bound = 3 / (Double(freedom) * Double(freedom) * Double(freedom)) + 5e-8
    #expect(abs(Interval.studentQuantile(degreesOfFreedom: freedom) - quantile) <= bound)
  }

  @Test(
    "Wilson's interval is SciPy's",
    arguments: [
      (0, 1, 0, 0.7934506856227626), (1, 1, 0.20654931437723745, 1),
      (0, 10, 0, 0.27753279986288926), (1, 10, 0.017876213095072896, 0.4041500267952385),
      (3, 5, 0.23072428127601297, 0.8823792257673521),
      (5, 10, 0.236593090512564, 0.7634069094874361),
      (9, 10, 0.5958499732047615, 0.9821237869049271), (10, 10, 0.7224672001371109, 1),
      (81, 263, 0.2552885198782742, 0.36620957698280004),
      (99, 100, 0.9455138038212946, 0.9982325679358593),
      (500, 1000, 0.4690696003681042, 0.5309303996318958),
    ] as [(Int, Int, Double, Double)])
  func wilson(_ successes: Int, _ trials: Int, _ low: Double, _ high: Double) {
    let interval = Proportion(successes, of: trials).interval
    // 1.959964 stands for 1.9599639845: an end moves by less than that difference.
    #expect(abs(interval.lowerBound - low) < 1.6e-8)
    #expect(abs(interval.upperBound - high) < 1.6e-8)
  }
}
