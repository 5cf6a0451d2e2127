import RNNCore
import RNNReport

/// A value that an option's text and a member of a JSON object can hold.
package protocol SettingValue {
  /// Nil for a text that stands for no value.
  init?(settingText text: String)
  /// Reads back as the same value.
  var settingText: String { get }
  var settingJSON: JSONValue { get }
}

extension SettingValue where Self: LosslessStringConvertible {
  package init?(settingText text: String) { self.init(text) }
  package var settingText: String { description }
}

extension Int: SettingValue {
  package var settingJSON: JSONValue { JSONValue(self) }
}

extension UInt64: SettingValue {
  package var settingJSON: JSONValue { JSONValue(self) }
}

extension Float: SettingValue {
  package var settingJSON: JSONValue { JSONValue(self) }
}

extension Double: SettingValue {
  package var settingJSON: JSONValue { JSONValue(self as Double?) }
}

extension Bool: SettingValue {
  package var settingJSON: JSONValue { JSONValue(self) }
}

extension String: SettingValue {
  package var settingJSON: JSONValue { .string(self) }
}

/// A value that is written as a text of its own form.
struct SettingWord: SettingValue {
  let settingText: String
  init(settingText text: String) { settingText = text }
  var settingJSON: JSONValue { .string(settingText) }
}

/// The numbers that a setting takes.
struct SettingRange<Number> {
  let text: String
  let contains: (Number) -> Bool
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
  static func count(from least: Int) -> SettingRange { .from(least, to: 1 << 24) }
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
}
