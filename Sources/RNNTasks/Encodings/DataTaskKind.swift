/// The problems that can be trained on files.
public enum DataTaskKind: String, CaseIterable, Codable, Hashable, Sendable {
  /// A tag for each word, and an intent for the sentence where there are some.
  case tag
  /// The next character or word of a text.
  case lm
  /// A class for a whole text or time series.
  case classify
  /// The next notes of a piano roll.
  case music
}
