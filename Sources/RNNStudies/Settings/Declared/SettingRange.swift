import RNNCore

/// The numbers that a setting takes: all of which some sense can be made, and none with which
/// arithmetic could overflow. What memory cannot hold of them is refused by ``MemoryCheck``.
package struct SettingRange<Number> {
  /// In words.
  package let text: String
  let contains: (Number) -> Bool

  /// Throws ``RNNError/Kind/range`` with the option's name for a number that is none of them.
  package func check(_ number: Number, _ option: String) throws(RNNError) {
    guard contains(number) else {
      throw RNNError(.range, option, expected: text, found: "\(number)")
    }
  }
}

extension SettingRange where Number: BinaryInteger {
  static func from(_ least: Number, to most: Number) -> SettingRange {
    SettingRange(text: "a whole number from \(least) to \(most)") { least <= $0 && $0 <= most }
  }
}

extension SettingRange where Number == UInt64 {
  static var any: SettingRange { .from(0, to: .max) }
}

extension SettingRange where Number == Int {
  /// Counts that memory and time bear.
  package static func count(from least: Int) -> SettingRange { .from(least, to: 1 << 24) }
  /// Widths of layers.
  package static var width: SettingRange { .from(1, to: ModelSize.largest) }
  /// Runs that differ by their seed.
  package static var runs: SettingRange { .from(1, to: 10_000) }
  static var threads: SettingRange { .from(1, to: 1024) }
}

extension SettingRange where Number: BinaryFloatingPoint {
  static var positive: SettingRange {
    SettingRange(text: "a number above 0") { $0 > 0 && $0.isFinite }
  }
  static var notNegative: SettingRange {
    SettingRange(text: "a number from 0 on") { $0 >= 0 && $0.isFinite }
  }
  /// 0 up to 1, without 1.
  static var belowOne: SettingRange {
    SettingRange(text: "a number from 0 to below 1") { $0 >= 0 && $0 < 1 }
  }
  static var finite: SettingRange { SettingRange(text: "a number") { $0.isFinite } }
  /// Up to a minute.
  static var milliseconds: SettingRange {
    SettingRange(text: "a number from 0 to 60000") { $0 >= 0 && $0 <= 60_000 }
  }
  /// Up to thirty years.
  static var seconds: SettingRange {
    SettingRange(text: "a number above 0, at most 1000000000") { $0 > 0 && $0 <= 1e9 }
  }
}
