/// Words with one IOB tag each.
public struct TaggedSentence: Hashable, Sendable {
  public let words: [String]
  public let tags: [String]
}
