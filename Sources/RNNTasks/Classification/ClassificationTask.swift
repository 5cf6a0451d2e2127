import FoundationEssentials
import RNNCore

/// Gives each text or time series its class, read off after the last step.
///
/// Texts are words, lower-cased unless asked otherwise, or characters, those of the training part
/// being known as in ``TextTask``; time series are standardised in each dimension by the training
/// part. Classes are those of the training part; others are refused. Where the data have no
/// validation or test part, shares of each class are set aside by a seeded draw. The score is the
/// accuracy, with the matrix of confusions.
public struct ClassificationTask: SequenceDataTask {
  /// How texts or series and their classes become numbers.
  public let classification: ClassificationEncoding
  /// The examples that are learned from, in the order of the files.
  public let training: ExampleList
  public let validation: ExampleList
  public let test: ExampleList
  /// The probability that training shows a word as unknown.
  public let wordDropout: Float
  /// Whether batches hold sequences of similar lengths.
  public let groupsByLength: Bool
  public let ownParts: Set<HeldOutPart>

  /// Reads one of the layouts of ``LabeledCorpus``, with tokens and classes of `encoding` if there
  /// is one, else with the tokens of `vocabulary` if there is one.
  init(
    _ url: URL, _ options: DataOptions, encoding: ClassificationEncoding?,
    vocabulary: TextEncoding? = nil
  ) throws(RNNError) {
    try options.checkMinimumCount()
    try options.checkWordDropout()
    try options.check(options.mostSteps, "mostSteps")
    var corpus = try LabeledCorpus(
      url, options, table: Self.table(options, text: encoding?.text ?? vocabulary),
      mostSteps: encoding == nil ? options.mostSteps : encoding?.mostSteps)
    ownParts = try corpus.split(options)
    let encoding =
      if let encoding { encoding } else {
        try ClassificationEncoding(of: corpus, options: options, vocabulary: vocabulary)
      }
    try encoding.check(corpus, path: url.path)
    let ids = Vocabulary(encoding.classes)
    func examples(_ part: LabeledPart?) throws(RNNError) -> ExampleList {
      guard let part else { return [] }
      return try encoding.examples(part, table: corpus.table, classes: ids)
    }
    classification = encoding
    training = try examples(corpus.train)
    validation = try examples(corpus.validation)
    test = try examples(corpus.test)
    wordDropout = options.wordDropout
    groupsByLength = options.groupsByLength
  }

  /// One part alone, all of it.
  init(
    heldOut place: HeldOutPlace, _ options: DataOptions, encoding: ClassificationEncoding
  ) throws(RNNError) {
    let corpus = try LabeledCorpus(
      heldOut: place, options, table: Self.table(options, text: encoding.text),
      mostSteps: encoding.mostSteps)
    try encoding.check(corpus, path: place.origin.path)
    let examples = try encoding.examples(
      corpus.train, table: corpus.table, classes: Vocabulary(encoding.classes))
    (classification, training) = (encoding, [])
    (validation, test) = place.part == .validation ? (examples, []) : ([], examples)
    (wordDropout, groupsByLength, ownParts) = (0, false, [place.part])
  }

  private static func table(
    _ options: DataOptions, text: TextEncoding?
  ) throws(RNNError) -> SymbolTable {
    if let text {
      return try SymbolTable(unit: text.unit, normalization: text.normalization)
    }
    let unit = options.unit ?? .word
    return try SymbolTable(
      unit: unit,
      normalization: TextNormalization(
        lowercase: options.lowercase ?? (unit == .word), digits: options.digits))
  }

  public var name: String { TaskName.classify.rawValue }
  public var encoding: TaskEncoding { .classify(classification) }
  public var summary: String {
    "give each of \(training.count) sequences one of \(classification.classes.count) classes"
  }
  public var learned: ExampleList? { training }
  public var shape: TaskShape {
    let input: TaskShape.Input =
      switch classification.input {
      case .text(let text): .tokens(vocabulary: text.sizeWithUnknown)
      case .series(let scale): .features(width: scale.mean.count)
      }
    return TaskShape(
      input: input, answer: .atEnd, objective: .classes, outputs: classification.classes.count)
  }

  /// The entropy of the classes' frequencies in training, in nats.
  public var guessLoss: Double? { entropy(of: training.lazy.flatMap(\.classIDs)) }

  /// Goes through the training examples in a fresh random order each epoch.
  public func makeTrainingSource(seed: UInt64) -> any TrainingSource {
    let source = ShuffledSource(checked: training, seed: seed, groupsByLength: groupsByLength)
    guard case .text(let text) = classification.input, text.unit == .word else { return source }
    return source.droppingWords(wordDropout, unknown: text.unknownID, seed: seed)
  }

  /// Counts which class was taken for which; the main score is the share of right ones.
  public func makeScore() -> any AnswerScore {
    Score(confusion: ConfusionMatrix(names: classification.classes))
  }

  private struct Score: AnswerScore {
    var confusion: ConfusionMatrix

    mutating func add(_ prediction: SequencePrediction, for example: Example) {
      for (answer, truth) in zip(prediction.classIDs, example.classIDs) {
        confusion.add(gold: Int(truth), predicted: Int(answer))
      }
    }

    func taskScore(meanLoss: Double) -> TaskScore {
      let accuracy = Metric(name: "accuracy", value: confusion.accuracy, higherIsBetter: true)
      return TaskScore(metrics: [accuracy], confusion: confusion)
    }
  }
}

extension ClassificationEncoding {
  fileprivate var text: TextEncoding? {
    if case .text(let text) = input { text } else { nil }
  }

  fileprivate init(
    of corpus: LabeledCorpus, options: DataOptions, vocabulary: TextEncoding?
  ) throws(RNNError) {
    classes = corpus.classes
    mostSteps = options.mostSteps
    if let vocabulary {
      input = .text(vocabulary)
      return
    }
    guard let width = corpus.width else {
      let tokens = (0..<corpus.train.count).lazy.flatMap { corpus.train.tokens($0) }
      input = .text(try corpus.table.encoding(of: tokens, minimumCount: options.minimumCount))
      return
    }
    let series = (0..<corpus.train.count).lazy.map { corpus.train.features($0) }
    input = .series(Standardization(of: series, width: width))
  }

  /// Whether the corpus is of the kind and width that this encodes, and there is a choice.
  fileprivate func check(_ corpus: LabeledCorpus, path: String) throws(RNNError) {
    let expected: Int? =
      switch input {
      case .text: nil
      case .series(let scale): scale.mean.count
      }
    guard corpus.width == expected else {
      throw RNNError(
        .shape, path, expected: expected.map { "series of \($0) dimensions" } ?? "texts",
        found: corpus.width.map { "series of \($0) dimensions" } ?? "texts")
    }
    guard classes.count >= 2 else {
      throw RNNError(.range, path, expected: "two or more classes", found: "\(classes.count)")
    }
  }

  /// Examples that are made when they are asked for, of texts kept as ids and of series kept as
  /// standardised numbers.
  fileprivate func examples(
    _ part: LabeledPart, table: SymbolTable, classes ids: Vocabulary<String>
  ) throws(RNNError) -> ExampleList {
    let classes = try part.classIDs(ids)
    switch input {
    case .text(let text):
      let renumber = table.renumbering(to: text)
      return ExampleList(count: part.count, willRead: part.willRead) { index in
        Example(
          input: .tokens(part.tokens(index).map { renumber($0) }),
          target: .classAtEnd(classes[index]))
      }
    case .series(let scale):
      let width = scale.mean.count
      var series = FlatSequences<Float>()
      for index in 0..<part.count { try series.append(scale(part.features(index))) }
      let standardized = series
      return ExampleList(count: part.count, willRead: standardized.willRead) { index in
        Example(
          input: .features(standardized[index], width: width),
          target: .classAtEnd(classes[index]))
      }
    }
  }
}
