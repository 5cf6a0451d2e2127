import CLibrary

/// Numbers as people read them: in tables, figures and progress lines.
///
/// A value that is not finite prints as the word the caller picks: `-` where there is nothing to
/// show, `diverged` where that is the finding.
package enum NumberFormat {
  /// `0.01234`, `12.30`, `123457`, `1.230e-7`: significant digits, trailing zeros kept.
  package static func significant(
    _ value: Double, digits: Int = 4, nonFinite: String = "-"
  ) -> String {
    guard value.isFinite else { return nonFinite }
    guard value != 0 else { return "0" }
    let exponent = decimalExponent(of: value, digits: digits)
    guard fixedExponents.contains(exponent) else { return scientific(value, digits: digits) }
    return fixed(value, decimals: max(0, digits - 1 - exponent))
  }

  /// `0.50`: a fixed number of decimals, and never a negative zero.
  package static func fixed(_ value: Double, decimals: Int, nonFinite: String = "-") -> String {
    guard value.isFinite else { return nonFinite }
    let text = value.fixed(decimals: decimals)
    return text.hasPrefix("-") && !text.contains { ("1"..."9").contains($0) }
      ? String(text.dropFirst()) : text
  }

  /// `12.3k tokens/s`: significant digits and a prefix from n to T.
  package static func si(
    _ value: Double, unit: String = "", digits: Int = 3, nonFinite: String = "-"
  ) -> String {
    guard value.isFinite else { return nonFinite }
    let scale = siScale(of: value, digits: digits)
    return significant(value / scale.factor, digits: digits) + scale.prefix + suffix(unit)
  }

  /// `12.3 %` of a fraction 0.123.
  package static func percent(_ fraction: Double, decimals: Int = 1, nonFinite: String = "-")
    -> String
  {
    guard fraction.isFinite else { return nonFinite }
    return fixed(100 * fraction, decimals: decimals) + " %"
  }

  /// `0.3167 ± 0.0076`, a half-width to two digits and the mean to the same decimal place; of few
  /// samples `0.3167 (0.309–0.324)`.
  package static func interval(
    _ interval: Interval, digits: Int = 4, nonFinite: String = "diverged"
  ) -> String {
    guard interval.mean.isFinite else { return nonFinite }
    guard let halfWidth = interval.halfWidth, halfWidth.isFinite else {
      return significant(interval.mean, digits: digits)
        + range(interval) { significant($0, digits: max(2, digits - 1)) }
    }
    let largest = max(abs(interval.mean), halfWidth)
    let exponent = largest == 0 ? 0 : decimalExponent(of: largest, digits: 2)
    if fixedExponents.contains(exponent) {
      let parts = meanAndHalfWidth(interval.mean, halfWidth, digits: digits)
      return "\(parts.mean) ± \(parts.halfWidth)"
    }
    let scale = pow(10, Double(exponent))
    let parts = meanAndHalfWidth(interval.mean / scale, halfWidth / scale, digits: digits)
    return "(\(parts.mean) ± \(parts.halfWidth))e\(exponent)"
  }

  /// `60.25 ± 1.88 %` of fractions; of few samples `60.25 % (50.91–69.60)`.
  package static func share(
    _ interval: Interval, decimals: Int = 2, nonFinite: String = "-"
  ) -> String {
    guard interval.mean.isFinite else { return nonFinite }
    func number(_ fraction: Double) -> String { fixed(100 * fraction, decimals: decimals) }
    guard let halfWidth = interval.halfWidth, halfWidth.isFinite else {
      return "\(number(interval.mean)) %" + range(interval, number)
    }
    return "\(number(interval.mean)) ± \(number(halfWidth)) %"
  }

  /// The ends of few samples in brackets; nothing where they are the same or none.
  package static func range(_ interval: Interval, _ number: (Double) -> String) -> String {
    guard interval.halfWidth == nil, let low = interval.low, let high = interval.high, low < high
    else { return "" }
    return " (\(number(low))–\(number(high)))"
  }

  /// `850 ms`, `12.3 s`, `2 min 05 s`, `1 h 02 min`.
  package static func duration(_ seconds: Double, nonFinite: String = "-") -> String {
    guard seconds.isFinite, seconds < 1e9 else { return nonFinite }
    if seconds < 0.0009995 { return significant(max(0, seconds) * 1e6, digits: 3) + " µs" }
    if seconds < 0.9995 { return significant(seconds * 1e3, digits: 3) + " ms" }
    if seconds < 59.95 { return significant(seconds, digits: 3) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
    return "\(whole / 3600) h \(twoDigits(whole % 3600 / 60)) min"
  }

  // MARK: - Parts

  /// Decimal exponents that read well without scientific notation.
  private static let fixedExponents = -4...6

  /// The exponent of the leading digit after rounding: 9.996 to three digits is 10.0, exponent 1.
  private static func decimalExponent(of value: Double, digits: Int) -> Int {
    let text = value.scientific(decimals: digits - 1)
    return text.split(separator: "e").last.flatMap { Int($0) } ?? 0
  }

  private static func scientific(_ value: Double, digits: Int) -> String {
    let mantissa = value.scientific(decimals: digits - 1).prefix { $0 != "e" }
    return "\(mantissa)e\(decimalExponent(of: value, digits: digits))"
  }

  private static func meanAndHalfWidth(
    _ mean: Double, _ halfWidth: Double, digits: Int
  ) -> (mean: String, halfWidth: String) {
    guard halfWidth > 0 else { return (significant(mean, digits: digits), "0") }
    let wanted = max(0, 1 - decimalExponent(of: halfWidth, digits: 2))
    let leading = max(abs(mean), halfWidth)
    // A half-width far below the mean must not print a dozen decimals of it.
    let affordable = max(0, digits + 1 - decimalExponent(of: leading, digits: 2))
    guard wanted > affordable else {
      return (fixed(mean, decimals: wanted), fixed(halfWidth, decimals: wanted))
    }
    return (fixed(mean, decimals: affordable), significant(halfWidth, digits: 2))
  }

  private static func siScale(of value: Double, digits: Int) -> (factor: Double, prefix: String) {
    guard value != 0 else { return (1, "") }
    let exponent = decimalExponent(of: value, digits: digits)
    let step = min(max(Int((Double(exponent) / 3).rounded(.down)), -3), 4)
    return (pow(1000, Double(step)), ["n", "µ", "m", "", "k", "M", "G", "T"][step + 3])
  }

  private static func suffix(_ unit: String) -> String { unit.isEmpty ? "" : " " + unit }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
