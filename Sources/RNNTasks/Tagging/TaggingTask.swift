import Foundation
import RNNCore

/// Gives each word of a sentence its IOB tag: slot filling and chunking on data read from files.
///
/// Tokens are the words seen at least `minimumCount` times in training, all others being one
/// unknown token; words are taken as they are (no lower-casing, no joining of digits). Classes are
/// the tags of the training sentences, followed by those that only held-out sentences have: these
/// are never learnt, and predicting one counts as O, so that their chunks count as missed under
/// their true names. The score is the chunk F1 of ``ChunkScore``.
public struct TaggingTask: SequenceTask {
  public let words: Vocabulary<String>
  /// Tag names by class id: the trained ones, then those of held-out sentences alone.
  public let tags: [String]
  /// How many of `tags` occur in training.
  public let trainedTagCount: Int
  public let training: [Example]
  public let validation: [Example]
  public let test: [Example]
  /// The probability that training shows a word as unknown.
  public let wordDropout: Float
  public let groupsByLength: Bool
  private let chunkTags: [ChunkTag]

  /// Reads a directory laid out as ``TaggedCorpus`` describes, and throws its errors.
  public init(
    directory: URL, minimumCount: Int = 2, wordDropout: Float = 0, groupsByLength: Bool = false
  ) throws(RNNError) {
    try self.init(
      corpus: TaggedCorpus(directory: directory), minimumCount: minimumCount,
      wordDropout: wordDropout, groupsByLength: groupsByLength)
  }

  /// Throws ``RNNError/Kind/range`` for a `minimumCount` below 1 or a `wordDropout` outside
  /// [0, 1).
  public init(
    corpus: TaggedCorpus, minimumCount: Int = 2, wordDropout: Float = 0,
    groupsByLength: Bool = false
  ) throws(RNNError) {
    guard minimumCount >= 1 else {
      throw RNNError(.range, "minimumCount", expected: "at least 1", found: "\(minimumCount)")
    }
    guard (0..<1).contains(wordDropout) else {
      throw RNNError(.range, "wordDropout", expected: "within [0, 1)", found: "\(wordDropout)")
    }
    let words = Self.vocabulary(of: corpus.train, minimumCount: minimumCount)
    let trainedTags = Vocabulary(corpus.train.lazy.flatMap(\.tags))
    let heldOutTags = (corpus.validation + corpus.test).lazy.flatMap(\.tags)
    let tags = Vocabulary(Array(trainedTags.symbols) + Array(heldOutTags))
    func examples(_ sentences: [TaggedSentence]) -> [Example] {
      sentences.map { sentence in
        Example(
          input: .tokens(sentence.words.map(words.id)),
          target: .classPerStep(sentence.tags.map(tags.id)))
      }
    }
    self.words = words
    self.tags = tags.symbols
    self.wordDropout = wordDropout
    self.groupsByLength = groupsByLength
    trainedTagCount = trainedTags.count
    chunkTags = tags.symbols.map { ChunkTag($0) ?? .outside }
    training = examples(corpus.train)
    validation = examples(corpus.validation)
    test = examples(corpus.test)
  }

  public var name: String { TaskName.tagging.rawValue }
  public var summary: String {
    "tag the words of \(training.count) sentences with \(trainedTagCount) classes"
  }
  public var shape: TaskShape {
    TaskShape(
      input: .tokens(vocabulary: words.sizeWithUnknown), answer: .everyStep, objective: .classes,
      outputs: tags.count)
  }

  /// Goes through the training sentences in a fresh random order each epoch.
  public func makeTrainingSource(seed: UInt64) -> any TrainingSource {
    let source = ShuffledSource(checked: training, seed: seed, groupsByLength: groupsByLength)
    guard wordDropout > 0 else { return source }
    return TokenDropoutSource(
      base: source, rate: wordDropout, unknown: words.unknownID,
      random: RandomGenerator(seed: seed).stream(.dropout))
  }

  public func metric(
    predictions: [Prediction], examples: [Example], meanLoss: Double
  ) -> Metric {
    let score = chunkScore(predictions: predictions, examples: examples)
    return Metric(name: "F1", value: score.f1, higherIsBetter: true)
  }

  /// The whole table behind the F1: per type, precision, recall, token accuracy.
  public func chunkScore(predictions: [Prediction], examples: [Example]) -> ChunkScore {
    var learnable = chunkTags
    for index in trainedTagCount..<learnable.count { learnable[index] = .outside }
    return ChunkScore(
      predictions: predictions, examples: examples, goldTags: chunkTags, predictedTags: learnable)
  }

  private static func vocabulary(
    of sentences: [TaggedSentence], minimumCount: Int
  ) -> Vocabulary<String> {
    var counts: [String: Int] = [:]
    for sentence in sentences { for word in sentence.words { counts[word, default: 0] += 1 } }
    let all = sentences.lazy.flatMap(\.words)
    return Vocabulary(all.filter { counts[$0, default: 0] >= minimumCount })
  }
}
