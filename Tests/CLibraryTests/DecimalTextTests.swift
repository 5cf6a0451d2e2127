import Foundation
import Testing

@testable import CLibrary

@Suite struct DecimalTextTests {
  /// Both types, compared with strtod and strtof of the C library by their bits.
  private static func expectNearest(_ text: String) {
    let bytes = Array(text.utf8)
    let double = Double(decimal: bytes.span)
    let float = Float(decimal: bytes.span)
    #expect(double?.bitPattern == strtod(text, nil).bitPattern, "\(text)")
    #expect(float?.bitPattern == strtof(text, nil).bitPattern, "\(text)")
  }

  private static func digits(_ count: Int, _ random: inout SplitMix) -> String {
    String((0..<count).map { _ in Character("\(Int.random(in: 0...9, using: &random))") })
  }

  @Test func `random digits are rounded as the C library rounds them`() {
    var random = SplitMix(state: 1)
    for round in 0..<60_000 {
      let sign = ["", "-", "+"][round % 3]
      let whole = Self.digits(Int.random(in: 1...22, using: &random), &random)
      let fraction = Self.digits(Int.random(in: 1...22, using: &random), &random)
      let exponent = Int.random(in: -48...48, using: &random)
      switch round % 4 {
      case 0: Self.expectNearest("\(sign)\(whole)")
      case 1: Self.expectNearest("\(sign)\(whole.prefix(3)).\(fraction)")
      case 2: Self.expectNearest("\(sign)\(whole.prefix(1)).\(fraction)e\(exponent)")
      default: Self.expectNearest("\(sign)\(whole)E\(exponent)")
      }
    }
  }

  @Test func `the shortest text of a number is that number`() {
    var random = SplitMix(state: 2)
    for _ in 0..<20_000 {
      let double = Double(bitPattern: random.next())
      let float = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      if double.isFinite { Self.expectNearest("\(double)") }
      if float.isFinite { Self.expectNearest("\(float)") }
      Self.expectNearest("\(Double.random(in: -1...1, using: &random))")
      Self.expectNearest("\(Float.random(in: -1000...1000, using: &random))")
    }
  }

  @Test func `halfway between two numbers goes to the even one, beside it to the nearer`() {
    var random = SplitMix(state: 3)
    var ties = 0
    for _ in 0..<20_000 {
      // Odd numbers of one bit more than the type has, times a power of two with either sign.
      for bits in [Float.significandBitCount + 2, Double.significandBitCount + 2] {
        let tie = UInt64.random(in: 1 << (bits - 1)..<1 << bits, using: &random) | 1
        // The most that keeps tie·5^places within 19 digits.
        for places in [0, 1, bits > 30 ? 2 : 14] {
          let five = (0..<places).reduce(into: UInt64(1)) { power, _ in power *= 5 }
          let middle = tie * five
          for text in ["\(middle)", "\(middle - 1)", "\(middle + 1)"] {
            Self.expectNearest("\(text)e-\(places)")
            Self.expectNearest("\(text)00000000e-\(places)")
            Self.expectNearest("\(text)00000001e-\(places)")
          }
          let written = Array("\(middle)e-\(places)".utf8)
          let even = (tie >> 1) & 1 == 0 ? tie - 1 : tie + 1
          let scale = Double(sign: .plus, exponent: -places, significand: 1)
          if bits > 30 {
            #expect(Double(decimal: written.span) == Double(even) * scale)
          } else {
            #expect(Float(decimal: written.span) == Float(Double(even) * scale))
          }
          ties += 1
        }
      }
    }
    #expect(ties == 120_000)
  }

  @Test(arguments: [
    "0", "-0", "0.0e5", "-0e99999999999999999999", "1e23", "8.5e22", "9007199254740993",
    "9007199254740993.00000000000000000000000000001", "16777217", "16777219", "0.1", "1e-27",
    "1e27", "1e28", "1e-28", "1.7976931348623157e308", "1.7976931348623159e308", "1e309", "1e999",
    "3.4028235e38", "3.4028236e38", "340282356779733661637539395458142568447",
    "340282356779733661637539395458142568448", "4.9e-324", "2.4703282292062327e-324",
    "2.4703282292062328e-324", "2.2250738585072011e-308", "2.2250738585072014e-308", "1e-400",
    "1e-99999999999999999999", "1e99999999999999999999", "7.0064923216240853e-46",
    "7.0064923216240854e-46", "5.", ".5", "0000000000000000000000000000001.5",
    "0.00000000000000000000000000000000000012345", "18446744073709551615", "18446744073709551616",
    "9999999999999999999", "99999999999999999999", "123456789012345678900000000000000000000e-20",
  ])
  func `chosen numbers are rounded as the C library rounds them`(text: String) {
    Self.expectNearest(text)
    Self.expectNearest("-" + text.drop { $0 == "-" })
  }

  @Test(arguments: [
    "", "+", "-", ".", "-.", "e5", ".e5", "1e", "1e+", "1e-", "1e5.", "1.2.3", "0x10", " 1", "1 ",
    "nan", "inf", "1_0", "--1", "+-1", "1e--1", "1\0", "١",
  ])
  func `what is no decimal number is none`(text: String) {
    let bytes = Array(text.utf8)
    #expect(Double(decimal: bytes.span) == nil && Float(decimal: bytes.span) == nil)
  }

  @Test(
    arguments: [
      ("12", 12), ("12.0", 12), ("1.2e1", 12), ("120e-1", 12), ("-0", 0), ("0.00e99999999999", 0),
      ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9223372036854775808", nil),
      ("-9223372036854775809", nil), ("1e18", 1_000_000_000_000_000_000), ("1e19", nil),
      ("1.5", nil), ("1e-1", nil), ("9007199254740993.0", 9_007_199_254_740_993), ("+7", 7),
      ("1.0000000000000000000000000", 1), ("1.0000000000000000000000001", nil),
      ("10000000000000000000000e-22", 1), ("1e99999999999999999999", nil),
    ] as [(String, Int?)])
  func `whole numbers are exact, however they are written`(text: String, value: Int?) {
    let bytes = Array(text.utf8)
    #expect(DecimalText(bytes.span)?.integer == value)
  }
}

/// Steele, Lea and Flood's generator, so that every run draws the same.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
