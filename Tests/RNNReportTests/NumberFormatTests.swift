import Testing

@testable import RNNReport

@Suite struct NumberFormatTests {
  @Test(
    arguments: [
      (0.0123456, 4, "0.01235"), (12.3, 4, "12.30"), (123456.7, 4, "123457"),
      (1.23e-7, 3, "1.23e-7"),
      (9.996, 3, "10.0"), (-0.5, 2, "-0.50"), (0, 4, "0"), (4.5e9, 3, "4.50e9"),
    ] as [(Double, Int, String)])
  func `significant digits keep their zeros`(value: Double, digits: Int, text: String) {
    #expect(NumberFormat.significant(value, digits: digits) == text)
  }

  @Test(
    arguments: [
      (12_345.0, "12.3k tokens/s"), (999.96, "1.00k tokens/s"), (0, "0 tokens/s"),
      (4.2e6, "4.20M tokens/s"), (0.012, "12.0m tokens/s"), (7e15, "7000T tokens/s"),
    ] as [(Double, String)])
  func `prefixes follow rounding`(value: Double, text: String) {
    #expect(NumberFormat.si(value, unit: "tokens/s") == text)
  }

  @Test func `a negative zero has no sign`() {
    #expect(NumberFormat.fixed(-0.0004, decimals: 2) == "0.00")
    #expect(NumberFormat.percent(-0.0, decimals: 0) == "0 %")
    #expect(NumberFormat.percent(0.1234) == "12.3 %")
  }

  @Test(
    arguments: [
      ([0.31, 0.29, 0.35, 0.33, 0.30], "0.316 ± 0.030"), ([5], "5.000"),
      ([2, 2, 2, 2, 2], "2.000 ± 0"), ([12_000, 12_100, 12_050, 12_020, 12_080], "12050 ± 51"),
      ([1e-7, 1.1e-7, 1.05e-7, 1.02e-7, 1.08e-7], "(1.050 ± 0.051)e-7"),
      ([0, 0, 0, 0, 0], "0 ± 0"),
      ([0.5, 0.5 + 1e-12, 0.5, 0.5 + 1e-12, 0.5], "0.500000 ± 6.8e-13"), ([], "diverged"),
      ([1, .nan], "diverged"), ([0.31, 0.29, 0.35], "0.3167 (0.290–0.350)"),
      ([2, 2], "2.000"), ([12_000, 12_100], "12050 (12000–12100)"),
    ] as [([Double], String)])
  func `an interval shows its mean to the place of its half-width`(
    samples: [Double], text: String
  ) {
    #expect(NumberFormat.interval(Interval(samples)) == text)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `what is not finite prints as the caller says`(value: Double) {
    #expect(NumberFormat.significant(value) == "-")
    #expect(NumberFormat.significant(value, nonFinite: "diverged") == "diverged")
    #expect(NumberFormat.si(value, nonFinite: "diverged") == "diverged")
    #expect(NumberFormat.percent(value, nonFinite: "none") == "none")
    #expect(NumberFormat.duration(value) == "-")
  }

  @Test(
    arguments: [
      (0.0000123, "12.3 µs"), (0.85, "850 ms"), (12.34, "12.3 s"), (59.97, "1 min 00 s"),
      (125, "2 min 05 s"), (3_720, "1 h 02 min"), (-1, "0 µs"),
    ] as [(Double, String)])
  func `durations use the units people say`(seconds: Double, text: String) {
    #expect(NumberFormat.duration(seconds) == text)
  }
}
