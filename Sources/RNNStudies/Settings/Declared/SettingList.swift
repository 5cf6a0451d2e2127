import RNNCore
import RNNReport
import RNNTasks

/// What the settings of a command are put into.
package protocol SettingRoot {
  /// Gives what was not set the value that suits what was.
  ///
  /// - Parameters:
  ///   - given: the names of what was set.
  ///   - before: as it was before anything was set.
  mutating func settle(given: Set<String>, from before: Self) throws
  /// The task, by which settings are of use or not; nil where none is trained.
  var task: TaskName? { get }
}

/// Texts of settings by name, in the order in which they were given.
package struct GivenSettings {
  package private(set) var texts: [(name: String, text: String)] = []

  package init() {}

  package var names: Set<String> { Set(texts.map(\.name)) }
  package subscript(_ name: String) -> String? { texts.last { $0.name == name }?.text }
  package mutating func append(_ name: String, _ text: String) { texts.append((name, text)) }
}

extension Array {
  /// Settings of one section.
  init<Root>(in section: SettingSection, _ settings: [Setting<Root>])
  where Element == Setting<Root> {
    self = settings.map { $0.inSection(section) }
  }

  /// Puts texts into `root`, then settles the rest.
  ///
  /// Throws ``RNNError`` with the option's name for a text that is no value or none in range, and
  /// for one that would change nothing: whoever sets it expects something else than what would
  /// happen.
  package func apply<Root: SettingRoot>(
    _ given: GivenSettings, to root: inout Root
  ) throws where Element == Setting<Root> {
    let before = root
    for (name, text) in given.texts {
      guard let setting = first(where: { $0.name == name }) else {
        preconditionFailure("no setting \(name)")
      }
      if let kinds = setting.kinds, let task = root.task, !kinds.contains(task) {
        throw refusal(of: setting, as: text, setting.unused(in: root, kind: task))
      }
      try setting.put(text, into: &root)
    }
    try root.settle(given: given.names, from: before)
    for setting in self {
      if let text = given[setting.name],
        let unused = setting.unused(in: root, kind: root.task)
      {
        throw refusal(of: setting, as: text, unused)
      }
    }
  }

  private func refusal<Root>(
    of setting: Setting<Root>, as text: String, _ unused: UnusedSetting?
  ) -> RNNError {
    let isOff = setting.form == .toggle && text == "false"
    return RNNError(
      .unsupported, isOff ? "--no-\(setting.name)" : setting.option,
      expected: unused?.expected ?? "", found: unused?.found ?? "")
  }

  /// The settings that change something in `root`.
  package func used<Root: SettingRoot>(in root: Root) -> [Setting<Root>]
  where Element == Setting<Root> {
    filter { $0.unused(in: root, kind: root.task) == nil }
  }

  /// What `root` is set to: each setting that changes something, null where it has no value.
  package func json<Root: SettingRoot>(of root: Root) -> [(key: String, value: JSONValue)]
  where Element == Setting<Root> {
    used(in: root).map { ($0.key, $0.json(in: root)) }
  }

  /// The same for people, without what has no value.
  package func facts<Root: SettingRoot>(of root: Root) -> [(name: String, value: String)]
  where Element == Setting<Root> {
    used(in: root).compactMap { setting in
      let name = setting.name.map { $0 == "-" ? " " : $0 }
      return setting.text(in: root).map { (String(name), $0.printable) }
    }
  }
}
