import ArgumentParser
import RNNReport
import RNNStudies

/// The options of a section of settings, made of their declarations when the parser asks for them.
///
/// The parser finds options by the mirror of a group without values, and fills a group by decoding
/// them: both are written out here, over the declared settings instead of properties.
struct SettingGroup<Source: SettingSource, Section: SettingSectionName>: ParsableArguments {
  /// What was given, in the order of the settings.
  private(set) var given = GivenSettings()
  /// A toggle that was turned on and off.
  private var contradiction: String?

  init() {}

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    for setting in Self.settings {
      let key = Key(setting.key)
      guard setting.form == .toggle else {
        if let text = try values.decode(Option<String?>.self, forKey: key).wrappedValue {
          given.append(setting.name, text)
        }
        continue
      }
      let isOn = try values.decode(Flag<Bool>.self, forKey: key).wrappedValue
      let isOff = try values.decode(Flag<Bool>.self, forKey: Key(setting.offKey)).wrappedValue
      if isOn, isOff { contradiction = setting.name }
      if isOn || isOff { given.append(setting.name, "\(isOn)") }
    }
  }

  func validate() throws {
    guard let contradiction else { return }
    throw ValidationError("--\(contradiction) and --no-\(contradiction) exclude each other")
  }

  private static var settings: [Setting<Source.Root>] {
    DeclaredSettings.of(Self.self) { Source.settings.filter { $0.section == Section.section } }
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

/// The settings of groups that the parser has asked for before: it asks some dozen times.
private enum DeclaredSettings {
  /// Of groups by their types. Options are parsed on the main thread alone.
  private nonisolated(unsafe) static var known: [ObjectIdentifier: Any] = [:]

  static func of<Root>(
    _ group: Any.Type, _ declare: () -> [Setting<Root>]
  ) -> [Setting<Root>] {
    let key = ObjectIdentifier(group)
    if let settings = known[key] as? [Setting<Root>] { return settings }
    let settings = declare()
    known[key] = settings
    return settings
  }
}

extension SettingGroup: CustomReflectable {
  var customMirror: Mirror {
    Mirror(self, children: Self.settings.flatMap { Self.options($0) })
  }

  private static func options(_ setting: Setting<Source.Root>) -> [Mirror.Child] {
    let help = setting.help(standing: Source.standard)
    func visibility(_ isUsual: Bool = true) -> ArgumentVisibility {
      if !Source.isListed(setting) { return .private }
      return setting.isRare || !isUsual ? .hidden : .default
    }
    func option(_ placeholder: String?, _ completion: CompletionKind?) -> Mirror.Child {
      (
        setting.key,
        Option<String?>(
          name: .customLong(setting.name), parsing: .unconditional,
          help: ArgumentHelp(
            .init(stringLiteral: help), valueName: placeholder, visibility: visibility()),
          completion: completion)
      )
    }
    switch setting.form {
    case .value(let placeholder):
      return [option(placeholder, setting.choices.isEmpty ? nil : .list(setting.choices))]
    case .path: return [option("path", .file())]
    case .toggle:
      // Help lists what would change something.
      let isOn = setting.isOn(in: Source.standard)
      func flag(_ name: String, _ help: String, isUsual: Bool) -> Flag<Bool> {
        Flag(
          wrappedValue: false, name: .customLong(name),
          help: ArgumentHelp(.init(stringLiteral: help), visibility: visibility(isUsual)))
      }
      return [
        (setting.key, flag(setting.name, help, isUsual: !isOn)),
        (
          setting.offKey,
          flag(
            "no-" + setting.name, setting.helpOff(standing: Source.standard), isUsual: isOn)
        ),
      ]
    }
  }
}

extension Setting {
  /// Where the parser keeps whether a toggle was turned off.
  fileprivate var offKey: String { "no" + key.prefix(1).uppercased() + key.dropFirst() }
}
