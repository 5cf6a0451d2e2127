/// What a token of a text is.
public enum TextUnit: String, CaseIterable, Codable, Hashable, Sendable {
  /// A Unicode scalar.
  case character
  /// What stands between white space; spaces at which no line may break and what has no width do
  /// not separate, but are dropped around words.
  case word
}
