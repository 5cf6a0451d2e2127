/// Words with one IOB tag each.
public struct TaggedSentence: Hashable, Sendable {
  public let words: [String]
  public let tags: [String]
  /// Of the whole sentence; nil for data without them.
  public let intent: String?

  init(words: [String], tags: [String], intent: String? = nil) {
    self.words = words
    self.tags = tags
    self.intent = intent
  }
}
