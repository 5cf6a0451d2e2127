import RNNCore

/// Numbers the symbols of texts as they are read, before it is known which of them training shows
/// often enough: a corpus is kept as these provisional ids, not as text.
struct SymbolTable {
  let unit: TextUnit
  let normalization: TextNormalization
  /// The words by provisional id; a character's id is its value.
  private var words: [String] = []
  private var ids: [ExactText: Int32] = [:]

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
    var result = line.content.words.map { id(of: normalization($0)) }
    if keepsEnds { result.append(id(of: TextEncoding.endOfLine)) }
    return result
  }

  /// The ids of a text of characters.
  func characters(of text: String) -> [Int32] {
    let cased = normalization.lowercase ? text.lowercased() : text
    return cased.unicodeScalars.map { Int32($0.value) }
  }

  /// The words of provisional ids, for tables of words.
  func words(of ids: [Int32]) -> [String] { ids.map { words[Int($0)] } }

  private mutating func id(of word: String) -> Int32 {
    if let id = ids[ExactText(word)] { return id }
    let id = Int32(words.count)
    ids[ExactText(word)] = id
    words.append(word)
    return id
  }

  /// The symbols that `training` holds: characters in order of value; words seen at least
  /// `minimumCount` times in order of first appearance, except ``TextEncoding/unknownWord``.
  ///
  /// Throws `.vocabulary` where no word comes so often.
  func encoding(
    of training: some Sequence<Int32>, minimumCount: Int
  ) throws(RNNError) -> TextEncoding {
    guard unit == .word else {
      let scalars = Set(training).sorted().compactMap { Unicode.Scalar(UInt32($0)) }
      return TextEncoding(
        symbols: .characters(Vocabulary(scalars)), normalization: normalization,
        isUnknownTrained: false)
    }
    var counts = [Int](repeating: 0, count: words.count)
    var order: [Int] = []
    for id in training {
      if counts[Int(id)] == 0 { order.append(Int(id)) }
      counts[Int(id)] += 1
    }
    let known = order.filter {
      counts[$0] >= minimumCount && words[$0] != TextEncoding.unknownWord
    }
    let vocabulary = Vocabulary(known.map { words[$0] })
    try vocabulary.requireKnown(minimumCount: minimumCount, mostFrequent: counts.max())
    return TextEncoding(
      symbols: .words(vocabulary), normalization: normalization,
      isUnknownTrained: known.count < order.count)
  }

  /// The ids of `encoding` for provisional ones.
  func translated(_ provisional: [Int32], to encoding: TextEncoding) -> [Int32] {
    switch encoding.symbols {
    case .characters(let known):
      provisional.map { id in
        Unicode.Scalar(UInt32(id)).map(known.id) ?? known.unknownID
      }
    case .words(let known): provisional.map { known.id(of: words[Int($0)]) }
    }
  }
}
