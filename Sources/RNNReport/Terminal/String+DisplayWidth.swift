import RNNCore

extension String {
  /// Terminal columns taken: two for East Asian wide characters and emoji, one for all others
  /// (± and × included), none for what does not print.
  var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

  /// The text in quotes, scalars that do not show as `\u{…}`.
  package var visible: String {
    unicodeScalars.reduce(into: "'") { text, scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate,
        .privateUse, .unassigned, .nonspacingMark, .enclosingMark:
        text += scalar.escape
      default: text.unicodeScalars.append(scalar)
      }
    } + "'"
  }

  package func padded(to width: Int, alignment: Table.Column.Alignment) -> String {
    let space = String(repeating: " ", count: max(0, width - displayWidth))
    return alignment == .leading ? self + space : space + self
  }

  /// At most `width` columns, the last of them an ellipsis where something was cut.
  package func truncated(to width: Int) -> String {
    guard displayWidth > width else { return self }
    var kept = ""
    var used = 1
    for character in self {
      used += character.displayWidth
      if used > width { break }
      kept.append(character)
    }
    return width > 0 ? kept + "…" : ""
  }
}

extension Character {
  fileprivate var displayWidth: Int {
    guard let first = unicodeScalars.first else { return 0 }
    if first.isControl || first.properties.generalCategory == .format { return 0 }
    if first.properties.isEmojiPresentation || first.isWide { return 2 }
    return first.properties.generalCategory == .nonspacingMark ? 0 : 1
  }
}

extension Unicode.Scalar {
  fileprivate var isControl: Bool { properties.generalCategory == .control }

  /// The wide blocks of Unicode's East Asian Width (UAX #11).
  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
      true
    default:
      false
    }
  }
}
