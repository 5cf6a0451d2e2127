import RNNCore

/// Words with one tag each.
public struct TaggedSentence: Hashable, Sendable {
  /// The words in their order.
  public let words: [String]
  /// One tag for each word: chunks in IOB2, or labels.
  public let tags: [String]
  /// Of the whole sentence; nil for data without them.
  public let intent: String?

  init(words: [String], tags: [String], intent: String? = nil) {
    self.words = words
    self.tags = tags
    self.intent = intent
  }
}

/// Sentences as a file has them, and what their tags tell.
struct TaggedPart {
  private(set) var sentences: [TaggedSentence] = []
  private(set) var evidence = SchemeEvidence()

  /// - Parameter place: of the word with that index, for complaints.
  mutating func add(_ sentence: TaggedSentence, place: (Int) -> String) {
    sentences.append(sentence)
    evidence.add(sentence.tags, place: place)
  }

  /// The sentences with tags of `scheme` turned into IOB2, or left where they are labels. Throws
  /// `.format`, with the place, for a tag that the scheme does not have.
  ///
  /// - Parameter scheme: nil for tags O, B- and I- that are left as they are.
  func sentences(in scheme: TagScheme?) throws(RNNError) -> [TaggedSentence] {
    try evidence.check(scheme ?? .iob2)
    guard let scheme, scheme.hasChunks else { return sentences }
    return sentences.map {
      TaggedSentence(words: $0.words, tags: scheme.normalized($0.tags), intent: $0.intent)
    }
  }
}
