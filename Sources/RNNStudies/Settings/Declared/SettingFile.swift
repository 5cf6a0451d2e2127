import RNNCore
import RNNReport
import RNNTasks

/// The settings of a command in a file, as `--print-config` writes them and `--config` reads them.
///
///     {"schema": "rnnbench/config/1", "version": "0.1.0", "command": "train tag",
///      "settings": {"hidden": 64}}
package struct SettingFile {
  private static let schema = "rnnbench/config/1"
  /// What complaints call it.
  package let path: String
  private let members: [JSONText.Member]

  /// Throws ``RNNError`` for a file that cannot be read, is no such JSON, or is of another schema
  /// or command.
  package init(reading path: String, for command: String) throws {
    let name = InputText.name(path)
    self.path = name
    var reader = try JSONReader(readingInput: path, name: name)
    let value = try reader.value()
    try reader.end()
    guard case .object(let top) = value else {
      throw Self.failure(name, "a JSON object", "another value")
    }
    var parts: [String: JSONText] = [:]
    for member in top { parts[member.name] = member.value }
    for (member, wanted) in [("schema", Self.schema), ("command", command)] {
      guard parts[member] == .string(wanted) else {
        throw Self.failure(
          name, "\"\(member)\": \"\(wanted)\"", parts[member].map { $0.text.excerpt } ?? "none")
      }
    }
    let known: Set = ["schema", "version", "command", "settings"]
    if let extra = parts.keys.filter({ !known.contains($0) }).min() {
      throw Self.failure(name, "no other member", extra.excerpt)
    }
    guard case .object(let members)? = parts["settings"] else {
      throw Self.failure(
        name, "an object \"settings\"", parts["settings"] == nil ? "none" : "another value")
    }
    self.members = members
  }

  /// The settings that the file has, as texts.
  ///
  /// Throws ``RNNError`` with the nearest known one for a setting that there is not, and for a
  /// value that is none.
  ///
  /// - Parameter kind: the task of the command.
  package func given<Root>(
    _ settings: [Setting<Root>], kind: TaskName?
  ) throws -> GivenSettings {
    let settings = settings.filter { setting in
      guard let kind, let kinds = setting.kinds else { return true }
      return kinds.contains(kind)
    }
    var given = GivenSettings()
    for member in members {
      guard let setting = settings.first(where: { $0.key == member.name }) else {
        let near = nearest(member.name, among: settings.map(\.key))
        throw Self.failure(
          path, "a setting of the command" + (near.map { ", such as \($0)" } ?? ""),
          member.name.excerpt)
      }
      if let text = try text(of: member, setting.form == .toggle) {
        given.append(setting.name, text)
      }
    }
    return given
  }

  /// Nil for null, which leaves the standard value.
  private func text(of member: JSONText.Member, _ isToggle: Bool) throws(RNNError) -> String? {
    switch (member.value, isToggle) {
    case (.null, _): return nil
    case (.bool(let value), true): return "\(value)"
    case (.number(let text), false), (.string(let text), false): return text
    default:
      throw Self.failure(
        "\(path): \(member.name)", isToggle ? "true or false" : "a number or a text",
        member.value.text.excerpt)
    }
  }

  /// All settings that change something in `root`, for a file.
  package static func text<Root: SettingRoot>(
    _ settings: [Setting<Root>], _ root: Root, for command: String, version: String
  ) -> String {
    let document: JSONValue = [
      "schema": .string(schema), "version": .string(version),
      "command": .string(command), "settings": .object(settings.json(of: root)),
    ]
    return document.text
  }

  private static func failure(_ path: String, _ expected: String, _ found: String) -> RNNError {
    RNNError(.format, path, expected: expected, found: found)
  }
}

/// The one of `names` that `word` was most likely meant to be; nil when none is near.
package func nearest(_ word: String, among names: [String]) -> String? {
  guard word.count <= 64 else { return nil }
  let most = max(2, word.count / 3)
  return names.map { ($0, editDistance(Array($0), Array(word))) }
    .filter { $0.1 <= most }.min { $0.1 < $1.1 }?.0
}
