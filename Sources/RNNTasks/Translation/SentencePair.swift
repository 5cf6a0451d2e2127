/// The words of a sentence and of its translation.
public struct SentencePair: Hashable, Sendable {
  public let source: [String]
  public let target: [String]

  public init(source: [String], target: [String]) {
    self.source = source
    self.target = target
  }
}
