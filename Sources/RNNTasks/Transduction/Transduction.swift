import RNNCore

/// A generated problem of turning sequences into others, in parts for training, validation and test
/// that share no source.
///
/// To which part a pair belongs is a hash of its source and the seed: 8 of 10 are for training, 1
/// each for validation and test. So pairs of any length and number can be drawn, and what is held
/// out is never trained on. Dates are told apart by day, so that a day that is tested is not
/// trained on in another notation either. Within a part no source comes twice.
public struct Transduction: Sendable {
  /// A part of all pairs.
  public enum Part: UInt64, CaseIterable, Sendable {
    /// What is learned from.
    case training = 1
    /// What learning is watched by.
    case validation
    /// What the final score is taken of.
    case test
  }

  /// The rule by which targets follow from sources.
  public let kind: TransductionKind
  /// The lengths of sources that are drawn.
  public let lengths: ClosedRange<Int>
  /// Of the pairs that are drawn.
  public let seed: UInt64
  /// Source tokens by id: numbers, words or characters.
  public let sourceNames: [String]
  /// Target tokens by id.
  public let targetNames: [String]
  /// All pairs, where they are few enough to be listed.
  private let listed: [TransductionPair]
  private let derivation: SeedDerivation

  /// So many draws in a row without a new pair mean that there are no more.
  private static let patience = 20_000

  /// Lengths are drawn uniformly from `lengths` for `copy`, `reverse` and `sort`, which have
  /// `symbols` different tokens; commands are uniform over all of those lengths, and so are the
  /// days of dates and their notations.
  ///
  /// Throws `.range` for lengths below 1 and fewer than 2 symbols.
  ///
  /// - Parameters:
  ///   - kind: the problem.
  ///   - lengths: of the sources; nil for what suits the problem.
  ///   - symbols: how many different tokens there are.
  ///   - seed: decides which pairs belong to which part, and which are drawn first.
  ///   - derivation: how random numbers come from the seed: another for data of models saved
  ///     before.
  public init(
    _ kind: TransductionKind, lengths: ClosedRange<Int>? = nil, symbols: Int = 10,
    seed: UInt64 = 1, derivation: SeedDerivation = .byName
  ) throws(RNNError) {
    self.kind = kind
    self.derivation = derivation
    self.lengths = lengths ?? kind.defaultLengths
    self.seed = seed
    try Self.check(self.lengths)
    guard symbols >= 2, symbols <= Int(Int32.max) else {
      throw RNNError(.range, "symbols", expected: "at least 2", found: "\(symbols)")
    }
    switch kind {
    case .copy, .reverse, .sort:
      sourceNames = (0..<symbols).map(String.init)
      targetNames = sourceNames
    case .scan:
      sourceNames = SCANGrammar.words.symbols
      targetNames = SCANGrammar.actions.symbols
    case .dates:
      sourceNames = DateNotation.characters.symbols.map { String($0) }
      targetNames = CalendarDate.isoCharacters.symbols.map { String($0) }
    }
    listed = kind == .scan ? SCANGrammar.pairs : []
  }

  /// Different pairs of one part in random order, the same ones each time; the first of many are
  /// those of few.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - part: from where.
  ///   - lengths: of the sources; nil for ``lengths``. One length each time shows how quality
  ///     depends on length, and longer ones than those of training how far it reaches.
  ///
  /// Throws `.range` for a negative count, lengths below 1, and when the part has
  /// fewer pairs of these lengths.
  public func pairs(
    _ count: Int, of part: Part, lengths: ClosedRange<Int>? = nil
  ) throws(RNNError) -> [TransductionPair] {
    let lengths = lengths ?? self.lengths
    try Self.check(lengths)
    guard count >= 0 else {
      throw RNNError(.range, "count", expected: "at least 0", found: "\(count)")
    }
    var random = derivation.generator(
      seed: seed, for: RandomStream("\(part) pairs"), numbered: part.rawValue)
    let pairs =
      kind == .scan
      ? Array(listed.shuffled(using: &random).lazy.filter { isIn(part, lengths, $0) }.prefix(count))
      : draw(count, of: part, lengths: lengths, using: &random)
    guard pairs.count == count else {
      throw RNNError(
        .range, "count of \(kind.rawValue)",
        expected: "at most \(pairs.count) pairs of length \(lengths.text)", found: "\(count)")
    }
    return pairs
  }

  /// The part to which a pair of this problem belongs.
  public func part(of pair: TransductionPair) -> Part {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for id in kind == .dates ? pair.target : pair.source {
      hash = (hash ^ UInt64(UInt32(bitPattern: id))) &* 0x0000_0100_0000_01B3
    }
    var random =
      derivation == .byName
      ? RandomGenerator(seed: seed ^ hash, for: .partOfPair)
      : RandomGenerator(seed: seed).numberedStream(hash)
    switch random.next() % 10 {
    case 8: return .validation
    case 9: return .test
    default: return .training
    }
  }

  /// The names of a source's tokens, ids of ``sourceNames``.
  public func text(source: [Int32]) -> [String] { source.map { sourceNames[Int($0)] } }

  /// The names of a target's tokens, ids of ``targetNames``.
  public func text(target: [Int32]) -> [String] { target.map { targetNames[Int($0)] } }

  private func isIn(_ part: Part, _ lengths: ClosedRange<Int>, _ pair: TransductionPair) -> Bool {
    lengths.contains(pair.source.count) && self.part(of: pair) == part
  }

  /// Up to `count` different pairs.
  private func draw(
    _ count: Int, of part: Part, lengths: ClosedRange<Int>, using random: inout RandomGenerator
  ) -> [TransductionPair] {
    var pairs: [TransductionPair] = []
    var known = Set<[Int32]>()
    var misses = 0
    while pairs.count < count, misses < Self.patience {
      let pair = makePair(lengths: lengths, using: &random)
      if isIn(part, lengths, pair), known.insert(pair.source).inserted {
        pairs.append(pair)
        misses = 0
      } else {
        misses += 1
      }
    }
    return pairs
  }

  private func makePair(
    lengths: ClosedRange<Int>, using random: inout RandomGenerator
  ) -> TransductionPair {
    if kind == .dates { return DateNotation.pair(using: &random) }
    let length = Int.random(in: lengths, using: &random)
    let source = (0..<length).map { _ in Int32(random.integer(below: sourceNames.count)) }
    switch kind {
    case .reverse: return TransductionPair(source: source, target: source.reversed())
    case .sort: return TransductionPair(source: source, target: source.sorted())
    case .copy, .scan, .dates: return TransductionPair(source: source, target: source)
    }
  }

  private static func check(_ lengths: ClosedRange<Int>) throws(RNNError) {
    guard lengths.lowerBound < 1 else { return }
    throw RNNError(
      .range, "length of sources", expected: "at least 1", found: "\(lengths.lowerBound)")
  }
}
