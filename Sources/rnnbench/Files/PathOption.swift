import ArgumentParser

/// The path of a file or folder that a command reads; `-` is standard input.
struct InputPath: ExpressibleByArgument {
  let path: String

  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    path = argument
  }
  static var defaultCompletionKind: CompletionKind { .file() }
}

/// The path of a file that a command writes; `-` is standard output.
struct OutputPath: ExpressibleByArgument {
  let path: String

  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    path = argument
  }
  init(_ path: String) { self.path = path }
  static var defaultCompletionKind: CompletionKind { .file() }
}

/// A path with the option that names it.
typealias NamedPath = (option: String, path: String)

/// The files that the options of a command name: all of type ``InputPath`` and ``OutputPath``, its
/// own and those of its groups.
struct DeclaredPaths {
  private(set) var inputs: [NamedPath] = []
  private(set) var outputs: [NamedPath] = []

  init(of command: some ParsableArguments) { add(command) }

  private mutating func add(_ options: any ParsableArguments) {
    for child in Mirror(reflecting: options).children {
      guard let label = child.label else { continue }
      if let group = child.value as? any NestedOptions {
        add(group.nested)
      } else if let path = (child.value as? any PathHolder)?.held {
        let named = (Self.option(label), path.text)
        if path.isOutput { outputs.append(named) } else { inputs.append(named) }
      }
    }
  }

  /// The option that the parser makes of a property: `--print-config` of `_printConfig`.
  static func option(_ label: String) -> String {
    label.drop { $0 == "_" }.reduce(into: "--") { name, letter in
      name += letter.isUppercase ? "-\(letter.lowercased())" : "\(letter)"
    }
  }
}

/// A group of options in a command.
protocol NestedOptions {
  static var type: any ParsableArguments.Type { get }
  var nested: any ParsableArguments { get }
}

extension OptionGroup: NestedOptions {
  static var type: any ParsableArguments.Type { Value.self }
  var nested: any ParsableArguments { wrappedValue }
}

/// An option that may hold a path.
private protocol PathHolder {
  var held: (text: String, isOutput: Bool)? { get }
}

extension Option: PathHolder {
  fileprivate var held: (text: String, isOutput: Bool)? {
    // Others may be declarations without a value, which are not to be asked for one.
    let types: [Any.Type] = [InputPath.self, InputPath?.self, OutputPath.self, OutputPath?.self]
    guard types.contains(where: { $0 == Value.self }) else { return nil }
    switch wrappedValue {
    case let input as InputPath: return (input.path, false)
    case let output as OutputPath: return (output.path, true)
    default: return nil
    }
  }
}
