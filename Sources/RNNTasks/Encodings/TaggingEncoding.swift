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
  /// Throws `.unsupported` for a named scheme of labels where the model has chunks, or the other
  /// way round, and for parts of chunks of which a model of labels knows none. Labels given to a
  /// model of chunks are refused as they are read, by ``TaggedPart/sentences(in:)``.
  func scheme(of evidence: SchemeEvidence, named: TagScheme?) throws(RNNError) -> TagScheme? {
    if let named {
      guard named.hasChunks == hasChunks else {
        throw RNNError(
          .unsupported, "scheme", expected: hasChunks ? "one of chunks" : TagScheme.labels.rawValue,
          found: named.rawValue)
      }
      return named
    }
    guard let scheme else { return nil }
    guard scheme.hasChunks else {
      try checkLabels(evidence)
      return scheme
    }
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

  /// Throws `.unsupported` for parts of chunks where none of the model's labels looks like one.
  private func checkLabels(_ evidence: SchemeEvidence) throws(RNNError) {
    let found = evidence.tags
    guard !tags.all.contains(where: { ChunkPart($0) != nil }), !found.contains(where: tags.has),
      try evidence.scheme(standard: .labels).hasChunks
    else { return }
    func shown(_ names: [String]) -> String {
      names.prefix(3).map(\.excerpt).joined(separator: ", ")
    }
    throw RNNError(
      .unsupported, "tags", expected: "labels, as the model has them, such as \(shown(tags.all))",
      found: "parts of chunks, such as \(shown(found))")
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
