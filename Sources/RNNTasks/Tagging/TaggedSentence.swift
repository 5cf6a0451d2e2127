/// Words with one IOB tag each.
public struct TaggedSentence: Hashable, Sendable {
  /// The words in their order.
  public let words: [String]
  /// One IOB tag for each word.
  public let tags: [String]
  /// Of the whole sentence; nil for data without them.
  public let intent: String?

  init(words: [String], tags: [String], intent: String? = nil) {
    self.words = words
    self.tags = tags
    self.intent = intent
  }
}
