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
