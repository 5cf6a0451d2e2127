/// The problems that can be trained on files, or on examples generated once.
public enum DataTaskKind: String, CaseIterable, Codable, Hashable, Sendable {
  /// A tag for each word, and an intent for the sentence where there are some.
  case tag
  /// The next character or word of a text.
  case lm
  /// A class for a whole text or time series.
  case classify
  /// The next notes of a piano roll.
  case music
  /// A sentence in another language.
  case translate
  /// The sentence itself, from a single vector.
  case autoencode
  /// The brackets over a sentence.
  case parse
  /// A generated problem of turning one sequence into another.
  case transduce
  /// An answer to a question about an image.
  case vqa

  /// The kind of pairs; nil for the others.
  public var pairs: PairKind? { PairKind(rawValue: rawValue) }
}
