/// What a parser reads of the words of a sentence. A part of speech stands as `/NN`.
public enum ParserSource: String, CaseIterable, Codable, Sendable {
  /// The words; those that training shows too seldom are unknown.
  case words
  /// The words, and in the place of those that would be unknown their parts of speech.
  case rareTags = "rare-tags"
  /// The parts of speech alone: few symbols, of which little data show enough.
  case tags

  /// What is read for a word.
  func token(_ word: String, tag: String, isKnown: (String) -> Bool) -> String {
    switch self {
    case .words: word
    case .rareTags: isKnown(word) ? word : "/" + tag
    case .tags: "/" + tag
    }
  }
}
