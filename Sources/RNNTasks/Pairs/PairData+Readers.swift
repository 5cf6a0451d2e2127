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
    let isValidation = place.part == .validation
    self.init()
    (units, ownParts) = (Units(normalization: normalization), [place.part])
    if !isValidation { tests = [("test", PairPart())] }
    let part = DataPart(place.part)
    switch encoding.kind {
    case .translate:
      tests = []
      try ParallelCorpus.heldOut(
        place, languages: try options.languages.map(LanguagePair.init),
        normalization: normalization
      ) { (set, name, pair) throws(RNNError) in
        if !isValidation, set == tests.count { tests.append((name, PairPart())) }
        try append(source: pair.source, target: pair.target, to: part)
      }
    case .autoencode:
      let corpus = try LabeledCorpus(
        heldOut: place, options, table: try SymbolTable(unit: .word, normalization: normalization),
        mostSteps: nil, needsLabels: false)
      try Self.requireTexts(corpus, place.origin)
      (sources, targets) = (corpus.table.words, corpus.table.words)
      set(try Self.texts(corpus.train), for: part)
    case .parse:
      let parts = try trees(options, normalization, known: encoding.source) {
        (take) throws(RNNError) in
        try Treebank.heldOut(place) { (tree) throws(RNNError) in try take(.test, tree) }
      }
      set(parts[.test, default: PairPart()], for: part)
    case .transduce:
      throw RNNError(
        .unsupported, place.origin.path, expected: "no data: transductions are generated",
        found: "some")
    }
    let count = validation.count + tests.reduce(0) { $0 + $1.pairs.count }
    summary = "\(encoding.kind.rawValue): write \(count) sequences for others"
  }

  private init(
    translating url: URL, _ options: DataOptions, _ normalization: TextNormalization
  ) throws(RNNError) {
    self.init()
    units = Units(normalization: normalization)
    let heading = try ParallelCorpus.read(
      url, languages: try options.languages.map(LanguagePair.init), normalization: normalization,
      maximumLength: options.mostWords
    ) { (part, pair) throws(RNNError) in
      switch part {
      case .training: try append(source: pair.source, target: pair.target, to: .train)
      case .validation: try append(source: pair.source, target: pair.target, to: .validation)
      case .test(let index, let name):
        if index == tests.count { tests.append((name, PairPart())) }
        try append(source: pair.source, target: pair.target, to: .test)
      }
    }
    summary =
      "translate sentences from \(heading.languages.source) into "
      + "\(heading.languages.target), learned from \(training.count)"
  }

  private mutating func set(_ pairs: PairPart, for part: DataPart) {
    if part == .validation { validation = pairs } else { tests[tests.count - 1].pairs = pairs }
  }

  private init(
    autoencoding url: URL, _ options: DataOptions, _ normalization: TextNormalization
  ) throws(RNNError) {
    let table = try SymbolTable(unit: .word, normalization: normalization)
    var corpus = try LabeledCorpus(
      url, options, table: table, mostSteps: nil, needsLabels: false)
    try Self.requireTexts(corpus, url)
    self.init()
    units = Units(normalization: normalization)
    ownParts = try corpus.split(options)
    (sources, targets) = (corpus.table.words, corpus.table.words)
    training = try Self.texts(corpus.train, most: options.mostWords ?? .max)
    guard training.count > 0 else {
      throw RNNError(
        .empty, url.path, expected: "texts of at most \(options.mostWords ?? 0) words",
        found: "none")
    }
    validation = try Self.texts(corpus.validation)
    tests = [("test", try Self.texts(corpus.test))]
    summary = "write each of \(training.count) texts again from a vector"
  }

  private static func requireTexts(_ corpus: LabeledCorpus, _ url: URL) throws(RNNError) {
    guard corpus.width == nil else {
      throw RNNError(.unsupported, url.path, expected: "texts", found: "time series")
    }
  }

  /// Each text of at most `most` words for itself: both sides are one array.
  private static func texts(
    _ part: LabeledPart?, most: Int = .max
  ) throws(RNNError) -> PairPart {
    var texts = FlatSequences<Int32>()
    for index in 0..<(part?.count ?? 0) {
      if let ids = part?.tokens(index), ids.count <= most { try texts.append(ids) }
    }
    return PairPart(sources: texts, targets: texts)
  }

  /// - Parameter known: of a saved model, in the place of what training shows often enough.
  private init(
    parsing url: URL, _ options: DataOptions, _ normalization: TextNormalization,
    known: TextEncoding?
  ) throws(RNNError) {
    self.init()
    units = Units(normalization: normalization)
    let parts = try trees(options, normalization, known: known) { (take) throws(RNNError) in
      try Treebank.read(url, maximumLength: options.mostWords, take)
    }
    training = parts[.train, default: PairPart()]
    validation = parts[.validation, default: PairPart()]
    tests = [("test", parts[.test, default: PairPart()])]
    summary = "write the brackets over a sentence, learned from \(training.count) trees"
  }

  /// The trees that `read` hands over, and what a parser reads and writes of them.
  private mutating func trees(
    _ options: DataOptions, _ normalization: TextNormalization, known: TextEncoding?,
    _ read: ((DataPart, BracketedTree) throws(RNNError) -> Void) throws(RNNError) -> Void
  ) throws(RNNError) -> [DataPart: PairPart] {
    var parts: [DataPart: PairPart] = [:]
    var trees: [DataPart: FlatTrees] = [:]
    try read { (part, tree) throws(RNNError) in
      let tokens = LinearizedTree.tokens(of: tree, showsTags: options.writesTags)
      try parts[part, default: PairPart()].targets.append(tokens.map { targets.id(of: $0) })
      try trees[part, default: FlatTrees()].append(tree)
    }
    var reader = ParserReader(
      source: options.parserSource, normalization: normalization, known: known,
      minimumCount: options.minimumCount)
    if let training = trees[.train] { reader.count(training) }
    for part in DataPart.allCases {
      guard let trees = trees[part] else { continue }
      parts[part]?.sources = try reader.sources(trees, &sources)
      parts[part]?.trees = trees
    }
    return parts
  }

  private init(transducing options: DataOptions) throws(RNNError) {
    guard let kind = options.problem else {
      let names = TransductionKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw RNNError(.unsupported, "problem", expected: "one of \(names)", found: "none")
    }
    let problem = try Transduction(
      kind, lengths: options.lengths, seed: options.seed,
      derivation: options.derivation ?? .byNumber)
    self.init()
    let unit: TextUnit = kind == .dates ? .character : .word
    units = Units(source: unit, target: unit)
    symbols = (problem.sourceNames, problem.targetNames)
    tests = [("test", PairPart())]
    for (count, of, part) in [
      (options.pairs ?? kind.standardPairs, Transduction.Part.training, DataPart.train),
      (kind.heldOutPairs, .validation, .validation), (kind.heldOutPairs, .test, .test),
    ] {
      for pair in try problem.pairs(count, of: of) {
        try append(
          source: problem.text(source: pair.source), target: problem.text(target: pair.target),
          to: part)
      }
      guard training.count > 0 else {
        throw RNNError(.empty, "pairs", expected: "at least one to train on", found: "none")
      }
    }
    summary =
      "\(kind.rawValue): write a sequence for another, learned from "
      + "\(training.count) generated pairs"
  }
}

/// Turns the words of trees into what a parser reads of them.
private struct ParserReader {
  let source: ParserSource
  let normalization: TextNormalization
  /// Of a saved model.
  let known: TextEncoding?
  let minimumCount: Int
  private var counts: [ExactText: Int] = [:]

  init(
    source: ParserSource, normalization: TextNormalization, known: TextEncoding?, minimumCount: Int
  ) {
    (self.source, self.normalization) = (source, normalization)
    (self.known, self.minimumCount) = (known, minimumCount)
  }

  /// Counts the words that are learned from.
  mutating func count(_ trees: FlatTrees) {
    var own = [Int](repeating: 0, count: trees.names.tokens.count)
    for index in 0..<trees.count { for leaf in trees.leaves(index) { own[Int(leaf.word)] += 1 } }
    for (word, count) in zip(trees.names.tokens, own) where count > 0 {
      counts[ExactText(normalization(word)), default: 0] += count
    }
  }

  private func isKnown(_ word: String) -> Bool {
    if case .words(let words)? = known?.symbols { return words.knownID(of: word) != nil }
    return counts[ExactText(word), default: 0] >= minimumCount
  }

  /// What is read of each word, as numbers of `table`.
  func sources(
    _ trees: FlatTrees, _ table: inout TokenTable
  ) throws(RNNError) -> FlatSequences<Int32> {
    // A word is looked up once, whatever it is tagged; what stands for its tag once a tag.
    let words = trees.names.tokens.map { normalization($0) }
    let known = words.map(isKnown)
    var ids: [Int32?] = Array(repeating: nil, count: 2 * words.count)
    var sources = FlatSequences<Int32>()
    for index in 0..<trees.count {
      try sources.append(
        trees.leaves(index).map { leaf in
          let (word, tag) = (Int(leaf.word), Int(leaf.tag))
          let place = showsWord(known[word]) ? word : words.count + tag
          if let id = ids[place] { return id }
          let text = source.token(words[word], tag: trees.names.tokens[tag]) { _ in known[word] }
          let id = table.id(of: text)
          ids[place] = id
          return id
        })
    }
    return sources
  }

  private func showsWord(_ isKnown: Bool) -> Bool {
    source == .words || source == .rareTags && isKnown
  }
}

extension TransductionKind {
  /// Pairs for training when no other number is asked for.
  public var standardPairs: Int { self == .scan ? 16_000 : 20_000 }

  package var heldOutPairs: Int { 1000 }
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
