internal import CLibrary

/// Text from data and from outside, as it may stand in messages and on a terminal: what would move
/// the cursor, recolour the window or turn the order of letters round is escaped.
extension StringProtocol {
  /// In quotes, on one line and short: text from a file in a message.
  package var excerpt: String { "'\(shortened())'" }

  /// Without what does not show, and with `…` for what is more than `most` characters.
  package func shortened(to most: Int = 80) -> String {
    var (result, room) = ("", most)
    for scalar in unicodeScalars {
      let text = scalar.properties.generalCategory == .format ? scalar.escape : scalar.shown
      room -= text.unicodeScalars.count
      if room < 0 { return result + "…" }
      result += text
    }
    return result
  }

  /// On one line: control characters, line separators and marks of direction as `\n`, `\u{1B}`,
  /// bytes of names that are no UTF-8 as `\xE9`.
  package var printable: String { escaping { $0.isActive || $0.undecodedByte != nil } }

  /// The same with its line ends and tabs as they are.
  package var printableLines: String { escaping { $0.isActive && $0 != "\n" && $0 != "\t" } }

  /// The text as ``printable``, with `…` in place of the middle of what is more than `most`
  /// scalars: the message of an error may repeat a long name or value and say at its end what is
  /// wrong with it.
  package func cut(to most: Int) -> String {
    let text = printable.unicodeScalars
    guard text.count > most else { return String(text) }
    return String(text.prefix(most / 2)) + "…" + String(text.suffix(most - most / 2))
  }

  private func escaping(_ isEscaped: (Unicode.Scalar) -> Bool) -> String {
    guard unicodeScalars.contains(where: isEscaped) else { return String(self) }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if isEscaped(scalar) { text += scalar.escape } else { text.unicodeScalars.append(scalar) }
    }
  }
}

extension Unicode.Scalar {
  /// As it stands in a literal of Swift.
  package var escape: String {
    switch self {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default:
      undecodedByte.map { "\\x" + String($0, radix: 16, uppercase: true) }
        ?? "\\u{" + String(value, radix: 16, uppercase: true) + "}"
    }
  }

  fileprivate var shown: String {
    isActive || undecodedByte != nil ? escape : String(self)
  }

  /// Whether it does something to a terminal, or to the order of the letters around it (embeddings,
  /// overrides and isolates of Unicode's Bidirectional Algorithm), in place of being shown.
  fileprivate var isActive: Bool {
    switch value {
    case 0x20..<0x7F: false
    case 0x202A...0x202E, 0x2066...0x2069: true
    default:
      switch properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: true
      default: false
      }
    }
  }
}
