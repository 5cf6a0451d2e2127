import RNNCore

/// Pairs as texts, before tokens have ids.
struct PairData {
  struct Pair {
    var source: [String]
    var target: [String]
    /// What is scored; nil for the target's tokens.
    var tree: BracketedTree?

    func item(_ encoding: PairEncoding) -> PairItem {
      PairItem(
        source: encoding.source.ids(of: source), target: encoding.target.ids(of: target),
        reference: tree.map { .tree($0) } ?? .tokens(target))
    }
  }

  /// What tokens are on each side.
  struct Units {
    var source: TextUnit = .word
    var target: TextUnit = .word
    /// What was done to the tokens of texts.
    var normalization = TextNormalization()
  }

  var training: [Pair]
  var validation: [Pair]
  var tests: [(name: String, pairs: [Pair])]
  var units = Units()
  /// Symbols of both sides where they are known without the data.
  var symbols: (source: [String], target: [String])?
  var summary: String
  /// The held-out parts that the data came with.
  var ownParts = Set(HeldOutPart.allCases)

  /// The vocabularies of the training pairs; one for both sides of an auto-encoder.
  func encoding(_ kind: PairKind, minimumCount: Int) throws(RNNError) -> PairEncoding {
    // Brackets are never unknown.
    let leastTarget = kind == .parse ? 1 : minimumCount
    let source = try TextEncoding(
      symbols?.source ?? training.flatMap(\.source), unit: units.source,
      normalization: units.normalization, minimumCount: symbols == nil ? minimumCount : 1)
    let target =
      kind == .autoencode
      ? source
      : try TextEncoding(
        symbols?.target ?? training.flatMap(\.target), unit: units.target,
        normalization: kind == .parse ? TextNormalization() : units.normalization,
        minimumCount: symbols == nil ? leastTarget : 1)
    return PairEncoding(
      kind: kind, source: source, target: target,
      longestTarget: training.map(\.target.count).max() ?? 0)
  }
}

extension TextEncoding {
  /// The tokens that come at least `minimumCount` times, in order of first appearance.
  fileprivate init(
    _ tokens: [String], unit: TextUnit, normalization: TextNormalization, minimumCount: Int
  ) throws(RNNError) {
    switch unit {
    case .word:
      let shown = tokens.filter { $0 != Self.unknownWord }
      let known = try Vocabulary(shown, minimumCount: minimumCount)
      self.init(
        symbols: .words(known), normalization: normalization,
        isUnknownTrained: tokens.contains { known.knownID(of: $0) == nil })
    case .character:
      let shown = tokens.flatMap(\.unicodeScalars)
      let known = try Vocabulary(shown, minimumCount: minimumCount)
      self.init(
        symbols: .characters(known), normalization: normalization,
        isUnknownTrained: shown.contains { known.knownID(of: $0) == nil })
    }
  }

  /// The ids of tokens, words or characters.
  fileprivate func ids(of tokens: [String]) -> [Int32] {
    switch symbols {
    case .words(let known): tokens.map { known.id(of: $0) }
    case .characters(let known): tokens.map { $0.unicodeScalars.first.map(known.id) ?? unknownID }
    }
  }
}
