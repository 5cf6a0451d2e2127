import RNNCore

/// A row of a comparison: a cell in one or both directions, or the feed-forward baseline.
///
/// Written as a cell with options (`lstm:peephole`), `bi-` and a cell for both directions, or
/// `feedforward`.
package struct CellChoice: Hashable, Sendable {
  package let name: String
  private let kind: CellKind?
  private let directions: Directions?

  package init(_ text: String) throws(RNNError) {
    if text == "feedforward" {
      (name, kind, directions) = (text, nil, nil)
    } else if text.hasPrefix("bi-") {
      let cell = try Self.cell(String(text.dropFirst(3)), in: text)
      (name, kind, directions) = ("bi-\(cell)", cell, .concatenated)
    } else {
      let cell = try Self.cell(text, in: text)
      (name, kind, directions) = ("\(cell)", cell, nil)
    }
  }

  /// - Parameter text: the whole, for complaints.
  private static func cell(_ name: String, in text: String) throws(RNNError) -> CellKind {
    guard CellKind.names.contains(String(name.prefix { $0 != ":" })) else {
      throw RNNError(
        .format, "cell",
        expected: CellKind.names.joined(separator: ", ") + ", bi- and one of them, or feedforward",
        found: text.excerpt)
    }
    return try CellKind(name)
  }

  /// That of a recurrent model; of one whose directions are added the cell alone.
  package init(_ cell: CellKind, _ directions: Directions) {
    let both: Directions? = directions == .concatenated ? directions : nil
    (name, kind, self.directions) = ("\(both == nil ? "" : "bi-")\(cell)", cell, both)
  }

  /// Reads a list joined by commas.
  package static func list(_ text: String) throws(RNNError) -> [CellChoice] {
    let names = text.split(separator: ",", omittingEmptySubsequences: false)
    var choices: [CellChoice] = []
    for name in names {
      let choice = try CellChoice(name.trimmingPrefix(while: \.isWhitespace).description)
      if !choices.contains(choice) { choices.append(choice) }
    }
    return choices
  }

  package var cell: CellKind? { kind }
  /// Whether the name says that it reads both ways.
  package var isBidirectional: Bool { directions != nil }

  /// The cell without directions of its own, unless they are the same.
  package func reading(_ other: Directions) -> CellChoice {
    guard let kind else { return self }
    return CellChoice(kind, directions == nil ? .forward : other)
  }

  var isFeedForward: Bool { kind == nil }

  /// - Parameter common: the directions of rows that name none themselves.
  package func body(layers: Int, directions common: Directions) -> ModelConfiguration.Body {
    guard let kind else { return .feedForward() }
    return .recurrent(kind, layers: layers, directions: directions ?? common)
  }
}
