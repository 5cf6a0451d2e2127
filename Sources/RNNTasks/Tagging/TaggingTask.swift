import FoundationEssentials
import RNNCore

/// Gives each word of a sentence its tag: slot filling, chunking and parts of speech on data read
/// from files; and, where the data have them, each sentence its intent.
///
/// Tokens are the words seen at least `minimumCount` times in training, all others being one
/// unknown token; words are taken as they are unless they are asked to be normalised. Classes are
/// the tags of the training sentences, followed by those that only held-out sentences have: these
/// are never learnt, and predicting one counts as O, so that their chunks count as missed under
/// their true names, as those of tags do that come up after training. Intents are treated alike,
/// several joined by # being one.
///
/// The score is the chunk F1 of ``ChunkScore`` where tags are parts of chunks, which are read in
/// any ``TagScheme`` and are classes in IOB2; where they are labels it is their accuracy.
public struct TaggingTask: SequenceDataTask {
  public var name: String { TaskName.tag.rawValue }
  /// How words, tags and intents become ids.
  public let tagging: TaggingEncoding
  /// The sentences that are learned from, in the order of the files.
  public let training: ExampleList
  public let validation: ExampleList
  public let test: ExampleList
  /// The probability that training shows a word as unknown.
  public let wordDropout: Float
  /// Whether batches hold sentences of similar lengths.
  public let groupsByLength: Bool
  /// Sentences as they are written, of a task that has none to learn from.
  private let heldOut: ItemList<TaggedSentence>
  private let unseen: UnseenTags

  /// Reads a directory with the folders `train`, `valid` and `test`, as
  /// ``TaggedCorpus/init(directory:)`` does and with its errors, for tags alone. Throws `.range`
  /// for a `minimumCount` below 1 or a `wordDropout` outside [0, 1).
  public init(
    directory: URL, minimumCount: Int = 2, wordDropout: Float = 0, groupsByLength: Bool = false
  ) throws(RNNError) {
    try self.init(
      corpus: TaggedCorpus(directory: directory), minimumCount: minimumCount,
      wordDropout: wordDropout, groupsByLength: groupsByLength)
  }

  /// Tags alone, whatever intents there are. Throws `.range` for a `minimumCount`
  /// below 1 or a `wordDropout` outside [0, 1).
  public init(
    corpus: TaggedCorpus, minimumCount: Int = 2, wordDropout: Float = 0,
    groupsByLength: Bool = false
  ) throws(RNNError) {
    // What is not said of the files is not used.
    var options = DataOptions()
    options.minimumCount = minimumCount
    options.wordDropout = wordDropout
    options.groupsByLength = groupsByLength
    try options.checkMinimumCount()
    let encoding = try TaggingEncoding(corpus: corpus, options: options, isReusable: false)
    try self.init(corpus, encoding: encoding, options: options)
  }

  /// Reads either layout of ``TaggedCorpus``, with words, tags and intents of `encoding` if there
  /// is one.
  ///
  /// Beside those of the data, tags and intents then have a class `<unknown>` for what other data
  /// may bring.
  init(
    _ url: URL, _ options: DataOptions, encoding: TaggingEncoding?
  ) throws(RNNError) {
    try options.checkMinimumCount()
    let corpus = try TaggedCorpus(url, options, encoding: encoding)
    let encoding =
      if let encoding { encoding } else {
        try TaggingEncoding(corpus: corpus, options: options, isReusable: true)
      }
    try self.init(corpus, encoding: encoding, options: options)
  }

  /// Reads held-out sentences alone, as ``TaggedCorpus`` does with a file, a folder or a part of a
  /// directory, to be scored with a model of that encoding: there are none to learn from.
  init(
    heldOut url: URL, _ part: HeldOutPart, _ options: DataOptions, encoding: TaggingEncoding
  ) throws(RNNError) {
    let sentences = try TaggedCorpus.heldOut(url, part, options, encoding: encoding)
    let examples = try encoding.examples(sentences)
    unseen = UnseenTags(sentences, encoding)
    (tagging, heldOut) = (encoding, sentences)
    (wordDropout, groupsByLength) = (0, false)
    training = []
    validation = part == .validation ? examples : []
    test = part == .test ? examples : []
  }

  private init(
    _ corpus: TaggedCorpus, encoding: TaggingEncoding, options: DataOptions
  ) throws(RNNError) {
    try options.checkWordDropout()
    (tagging, heldOut) = (encoding, [])
    wordDropout = options.wordDropout
    groupsByLength = options.groupsByLength
    unseen = UnseenTags([corpus.validation, corpus.test].joined(), encoding)
    training = try encoding.examples(corpus.train)
    validation = try encoding.examples(corpus.validation)
    test = try encoding.examples(corpus.test)
  }

  /// Each word of a held-out sentence with its tag and the one that was answered, in the scheme of
  /// the training data; an empty line at the end.
  package func lines(of prediction: SequencePrediction, at index: Int) -> [[String]] {
    let sentence = heldOut[index]
    var tags = sentence.tags
    if let scheme = tagging.scheme, scheme.hasChunks {
      tags = scheme.tags(of: tags.map { ChunkTag($0) ?? .outside })
    }
    let answers = tagging.tags(of: prediction.classIDs)
    return sentence.words.indices.map { [sentence.words[$0], tags[$0], answers[$0]] } + [[]]
  }

  public var encoding: TaskEncoding { .tag(tagging) }
  public var summary: String {
    let scheme = tagging.scheme.map { " (\($0.rawValue))" } ?? ""
    return "tag the words of \(training.count) sentences with \(tagging.tags.trainedCount) classes"
      + scheme
  }
  public var learned: ExampleList? { training }
  public var shape: TaskShape {
    TaskShape(
      input: .tokens(vocabulary: tagging.words.sizeWithUnknown), answer: .everyStep,
      objective: .classes, outputs: tagging.tags.count, labels: tagging.intents?.count)
  }

  /// Goes through the training sentences in a fresh random order each epoch.
  public func makeTrainingSource(seed: UInt64) -> any TrainingSource {
    ShuffledSource(checked: training, seed: seed, groupsByLength: groupsByLength)
      .droppingWords(wordDropout, unknown: tagging.words.unknownID, seed: seed)
  }

  /// Counts chunks, of which the F1 is the main score, or labels, of which it is the accuracy; for
  /// examples and predictions with intents also right intents and sentences with nothing wrong.
  public func makeScore() -> any AnswerScore { TaggingScore(tagging, unseen) }
}

extension TaggingEncoding {
  func example(_ sentence: TaggedSentence) -> Example {
    Example(
      input: .tokens(encode(sentence.words)), target: .classPerStep(sentence.tags.map(tags.id)),
      label: intents.flatMap { names in sentence.intent.map(names.id) })
  }

  /// The sentences in ids, from which examples are made when they are asked for.
  fileprivate func examples(
    _ sentences: ItemList<TaggedSentence>
  ) throws(RNNError) -> ExampleList {
    var (words, classes) = (FlatSequences<Int32>(), FlatSequences<Int32>())
    // -1 for none.
    var labels = SpillingArray<Int32>()
    for sentence in sentences {
      try words.append(encode(sentence.words))
      try classes.append(sentence.tags.lazy.map(tags.id))
      if let intents { try labels.append(sentence.intent.map(intents.id) ?? -1) }
    }
    let (inputs, targets, intentIDs) = (words, classes, labels)
    @Sendable func willRead(_ part: Range<Int>) {
      inputs.willRead(part)
      targets.willRead(part)
      if !intentIDs.isEmpty { intentIDs.willRead(part) }
    }
    return ExampleList(count: sentences.count, willRead: willRead) { index in
      Example(
        input: .tokens(inputs[index]), target: .classPerStep(targets[index]),
        label: intentIDs.isEmpty || intentIDs[index] < 0 ? nil : intentIDs[index])
    }
  }

  /// - Parameter isReusable: whether other data may come with tags and intents of their own.
  fileprivate init(corpus: TaggedCorpus, options: DataOptions, isReusable: Bool) throws(RNNError) {
    normalization = TextNormalization(
      lowercase: options.lowercase ?? false, digits: options.digits)
    words = try Self.vocabulary(
      of: corpus.train, minimumCount: options.minimumCount, normalization: normalization)
    let heldOut = [corpus.validation, corpus.test].lazy.joined()
    tags = ClassNames(
      trained: corpus.train.lazy.flatMap(\.tags),
      others: Vocabulary(heldOut.flatMap(\.tags)).symbols
        + (isReusable ? [Self.unknownTag(of: corpus.scheme)] : []))
    scheme = corpus.scheme
    guard isReusable, corpus.train[0].intent != nil else {
      intents = nil
      return
    }
    intents = ClassNames(
      trained: corpus.train.lazy.compactMap(\.intent),
      others: Vocabulary(heldOut.compactMap(\.intent)).symbols + [ClassNames.unknown])
  }

  private static func vocabulary(
    of sentences: ItemList<TaggedSentence>, minimumCount: Int, normalization: TextNormalization
  ) throws(RNNError) -> Vocabulary<String> {
    try Vocabulary(
      sentences.lazy.flatMap(\.words).map { normalization($0) }, minimumCount: minimumCount)
  }
}
