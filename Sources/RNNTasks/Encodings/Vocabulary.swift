import RNNCore

/// Symbols numbered from 0, and one more id for every symbol that is not among them.
public struct Vocabulary<Symbol: Hashable & Sendable>: Hashable, Sendable {
  /// The known symbols by id.
  public let symbols: [Symbol]
  private let ids: [Symbol: Int32]

  /// Numbers `symbols` in order of first appearance.
  public init(_ symbols: some Sequence<Symbol>) {
    var known: [Symbol] = []
    var ids: [Symbol: Int32] = [:]
    for symbol in symbols where ids[symbol] == nil {
      ids[symbol] = Int32(known.count)
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
    var counts: [Symbol: Int] = [:]
    for symbol in symbols { counts[symbol, default: 0] += 1 }
    self.init(symbols.lazy.filter { counts[$0, default: 0] >= minimumCount })
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

  /// The number of known symbols.
  public var count: Int { symbols.count }

  /// The id of whatever is not known: one past the last symbol.
  public var unknownID: Int32 { Int32(symbols.count) }

  /// The number of ids with the unknown one: what an embedding needs.
  public var sizeWithUnknown: Int { symbols.count + 1 }

  /// The symbol's id, nil if it is not known.
  public func knownID(of symbol: Symbol) -> Int32? { ids[symbol] }

  /// The symbol's id, ``unknownID`` if it is not known.
  public func id(of symbol: Symbol) -> Int32 { ids[symbol] ?? unknownID }

  /// The symbol of an id, nil for ``unknownID`` and ids outside the vocabulary.
  public func symbol(of id: Int32) -> Symbol? {
    symbols.indices.contains(Int(id)) ? symbols[Int(id)] : nil
  }
}
