import RNNCore

/// How words, tags and intents become ids and they names again.
public struct TaggingEncoding: Hashable, Sendable {
  /// What is done to words before they are looked up.
  public let normalization: TextNormalization
  /// The words that have an id of their own.
  public let words: Vocabulary<String>
  /// The classes: labels, or chunks in IOB2.
  public let tags: ClassNames
  /// How the training data wrote their tags; nil in models saved before there was a choice, whose
  /// classes are the tags O, B-type and I-type as they were.
  public let scheme: TagScheme?
  /// Of whole sentences; nil for data without them.
  public let intents: ClassNames?

  /// Whether classes are parts of chunks, and not labels.
  public var hasChunks: Bool { scheme?.hasChunks ?? true }

  /// The words of a line of text, between blanks.
  public func words(of line: String) -> [String] { line.words }

  /// The token ids of words.
  public func encode(_ words: [String]) -> [Int32] {
    words.map { self.words.id(of: normalization($0)) }
  }

  /// The tags of class ids.
  ///
  /// Classes that training never showed are O among chunks, `<unknown>` among labels. Chunks are
  /// read as ``ChunkScore`` reads them and written as the scheme says.
  ///
  /// - Parameters:
  ///   - ids: of a sentence, one for each word.
  ///   - scheme: of chunks; nil for that of the training data. Labels are labels in each.
  public func tags(of ids: [Int32], scheme: TagScheme? = nil) -> [String] {
    let names = ids.map { tags.name(of: $0) ?? (hasChunks ? "O" : ClassNames.unknown) }
    guard hasChunks, let scheme = scheme ?? self.scheme, scheme.hasChunks else { return names }
    return scheme.tags(of: names.map { ChunkTag($0) ?? .outside })
  }

  /// The scheme that other data are read in; nil for tags O, B- and I- that are left as they are.
  ///
  /// Throws `.unsupported` for labels where there are chunks, and the other way round, and the
  /// errors of `evidence`.
  func scheme(of evidence: SchemeEvidence, named: TagScheme?) throws(RNNError) -> TagScheme? {
    if let named {
      guard named.hasChunks == hasChunks else {
        throw RNNError(
          .unsupported, "scheme", expected: hasChunks ? "one of chunks" : TagScheme.labels.rawValue,
          found: named.rawValue)
      }
      return named
    }
    guard let scheme, scheme.hasChunks else { return scheme }
    // What is no scheme of chunks is refused as it is read in the one of training.
    guard let found = try? evidence.scheme(standard: scheme), found.hasChunks else { return scheme }
    return found
  }

  /// The likeliest intent of those that training shows; nil without any.
  func intent(of prediction: SequencePrediction) -> Int32? {
    guard let intents, let sentence = prediction.sentence else { return nil }
    let known = sentence.logits.prefix(intents.trainedCount)
    // The first among equals, as of all classes.
    guard var best = known.indices.first else { return sentence.label }
    for id in known.indices where known[id] > known[best] { best = id }
    return Int32(best)
  }

  /// An unknown class counts as O when it is predicted.
  var predictedTags: [ChunkTag] {
    tags.all.enumerated().map { id, name in
      tags.isTrained(Int32(id)) ? ChunkTag(name) ?? .outside : .outside
    }
  }

  var goldTags: [ChunkTag] { tags.all.map { ChunkTag($0) ?? .outside } }

  /// The class of whatever comes up after training.
  static func unknownTag(of scheme: TagScheme) -> String {
    scheme.hasChunks ? "I-\(ClassNames.unknown)" : ClassNames.unknown
  }
}
