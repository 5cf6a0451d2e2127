import RNNCore

/// What a ``Vocabulary`` numbers.
///
/// Texts are the same symbol only where all their Unicode scalars are the same: é composed and
/// decomposed are two, as in other tools, though Swift's `==` holds for them.
public protocol VocabularySymbol: Hashable, Sendable {
  /// Whether both are the same symbol; then they are equal too.
  static func areSame(_ a: Self, _ b: Self) -> Bool
}

extension VocabularySymbol {
  /// Whether both are equal.
  public static func areSame(_ a: Self, _ b: Self) -> Bool { a == b }
}

extension String: VocabularySymbol {
  /// Whether both have the same scalars.
  public static func areSame(_ a: String, _ b: String) -> Bool { a.hasSameScalars(as: b) }
}

extension Character: VocabularySymbol {
  /// Whether both have the same scalars.
  public static func areSame(_ a: Character, _ b: Character) -> Bool {
    a.unicodeScalars.elementsEqual(b.unicodeScalars)
  }
}

extension Unicode.Scalar: VocabularySymbol {}
extension Int: VocabularySymbol {}
extension Int32: VocabularySymbol {}

/// Symbols numbered from 0, and one more id for every symbol that is not among them.
public struct Vocabulary<Symbol: VocabularySymbol>: Hashable, Sendable {
  /// A symbol that equals only itself.
  private struct Key: Hashable {
    let symbol: Symbol

    init(_ symbol: Symbol) { self.symbol = symbol }

    static func == (a: Key, b: Key) -> Bool { Symbol.areSame(a.symbol, b.symbol) }
    func hash(into hasher: inout Hasher) { symbol.hash(into: &hasher) }
  }

  /// The known symbols by id.
  public let symbols: [Symbol]
  private let ids: [Key: Int32]

  /// Numbers `symbols` in order of first appearance.
  public init(_ symbols: some Sequence<Symbol>) {
    var known: [Symbol] = []
    var ids: [Key: Int32] = [:]
    for symbol in symbols where ids[Key(symbol)] == nil {
      ids[Key(symbol)] = Int32(known.count)
      known.append(symbol)
    }
    self.symbols = known
    self.ids = ids
  }

  /// Numbers those of `symbols` that come at least `minimumCount` times, in order of first
  /// appearance.
  ///
  /// Throws `.vocabulary` where none comes so often: all would be the unknown one.
  public init(_ symbols: some Collection<Symbol>, minimumCount: Int) throws(RNNError) {
    var counts: [Key: Int] = [:]
    for symbol in symbols { counts[Key(symbol), default: 0] += 1 }
    self.init(symbols.lazy.filter { counts[Key($0), default: 0] >= minimumCount })
    try requireKnown(minimumCount: minimumCount, mostFrequent: counts.values.max())
  }

  /// Throws where symbols that come up to `mostFrequent` times left none that is known; nil for no
  /// symbols at all.
  func requireKnown(minimumCount: Int, mostFrequent: Int?) throws(RNNError) {
    guard count == 0, let mostFrequent else { return }
    throw RNNError(
      .vocabulary, "minimum count",
      expected: "at most \(mostFrequent), the count of the most frequent symbol",
      found: "\(minimumCount)")
  }

  /// Whether both number the same symbols alike.
  public static func == (a: Vocabulary, b: Vocabulary) -> Bool { a.ids == b.ids }

  /// Goes over all symbols.
  public func hash(into hasher: inout Hasher) { hasher.combine(symbols) }

  /// The number of known symbols.
  public var count: Int { symbols.count }

  /// The id of whatever is not known: one past the last symbol.
  public var unknownID: Int32 { Int32(symbols.count) }

  /// The number of ids with the unknown one: what an embedding needs.
  public var sizeWithUnknown: Int { symbols.count + 1 }

  /// The symbol's id, nil if it is not known.
  public func knownID(of symbol: Symbol) -> Int32? { ids[Key(symbol)] }

  /// The symbol's id, ``unknownID`` if it is not known.
  public func id(of symbol: Symbol) -> Int32 { ids[Key(symbol)] ?? unknownID }

  /// The symbol of an id, nil for ``unknownID`` and ids outside the vocabulary.
  public func symbol(of id: Int32) -> Symbol? {
    symbols.indices.contains(Int(id)) ? symbols[Int(id)] : nil
  }
}
