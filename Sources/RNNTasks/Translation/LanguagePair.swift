/// From which language into which, by the extensions of their files.
public struct LanguagePair: Hashable, Sendable {
  public let source: String
  public let target: String

  public init(source: String, target: String) {
    self.source = source
    self.target = target
  }
}
