import RNNCore
import RNNReport

// The kinds of settings. Each says where the value is kept, how a text becomes one, and which are
// in range.

extension Setting {
  /// A number.
  static func number<Number: SettingValue>(
    _ name: String, at path: WritableKeyPath<Root, Number>, _ range: SettingRange<Number>,
    placeholder: String = "n", _ meaning: String
  ) -> Setting {
    Setting(
      name, meaning, form: .value(placeholder: placeholder), read: { $0[keyPath: path] },
      write: { text, root throws(RNNError) in
        root[keyPath: path] = try checked(text, name, range)
      })
  }

  /// A number that may be left open.
  static func number<Number: SettingValue>(
    _ name: String, at path: WritableKeyPath<Root, Number?>, _ range: SettingRange<Number>,
    placeholder: String = "n", _ meaning: String
  ) -> Setting {
    Setting(
      name, meaning, form: .value(placeholder: placeholder), read: { $0[keyPath: path] },
      write: { text, root throws(RNNError) in
        root[keyPath: path] = try checked(text, name, range)
      })
  }

  private static func checked<Number: SettingValue>(
    _ text: String, _ name: String, _ range: SettingRange<Number>
  ) throws(RNNError) -> Number {
    guard let value = Number(settingText: text), range.contains(value) else {
      throw RNNError(
        .range, "--\(name)", expected: range.text, found: text.excerpt)
    }
    return value
  }

  /// One of some names.
  static func choice<Name: RawRepresentable & CaseIterable>(
    _ name: String, at path: WritableKeyPath<Root, Name>, among names: [Name]? = nil,
    placeholder: String = "name", _ meaning: String
  ) -> Setting where Name.RawValue == String {
    let names = names ?? Array(Name.allCases)
    return Setting(
      name, meaning, form: .value(placeholder: placeholder), choices: names.map(\.rawValue),
      read: { SettingWord(settingText: $0[keyPath: path].rawValue) },
      write: { text, root throws(RNNError) in
        root[keyPath: path] = try named(text, name, names)
      })
  }

  /// One of some names, or none.
  static func choice<Name: RawRepresentable & CaseIterable>(
    _ name: String, at path: WritableKeyPath<Root, Name?>, among names: [Name]? = nil,
    placeholder: String = "name", _ meaning: String
  ) -> Setting where Name.RawValue == String {
    let names = names ?? Array(Name.allCases)
    return Setting(
      name, meaning, form: .value(placeholder: placeholder), choices: names.map(\.rawValue),
      read: { $0[keyPath: path].map { SettingWord(settingText: $0.rawValue) } },
      write: { text, root throws(RNNError) in
        root[keyPath: path] = try named(text, name, names)
      })
  }

  private static func named<Name: RawRepresentable>(
    _ text: String, _ name: String, _ names: [Name]
  ) throws(RNNError) -> Name where Name.RawValue == String {
    guard let value = names.first(where: { $0.rawValue == text }) else {
      throw RNNError(
        .format, "--\(name)", expected: names.map(\.rawValue).joined(separator: ", "),
        found: text.excerpt)
    }
    return value
  }

  /// What a text of its own form describes.
  ///
  /// - Parameters:
  ///   - read: the value in `root` as text; nil for none.
  ///   - write: puts what the text describes into `root`; throws for one that describes nothing.
  static func text(
    _ name: String, placeholder: String, _ meaning: String,
    read: @escaping (Root) -> String?,
    write: @escaping (String, inout Root) throws(RNNError) -> Void
  ) -> Setting {
    Setting(
      name, meaning, form: .value(placeholder: placeholder),
      read: { read($0).map { SettingWord(settingText: $0) } },
      write: { text, root throws(RNNError) in
        do throws(RNNError) { try write(text, &root) } catch {
          // The library does not know which option a text came from.
          throw RNNError(
            error.kind, "--\(name)", expected: error.expected, found: error.found)
        }
      })
  }

  /// A text that is read where it is used.
  static func words(
    _ name: String, at path: WritableKeyPath<Root, String>, placeholder: String, _ meaning: String
  ) -> Setting {
    .text(
      name, placeholder: placeholder, meaning, read: { $0[keyPath: path] },
      write: { text, root throws(RNNError) in root[keyPath: path] = text })
  }

  /// The same, which may be left open.
  static func words(
    _ name: String, at path: WritableKeyPath<Root, String?>, placeholder: String, _ meaning: String
  ) -> Setting {
    .text(
      name, placeholder: placeholder, meaning, read: { $0[keyPath: path] },
      write: { text, root throws(RNNError) in root[keyPath: path] = text })
  }

  /// The path of a file or folder.
  static func path(
    _ name: String, at path: WritableKeyPath<Root, String?>, _ meaning: String
  ) -> Setting {
    Setting(
      name, meaning, form: .path, read: { $0[keyPath: path] },
      write: { text, root throws(RNNError) in
        guard !text.isEmpty else {
          throw RNNError(.format, "--\(name)", expected: "a file or folder", found: "''")
        }
        root[keyPath: path] = text
      })
  }

  /// On or off.
  static func toggle(
    _ name: String, at path: WritableKeyPath<Root, Bool>, _ meaning: String
  ) -> Setting {
    Setting(
      name, meaning, form: .toggle, read: { $0[keyPath: path] },
      write: { text, root throws(RNNError) in
        guard let value = Bool(text) else {
          throw RNNError(
            .format, "--\(name)", expected: "true or false", found: text.excerpt)
        }
        root[keyPath: path] = value
      })
  }
}
