/// What a token of a text is.
public enum TextUnit: String, CaseIterable, Codable, Hashable, Sendable {
  /// A Unicode scalar.
  case character
  /// What stands between blanks, tabs and line ends.
  case word
}
