import RNNCore

/// Pairs as numbers of the texts that came, before those have ids.
struct PairData {
  /// What tokens are on each side.
  struct Units {
    var source: TextUnit = .word
    var target: TextUnit = .word
    /// What was done to the tokens of texts.
    var normalization = TextNormalization()
  }

  /// The tokens of sources and targets.
  var sources = TokenTable()
  var targets = TokenTable()
  var training = PairPart()
  var validation = PairPart()
  var tests: [(name: String, pairs: PairPart)] = []
  var units = Units()
  /// Symbols of both sides where they are known without the data.
  var symbols: (source: [String], target: [String])?
  var summary = ""
  /// The held-out parts that the data came with.
  var ownParts = Set(HeldOutPart.allCases)

  /// Adds a pair to a part of these data; those for the test to the last set.
  ///
  /// Throws `.file` where there is no room on disk.
  mutating func append(
    source: [String], target: [String], to part: DataPart
  ) throws(RNNError) {
    let (read, written) = (
      source.map { sources.id(of: $0) }, target.map { targets.id(of: $0) }
    )
    switch part {
    case .train: try training.append(read, written)
    case .validation: try validation.append(read, written)
    case .test: try tests[tests.count - 1].pairs.append(read, written)
    }
  }

  /// The vocabularies of the training pairs; one for both sides of an auto-encoder.
  func encoding(_ kind: PairKind, minimumCount: Int) throws(RNNError) -> PairEncoding {
    func side(
      _ table: TokenTable, _ ids: some Sequence<Int32>, _ symbols: [String]?, unit: TextUnit,
      normalization: TextNormalization, minimumCount: Int
    ) throws(RNNError) -> TextEncoding {
      if let symbols {
        return TextEncoding(of: symbols, unit: unit, normalization: normalization)
      }
      precondition(unit == .word, "characters are known without the data")
      let (known, leavesOut) = try table.vocabulary(of: ids, minimumCount: minimumCount)
      return TextEncoding(
        symbols: .words(known), normalization: normalization, isUnknownTrained: leavesOut)
    }
    let source = try side(
      sources, training.sources.elements, symbols?.source, unit: units.source,
      normalization: units.normalization, minimumCount: minimumCount)
    // Brackets are never unknown.
    let target =
      kind == .autoencode
      ? source
      : try side(
        targets, training.targets.elements, symbols?.target, unit: units.target,
        normalization: kind == .parse ? TextNormalization() : units.normalization,
        minimumCount: kind == .parse ? 1 : minimumCount)
    let longest = (0..<training.count).lazy.map { training.targets.length($0) }.max()
    return PairEncoding(
      kind: kind, source: source, target: target, longestTarget: longest ?? 0)
  }

  /// The pairs of a part in ids, made when they are asked for.
  ///
  /// - Parameter set: which of several test sets they are.
  func items(_ part: PairPart, _ encoding: PairEncoding, set: Int = 0) -> ItemList<PairItem> {
    let source = encoding.source.ids(of: sources.tokens)
    let target = encoding.target.ids(of: targets.tokens)
    let names = targets.tokens
    return ItemList(count: part.count, willRead: part.willRead) { index in
      let written = part.targets[index]
      return PairItem(
        source: part.sources[index].map { source[Int($0)] },
        target: written.map { target[Int($0)] },
        reference: part.trees.map { .tree($0[index]) } ?? .tokens(written.map { names[Int($0)] }),
        set: set)
    }
  }
}

extension TextEncoding {
  /// Symbols that are known without data.
  fileprivate init(of symbols: [String], unit: TextUnit, normalization: TextNormalization) {
    let known: Symbols =
      switch unit {
      case .word: .words(Vocabulary(symbols))
      case .character: .characters(Vocabulary(symbols.flatMap(\.unicodeScalars)))
      }
    self.init(symbols: known, normalization: normalization, isUnknownTrained: false)
  }

  /// The ids of tokens, words or characters.
  fileprivate func ids(of tokens: [String]) -> [Int32] {
    switch symbols {
    case .words(let known): tokens.map { known.id(of: $0) }
    case .characters(let known): tokens.map { $0.unicodeScalars.first.map(known.id) ?? unknownID }
    }
  }
}
