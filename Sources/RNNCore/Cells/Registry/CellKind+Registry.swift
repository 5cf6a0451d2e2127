extension CellKind {
  /// All cells.
  static let registry: [any Cell.Type] = [
    Elman.self, Jordan.self, LSTM.self, GRU.self, MinGRU.self, MinLSTM.self, LRU.self,
  ]

  /// The names of all cells, such as `lstm`, without their options.
  public static var names: [String] { registry.flatMap { $0.names } }

  /// All names with their options, as a help text shows them: `gru[:reset-before]`.
  public static var usage: [String] { registry.flatMap { $0.usage } }

  /// Reads a name with options. Throws `.format` for an unknown name or option, `.unsupported` for
  /// options that exclude each other.
  public init(_ text: String) throws(RNNError) {
    var (name, options) = try CellOptions.split(text)
    guard let type = CellKind.registry.first(where: { $0.names.contains(name) }) else {
      throw RNNError(
        .format, "cell", expected: CellKind.list(CellKind.names), found: name.excerpt)
    }
    let cell = try type.init(named: name, options: &options)
    try options.finish()
    self.init(cell)
  }

  /// "a, b or c"
  static func list(_ names: [String]) -> String {
    guard names.count > 1, let last = names.last else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " or \(last)"
  }
}
