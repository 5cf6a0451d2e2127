import RNNCore
import RNNReport
import RNNTasks

/// One thing that can be set: what it is called, what it means, which values it takes, where it is
/// kept and when it is of use.
///
/// Help, options, checks, the files of `--config` and the configuration in results all follow from
/// it.
package struct Setting<Root> {
  /// The option without its dashes, such as `weight-decay`.
  package let name: String
  /// A sentence without its full stop.
  package let meaning: String
  /// The same of a toggle that is off.
  package private(set) var meaningOff = ""
  package let form: SettingForm
  /// The texts that it takes; empty where there are more than can be listed.
  package let choices: [String]
  package private(set) var section = SettingSection.run
  /// The tasks that have a use for it; nil for all.
  package private(set) var kinds: [TaskName]?
  /// Whether only the long help shows it.
  package private(set) var isRare = false

  private let read: (Root) -> (any SettingValue)?
  private let write: (String, inout Root) throws(RNNError) -> Void
  private var standing: (Root) -> String?
  private var conditions: [(Root) -> UnusedSetting?] = []

  init(
    _ name: String, _ meaning: String, form: SettingForm, choices: [String] = [],
    read: @escaping (Root) -> (any SettingValue)?,
    write: @escaping (String, inout Root) throws(RNNError) -> Void
  ) {
    (self.name, self.meaning, self.form, self.choices) = (name, meaning, form, choices)
    self.read = read
    self.write = write
    standing = { read($0)?.settingText }
  }
}

// MARK: - Declaring

extension Setting {
  /// Of use for these tasks alone.
  func only(_ kinds: [TaskName]) -> Setting {
    var setting = self
    setting.kinds = kinds
    return setting
  }

  func only(_ kinds: TaskName...) -> Setting { only(kinds) }

  /// - Parameter meaning: of a toggle that is off.
  func off(_ meaning: String) -> Setting {
    var setting = self
    setting.meaningOff = meaning
    return setting
  }

  /// Shown in the long help alone.
  var rare: Setting {
    var setting = self
    setting.isRare = true
    return setting
  }

  func inSection(_ section: SettingSection) -> Setting {
    var setting = self
    setting.section = section
    return setting
  }

  /// Shown with this default where no value stands in its place.
  func otherwise(_ text: String) -> Setting {
    var setting = self
    let standing = standing
    setting.standing = { standing($0) ?? text }
    return setting
  }

  /// Shown with this default, whatever value stands in its place.
  func shown(as text: String) -> Setting {
    var setting = self
    setting.standing = { _ in text }
    return setting
  }

  /// Of no use where `reason` has one.
  func unless(_ reason: @escaping (Root) -> UnusedSetting?) -> Setting {
    var setting = self
    setting.conditions.append(reason)
    return setting
  }

  /// The same of a part of `Outer`.
  func lifted<Outer>(_ path: WritableKeyPath<Outer, Root>) -> Setting<Outer> {
    let inner = self
    var setting = Setting<Outer>(
      name, meaning, form: form, choices: choices, read: { inner.read($0[keyPath: path]) },
      write: { text, root throws(RNNError) in try inner.write(text, &root[keyPath: path]) })
    (setting.section, setting.kinds, setting.isRare) = (section, kinds, isRare)
    setting.meaningOff = meaningOff
    let standing = standing
    setting.standing = { standing($0[keyPath: path]) }
    setting.conditions = conditions.map { condition in { condition($0[keyPath: path]) } }
    return setting
  }
}

// MARK: - Using

extension Setting {
  /// The option as it is typed.
  package var option: String { "--" + name }

  /// The member of a JSON object that holds it: `weightDecay` of `weight-decay`.
  package var key: String {
    let words = name.split(separator: "-")
    return words.dropFirst().reduce(String(words[0])) {
      $0 + $1.prefix(1).uppercased() + $1.dropFirst()
    }
  }

  /// What help says: meaning, values and the value in `root`.
  package func help(standing root: Root) -> String {
    if form == .toggle { return meaning + (isOn(in: root) ? " (default)" : "") }
    let values = choices.isEmpty ? nil : choices.joined(separator: ", ")
    let standing = standing(root).map {
      "default: " + ($0.hasSuffix(".0") ? "\($0.dropLast(2))" : $0)
    }
    let notes = [values, standing].compactMap { $0 }
    return meaning + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))")
  }

  /// What help says of a toggle that is turned off.
  package func helpOff(standing root: Root) -> String {
    (meaningOff.isEmpty ? "Not: \(meaning)" : meaningOff) + (isOn(in: root) ? "" : " (default)")
  }

  /// Its value in `root` as text; nil where it has none.
  package func text(in root: Root) -> String? { read(root)?.settingText }

  /// Its value in `root`; null where it has none.
  package func json(in root: Root) -> JSONValue { read(root)?.settingJSON ?? .null }

  /// Whether it is a toggle that `root` has on.
  package func isOn(in root: Root) -> Bool { read(root) as? Bool == true }

  /// Throws ``RNNError`` with the option's name for a text that is no value or none in range.
  package func put(_ text: String, into root: inout Root) throws(RNNError) {
    try write(text, &root)
  }

  /// Why it changes nothing in `root`; nil where it does.
  package func unused(in root: Root, kind: TaskName?) -> UnusedSetting? {
    if let kinds, let kind, !kinds.contains(kind) {
      return UnusedSetting(
        "one of the kinds " + kinds.map(\.rawValue).joined(separator: ", "), found: kind.rawValue)
    }
    for condition in conditions {
      if let reason = condition(root) { return reason }
    }
    return nil
  }
}

/// Why a setting changes nothing.
package struct UnusedSetting {
  /// What would have a use for it.
  let expected: String
  let found: String

  init(_ expected: String, found: String) { (self.expected, self.found) = (expected, found) }
}

/// How a setting's value is written on the command line.
package enum SettingForm: Equatable {
  /// As the text that follows the option; `placeholder` stands for it in help.
  case value(placeholder: String)
  /// As the path of a file or folder.
  case path
  /// By the bare option, `--name` or `--no-name`.
  case toggle
}

/// Where help lists a setting.
package enum SettingSection: String, CaseIterable {
  case data, model, training, surface, run
}
