/// How words, tags and intents become ids and they names again.
public struct TaggingEncoding: Hashable, Sendable {
  /// What is done to words before they are looked up.
  public let normalization: TextNormalization
  /// The words that have an id of their own.
  public let words: Vocabulary<String>
  /// IOB tags.
  public let tags: ClassNames
  /// Of whole sentences; nil for data without them.
  public let intents: ClassNames?

  /// The words of a line of text, between blanks.
  public func words(of line: String) -> [String] { line.words }

  /// The token ids of words.
  public func encode(_ words: [String]) -> [Int32] {
    words.map { self.words.id(of: normalization($0)) }
  }

  /// The tags of class ids; O for classes that training never showed.
  public func decode(tags ids: [Int32]) -> [String] { ids.map { tags.name(of: $0) ?? "O" } }

  /// An unknown class counts as O when it is predicted.
  var predictedTags: [ChunkTag] {
    tags.all.enumerated().map { id, name in
      tags.isTrained(Int32(id)) ? ChunkTag(name) ?? .outside : .outside
    }
  }

  var goldTags: [ChunkTag] { tags.all.map { ChunkTag($0) ?? .outside } }

  /// A chunk tag for whatever came up after training: a run of them is one missed chunk.
  static let unknownTag = "I-\(ClassNames.unknown)"
}
