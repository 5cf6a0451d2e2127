/// From which language into which, by the extensions of their files.
public struct LanguagePair: Hashable, Sendable {
  /// The language that is read, such as `de`.
  public let source: String
  /// The language that is written, such as `en`.
  public let target: String

  /// Makes a pair of the language that is read and the one that is written.
  public init(source: String, target: String) {
    self.source = source
    self.target = target
  }
}
