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

/// Sentences as a file has them, as numbers of the texts that come, and what their tags tell.
struct TaggedPart {
  private var names = TokenTable()
  private var words = FlatSequences<Int32>()
  private var tags = FlatSequences<Int32>()
  /// The intent of each sentence, -1 for none.
  private var intents = SpillingArray<Int32>()
  private(set) var evidence = SchemeEvidence()

  /// How many sentences there are.
  var count: Int { words.count }

  /// Throws `.file` where there is no room on disk.
  ///
  /// - Parameter place: of the word with that index, for complaints.
  mutating func add(
    _ sentence: TaggedSentence, place: (Int) -> String
  ) throws(RNNError) {
    try words.append(sentence.words.map { names.id(of: $0) })
    try tags.append(sentence.tags.map { names.id(of: $0) })
    try intents.append(sentence.intent.map { names.id(of: $0) } ?? -1)
    evidence.add(sentence.tags, place: place)
  }

  /// The sentences with tags of `scheme` turned into IOB2, or left where they are labels. Throws
  /// `.format`, with the place, for a tag that the scheme does not have.
  ///
  /// - Parameter scheme: nil for tags O, B- and I- that are left as they are.
  func sentences(in scheme: TagScheme?) throws(RNNError) -> ItemList<TaggedSentence> {
    try evidence.check(scheme ?? .iob2)
    let chunks = scheme.flatMap { $0.hasChunks ? $0 : nil }
    let (names, words, tags, intents) = (names.tokens, self.words, self.tags, self.intents)
    @Sendable func willRead(_ part: Range<Int>) {
      words.willRead(part)
      tags.willRead(part)
      intents.willRead(part)
    }
    return ItemList(count: words.count, willRead: willRead) { index in
      func texts(_ ids: [Int32]) -> [String] { ids.map { names[Int($0)] } }
      let own = texts(tags[index])
      return TaggedSentence(
        words: texts(words[index]), tags: chunks?.normalized(own) ?? own,
        intent: intents[index] < 0 ? nil : names[Int(intents[index])])
    }
  }
}
