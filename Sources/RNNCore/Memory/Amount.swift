/// A number of things, at least 0, whose sums and products stop at the largest integer where they
/// would overflow: what sizes that somebody else has chosen are reckoned with.
package struct Amount: Comparable, Sendable, ExpressibleByIntegerLiteral {
  /// The number; `Int.max` for all that are larger.
  package let value: Int

  /// Takes a negative number for 0.
  package init(_ value: Int) { self.value = max(0, value) }

  package init(integerLiteral value: Int) { self.init(value) }

  package static func + (a: Amount, b: Amount) -> Amount {
    let (sum, overflows) = a.value.addingReportingOverflow(b.value)
    return Amount(overflows ? .max : sum)
  }

  package static func * (a: Amount, b: Amount) -> Amount {
    let (product, overflows) = a.value.multipliedReportingOverflow(by: b.value)
    return Amount(overflows ? .max : product)
  }

  package static func * (a: Amount, b: Int) -> Amount { a * Amount(b) }
  package static func * (a: Int, b: Amount) -> Amount { Amount(a) * b }
  package static func + (a: Amount, b: Int) -> Amount { a + Amount(b) }
  package static func += (a: inout Amount, b: Amount) { a = a + b }
  package static func < (a: Amount, b: Amount) -> Bool { a.value < b.value }
}
