import FoundationEssentials
import RNNCore

extension PairData {
  /// Reads or generates the data of a kind.
  ///
  /// - Parameters:
  ///   - url: a file or directory; nil for pairs that are generated.
  ///   - encoding: of a saved model, whose normalisation is used.
  init(
    _ kind: PairKind, at url: URL?, _ options: DataOptions, encoding: PairEncoding?
  ) throws(RNNError) {
    let normalization =
      encoding?.source.normalization
      ?? TextNormalization(lowercase: options.lowercase ?? false, digits: options.digits)
    switch (kind, url) {
    case (.transduce, nil): try self.init(transducing: options)
    case (.transduce, let url?):
      throw RNNError(
        .unsupported, url.path, expected: "no data: transductions are generated",
        found: "some")
    case (_, nil):
      throw RNNError(
        .unsupported, "data of \(kind.rawValue)", expected: "a file or directory", found: "none")
    case (.translate, let url?): try self.init(translating: url, options, normalization)
    case (.autoencode, let url?): try self.init(autoencoding: url, options, normalization)
    case (.parse, let url?):
      try self.init(parsing: url, options, normalization, known: encoding?.source)
    }
  }

  /// Reads one part alone.
  init(
    heldOut place: HeldOutPlace, _ options: DataOptions, encoding: PairEncoding
  ) throws(RNNError) {
    let normalization = encoding.source.normalization
    let tests: [(name: String, pairs: [Pair])]
    switch encoding.kind {
    case .translate:
      let sets = try ParallelCorpus.heldOut(
        place, languages: try options.languages.map(LanguagePair.init),
        normalization: normalization)
      tests = sets.map { set in
        (set.name, set.pairs.map { Pair(source: $0.source, target: $0.target) })
      }
    case .autoencode:
      let corpus = try LabeledCorpus(
        heldOut: place, options, table: try SymbolTable(unit: .word, normalization: normalization),
        mostSteps: nil, needsLabels: false)
      let texts = corpus.train.sequences.compactMap { sequence -> [String]? in
        guard case .tokens(let ids) = sequence.input else { return nil }
        return corpus.table.words(of: ids)
      }
      tests = [("test", texts.map { Pair(source: $0, target: $0) })]
    case .parse:
      let isKnown = Self.isKnown(encoding.source)
      let trees = try Treebank.heldOut(place)
      tests = [
        ("test", trees.map { Self.pair($0, options, normalization, isKnown: isKnown) })
      ]
    case .transduce:
      throw RNNError(
        .unsupported, place.origin.path, expected: "no data: transductions are generated",
        found: "some")
    }
    let isValidation = place.part == .validation
    self.init(
      training: [], validation: isValidation ? tests.flatMap(\.pairs) : [],
      tests: isValidation ? [] : tests, units: Units(normalization: normalization),
      summary: "\(encoding.kind.rawValue): write \(tests.reduce(0) { $0 + $1.pairs.count }) "
        + "sequences for others", ownParts: [place.part])
  }

  /// Whether a model knows a word.
  private static func isKnown(_ encoding: TextEncoding) -> (String) -> Bool {
    guard case .words(let words) = encoding.symbols else { return { _ in false } }
    return { words.knownID(of: $0) != nil }
  }

  private static func pair(
    _ tree: BracketedTree, _ options: DataOptions, _ normalization: TextNormalization,
    isKnown: (String) -> Bool
  ) -> Pair {
    Pair(
      source: tree.leaves.map {
        options.parserSource.token(normalization($0.word), tag: $0.tag, isKnown: isKnown)
      },
      target: LinearizedTree.tokens(of: tree, showsTags: options.writesTags), tree: tree)
  }

  private init(
    translating url: URL, _ options: DataOptions, _ normalization: TextNormalization
  ) throws(RNNError) {
    let corpus = try ParallelCorpus(
      directory: url, languages: try options.languages.map(LanguagePair.init),
      normalization: normalization, maximumLength: options.mostWords)
    func pairs(_ sentences: [SentencePair]) -> [Pair] {
      sentences.map { Pair(source: $0.source, target: $0.target) }
    }
    self.init(
      training: pairs(corpus.train), validation: pairs(corpus.validation),
      tests: corpus.tests.map { ($0.name, pairs($0.pairs)) },
      units: Units(normalization: normalization),
      summary: "translate sentences from \(corpus.languages.source) into "
        + "\(corpus.languages.target), learned from \(corpus.train.count)")
  }

  private init(
    autoencoding url: URL, _ options: DataOptions, _ normalization: TextNormalization
  ) throws(RNNError) {
    let table = try SymbolTable(unit: .word, normalization: normalization)
    var corpus = try LabeledCorpus(
      url, options, table: table, mostSteps: nil, needsLabels: false)
    guard corpus.width == nil else {
      throw RNNError(.unsupported, url.path, expected: "texts", found: "time series")
    }
    let own = try corpus.split(options)
    let words = corpus.table
    func pairs(_ part: LabeledPart?, most: Int = .max) -> [Pair] {
      (part?.sequences ?? []).compactMap { sequence in
        guard case .tokens(let ids) = sequence.input, ids.count <= most else { return nil }
        let tokens = words.words(of: ids)
        return Pair(source: tokens, target: tokens)
      }
    }
    let training = pairs(corpus.train, most: options.mostWords ?? .max)
    guard !training.isEmpty else {
      throw RNNError(
        .empty, url.path, expected: "texts of at most \(options.mostWords ?? 0) words",
        found: "none")
    }
    self.init(
      training: training, validation: pairs(corpus.validation),
      tests: [("test", pairs(corpus.test))], units: Units(normalization: normalization),
      summary: "write each of \(training.count) texts again from a vector", ownParts: own)
  }

  /// - Parameter known: of a saved model, in the place of what training shows often enough.
  private init(
    parsing url: URL, _ options: DataOptions, _ normalization: TextNormalization,
    known: TextEncoding?
  ) throws(RNNError) {
    let bank = try Treebank(directory: url, maximumLength: options.mostWords)
    var counts: [ExactText: Int] = [:]
    for word in bank.train.lazy.flatMap(\.words) {
      counts[ExactText(normalization(word)), default: 0] += 1
    }
    let isFrequent = { (word: String) in
      counts[ExactText(word), default: 0] >= options.minimumCount
    }
    let isKnown = known.map(Self.isKnown) ?? isFrequent
    func pairs(_ trees: [BracketedTree]) -> [Pair] {
      trees.map { Self.pair($0, options, normalization, isKnown: isKnown) }
    }
    self.init(
      training: pairs(bank.train), validation: pairs(bank.validation),
      tests: [("test", pairs(bank.test))], units: Units(normalization: normalization),
      summary: "write the brackets over a sentence, learned from \(bank.train.count) trees")
  }

  private init(transducing options: DataOptions) throws(RNNError) {
    guard let kind = options.problem else {
      let names = TransductionKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw RNNError(.unsupported, "problem", expected: "one of \(names)", found: "none")
    }
    let problem = try Transduction(
      kind, lengths: options.lengths, seed: options.seed,
      derivation: options.derivation ?? .byNumber)
    func pairs(_ count: Int, _ part: Transduction.Part) throws(RNNError) -> [Pair] {
      try problem.pairs(count, of: part).map {
        Pair(source: problem.text(source: $0.source), target: problem.text(target: $0.target))
      }
    }
    let unit: TextUnit = kind == .dates ? .character : .word
    let training = try pairs(options.pairs ?? kind.standardPairs, .training)
    guard !training.isEmpty else {
      throw RNNError(.empty, "pairs", expected: "at least one to train on", found: "none")
    }
    self.init(
      training: training, validation: try pairs(kind.heldOutPairs, .validation),
      tests: [("test", try pairs(kind.heldOutPairs, .test))],
      units: Units(source: unit, target: unit),
      symbols: (problem.sourceNames, problem.targetNames),
      summary: "\(kind.rawValue): write a sequence for another, learned from "
        + "\(training.count) generated pairs")
  }
}

extension TransductionKind {
  /// Pairs for training when no other number is asked for.
  public var standardPairs: Int { self == .scan ? 16_000 : 20_000 }

  fileprivate var heldOutPairs: Int { 1000 }
}

extension LanguagePair {
  /// Two names with a comma between them, such as `de,en`.
  ///
  /// Throws `.format` for anything else.
  public init(_ text: String) throws(RNNError) {
    let names = text.split(separator: ",", omittingEmptySubsequences: false)
    guard names.count == 2, names[0] != names[1], names.allSatisfy({ !$0.isEmpty }) else {
      throw RNNError(
        .format, "languages", expected: "two names joined by a comma, such as de,en",
        found: text.excerpt)
    }
    self.init(source: String(names[0]), target: String(names[1]))
  }
}
