/// The words of a sentence and of its translation.
public struct SentencePair: Hashable, Sendable {
  /// The words of the sentence.
  public let source: [String]
  /// The words of its translation.
  public let target: [String]

  /// Makes a pair of a sentence's words and those of its translation.
  public init(source: [String], target: [String]) {
    self.source = source
    self.target = target
  }
}
