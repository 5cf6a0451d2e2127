import RNNCore

/// Numbers the symbols of texts as they are read, before it is known which of them training shows
/// often enough: a corpus is kept as these provisional ids, not as text.
struct SymbolTable {
  let unit: TextUnit
  let normalization: TextNormalization
  /// Words by provisional id; a character's id is its value.
  private(set) var words = TokenTable()

  /// Throws `.unsupported` for joined digits of characters.
  init(unit: TextUnit, normalization: TextNormalization) throws(RNNError) {
    guard unit == .word || !normalization.digits else {
      throw RNNError(.unsupported, "digits", expected: "words to join them in", found: "characters")
    }
    self.unit = unit
    self.normalization = normalization
  }

  /// The ids of a line, with its end when `keepsEnds`: among words that is one symbol.
  mutating func ids(of line: TextLine, keepsEnds: Bool) -> [Int32] {
    guard unit == .word else {
      return characters(of: line.content + (keepsEnds ? line.ending : ""))
    }
    var result = line.content.words.map { words.id(of: normalization($0)) }
    if keepsEnds { result.append(words.id(of: TextEncoding.endOfLine)) }
    return result
  }

  /// The ids of a text of characters.
  func characters(of text: String) -> [Int32] {
    let cased = normalization.lowercase ? text.lowercased() : text
    return cased.unicodeScalars.map { Int32($0.value) }
  }

  /// The symbols that `training` holds: characters in order of value; words seen at least
  /// `minimumCount` times in order of first appearance, except ``TextEncoding/unknownWord``.
  ///
  /// Throws `.vocabulary` where no word comes so often.
  func encoding(
    of training: some Sequence<Int32>, minimumCount: Int
  ) throws(RNNError) -> TextEncoding {
    guard unit == .word else {
      var isThere = [Bool](repeating: false, count: 0x11_0000)
      for value in training { isThere[Int(value)] = true }
      let scalars = isThere.indices.lazy.filter { isThere[$0] }
        .compactMap { Unicode.Scalar(UInt32($0)) }
      return TextEncoding(
        symbols: .characters(Vocabulary(Array(scalars))), normalization: normalization,
        isUnknownTrained: false)
    }
    let (known, leavesOut) = try words.vocabulary(of: training, minimumCount: minimumCount)
    return TextEncoding(
      symbols: .words(known), normalization: normalization, isUnknownTrained: leavesOut)
  }

  /// Turns provisional ids into those of `encoding`.
  func renumbering(to encoding: TextEncoding) -> Renumbering {
    switch encoding.symbols {
    case .characters(let known):
      // Most scalars are far below the largest there could be.
      let top = known.symbols.lazy.map(\.value).max() ?? 0
      var ids = [Int32](repeating: known.unknownID, count: Int(top) + 1)
      for (id, scalar) in known.symbols.enumerated() { ids[Int(scalar.value)] = Int32(id) }
      return Renumbering(ids: ids, unknown: known.unknownID)
    case .words(let known):
      return Renumbering(ids: words.tokens.map(known.id), unknown: known.unknownID)
    }
  }

  /// The id of an encoding for each provisional one.
  struct Renumbering: Sendable {
    fileprivate let ids: [Int32]
    fileprivate let unknown: Int32

    func callAsFunction(_ id: Int32) -> Int32 { id < ids.count ? ids[Int(id)] : unknown }

    /// The ids of a whole text. Throws `.file` where there is no room on disk.
    ///
    /// - Parameters:
    ///   - text: in provisional ids.
    ///   - count: of ids, the unknown one among them.
    func callAsFunction(_ text: TokenSequence, below count: Int) throws(RNNError) -> TokenSequence {
      var writer = TokenWriter(width: TokenSequence.Width(below: count))
      try writer.reserve(text.count)
      for id in text { try writer.append(self(id)) }
      return writer.finish()
    }
  }
}
