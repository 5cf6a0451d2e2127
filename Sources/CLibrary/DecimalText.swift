/// A number as its decimal digits say it: ±``mantissa`` · 10^``exponent``.
package struct DecimalText {
  package let isNegative: Bool
  /// The first 19 digits that count.
  package let mantissa: UInt64
  package let exponent: Int
  /// Whether nothing but zeros follows the digits of ``mantissa``, and ``exponent`` is as it was
  /// written.
  package let isComplete: Bool

  /// Reads `[+-]? (D+ (. D*)? | . D+) ([eE] [+-]? D+)?` where D is a digit; nil for any other
  /// bytes.
  package init?(_ bytes: Span<UInt8>) {
    var index = 0
    isNegative = bytes.count > 0 && bytes[0] == UInt8(ascii: "-")
    if isNegative || bytes.count > 0 && bytes[0] == UInt8(ascii: "+") { index = 1 }
    var (digits, point, exponent, isComplete) = (0, false, 0, true)
    var mantissa: UInt64 = 0
    while index < bytes.count {
      let digit = UInt64(bytes[index] &- UInt8(ascii: "0"))
      if digit < 10 {
        digits += 1
        if mantissa < 1_000_000_000_000_000_000 {
          mantissa = mantissa &* 10 &+ digit
          exponent -= point ? 1 : 0
        } else {
          isComplete = isComplete && digit == 0
          exponent += point ? 0 : 1
        }
      } else if bytes[index] == UInt8(ascii: "."), !point {
        point = true
      } else {
        break
      }
      index += 1
    }
    guard digits > 0 else { return nil }
    if index < bytes.count {
      guard let written = Self.exponent(bytes.extracting(index...)) else { return nil }
      exponent += written
      isComplete = isComplete && abs(written) < Self.largestExponent
    }
    (self.mantissa, self.exponent, self.isComplete) = (mantissa, exponent, isComplete)
  }

  /// Far beyond what any number type holds.
  private static let largestExponent = 1_000_000_000

  /// Reads `[eE] [+-]? D+`, no further than to ±``largestExponent``.
  private static func exponent(_ bytes: Span<UInt8>) -> Int? {
    guard bytes[0] | 0x20 == UInt8(ascii: "e") else { return nil }
    var index = 1
    let isNegative = bytes.count > 1 && bytes[1] == UInt8(ascii: "-")
    if isNegative || bytes.count > 1 && bytes[1] == UInt8(ascii: "+") { index = 2 }
    guard index < bytes.count else { return nil }
    var value = 0
    while index < bytes.count {
      let digit = Int(bytes[index] &- UInt8(ascii: "0"))
      guard digit < 10 else { return nil }
      value = min(value * 10 + digit, largestExponent)
      index += 1
    }
    return isNegative ? -value : value
  }
}

// MARK: - Whole numbers

extension DecimalText {
  /// The value if it is whole, however it is written (`12`, `12.0`, `1.2e1`), and an Int can hold
  /// it.
  package var integer: Int? {
    if mantissa == 0 { return 0 }
    guard isComplete else { return nil }
    var (value, power) = (mantissa, exponent)
    // Both loops end after at most 19 rounds: at a remainder and at an overflow.
    while power < 0 {
      let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
      guard remainder == 0 else { return nil }
      (value, power) = (quotient, power + 1)
    }
    while power > 0 {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      (value, power) = (product, power - 1)
    }
    guard isNegative, value <= UInt64(Int.min.magnitude) else { return Int(exactly: value) }
    return Int(truncatingIfNeeded: 0 &- value)
  }
}

// MARK: - Rounding

extension Double {
  /// The nearest number to a decimal text, ties to even; nil for bytes that ``DecimalText`` does
  /// not read. Infinite where the text is beyond the largest number.
  package init?(decimal bytes: Span<UInt8>) {
    guard let text = DecimalText(bytes) else { return nil }
    if text.isComplete, text.mantissa <= 1 << 53, abs(text.exponent) <= 22 {
      // Both numbers are exact, so that one operation rounds once (Clinger 1990).
      let (digits, power) = (Double(text.mantissa), powersOfTen[abs(text.exponent)])
      let value = text.exponent < 0 ? digits / power : digits * power
      self = text.isNegative ? -value : value
    } else if let value = text.rounded(toBits: Self.significandBitCount + 1) ?? Self(bytes.text) {
      self = value
    } else {
      return nil
    }
  }
}

extension Float {
  /// The nearest number to a decimal text, ties to even, rounded once; nil for bytes that
  /// ``DecimalText`` does not read. Infinite where the text is beyond the largest number.
  package init?(decimal bytes: Span<UInt8>) {
    guard let text = DecimalText(bytes) else { return nil }
    if text.isComplete, text.mantissa <= 1 << 24, abs(text.exponent) <= 10 {
      let (digits, power) = (Float(text.mantissa), Float(powersOfTen[abs(text.exponent)]))
      let value = text.exponent < 0 ? digits / power : digits * power
      self = text.isNegative ? -value : value
    } else if let value = text.rounded(toBits: Self.significandBitCount + 1) {
      self.init(value)
    } else if let value = Self(bytes.text) {
      self = value
    } else {
      return nil
    }
  }
}

extension DecimalText {
  /// The nearest number of at most 53 bits, by exact arithmetic in 128 bits; nil where that does
  /// not reach, which is with more than 19 digits or beyond 10^±27.
  fileprivate func rounded(toBits bits: Int) -> Double? {
    guard mantissa > 0 else { return isNegative ? -0.0 : 0 }
    guard isComplete, abs(exponent) < powersOfFive.count else { return nil }
    let (leading, scale, isInexact) = leadingBits
    let dropped = 64 - bits
    let half: UInt64 = 1 << UInt64(dropped - 1)
    let rest = leading & (half << 1 - 1)
    var kept = leading >> UInt64(dropped)
    if rest > half || rest == half && (isInexact || kept & 1 == 1) { kept += 1 }
    // Both factors and their product are exact: the power of two is far from the ends of the range.
    let power = Double(bitPattern: UInt64(1023 + scale + dropped) << 52)
    return Double(isNegative ? -Int64(kept) : Int64(kept)) * power
  }

  /// The value's 64 leading bits, the first of them 1, the power of two of the last, and whether
  /// more follow.
  private var leadingBits: (bits: UInt64, scale: Int, isInexact: Bool) {
    let five = powersOfFive[abs(exponent)]
    let (shift, fiveShift) = (mantissa.leadingZeroBitCount, five.leadingZeroBitCount)
    let (digits, factor) = (mantissa << UInt64(shift), five << UInt64(fiveShift))
    if exponent >= 0 {
      let (high, low) = digits.multipliedFullWidth(by: factor)
      let up = high.leadingZeroBitCount
      let bits = up == 0 ? high : high << 1 | low >> 63
      return (bits, 64 - up - shift - fiveShift + exponent, low << UInt64(up) != 0)
    }
    // Halved, so that the quotient fits; it has 63 or 64 bits.
    let (quotient, remainder) = factor.dividingFullWidth((digits >> 1, digits << 63))
    let up = quotient.leadingZeroBitCount
    return (quotient << UInt64(up), fiveShift - 63 - up - shift + exponent, remainder != 0)
  }
}

/// The powers of ten that `Double` holds exactly, by exponent.
private let powersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
]

/// The powers of five that 64 bits hold, by exponent.
private let powersOfFive: [UInt64] = [
  1, 5, 25, 125, 625, 3_125, 15_625, 78_125, 390_625, 1_953_125, 9_765_625, 48_828_125,
  244_140_625, 1_220_703_125, 6_103_515_625, 30_517_578_125, 152_587_890_625, 762_939_453_125,
  3_814_697_265_625, 19_073_486_328_125, 95_367_431_640_625, 476_837_158_203_125,
  2_384_185_791_015_625, 11_920_928_955_078_125, 59_604_644_775_390_625, 298_023_223_876_953_125,
  1_490_116_119_384_765_625, 7_450_580_596_923_828_125,
]

extension Span<UInt8> {
  fileprivate var text: String {
    withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }
}
