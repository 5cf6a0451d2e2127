/// How a text becomes token ids and they a text again.
public struct TextEncoding: Hashable, Sendable {
  /// The symbols by id; one more id stands for all others.
  public enum Symbols: Hashable, Sendable {
    /// Unicode scalars.
    case characters(Vocabulary<Unicode.Scalar>)
    /// What stands between white space.
    case words(Vocabulary<String>)
  }

  /// The symbols that have an id of their own.
  public let symbols: Symbols
  /// What is done to words before they are looked up.
  public let normalization: TextNormalization

  /// Whether training showed symbols that have no id of their own, so that a model knows what the
  /// unknown one stands for.
  public let isUnknownTrained: Bool

  /// What the end of a line is among words.
  public static let endOfLine = "<eos>"
  /// What every unknown word is written as, and what stands for one in a text.
  public static let unknownWord = "<unk>"

  /// Makes an encoding.
  ///
  /// - Parameters:
  ///   - symbols: those with an id of their own.
  ///   - normalization: what is done to words before they are looked up.
  ///   - isUnknownTrained: whether training showed symbols that are not among `symbols`; nil where
  ///     nobody knows, which is taken for yes with words and no with characters.
  public init(
    symbols: Symbols, normalization: TextNormalization = TextNormalization(),
    isUnknownTrained: Bool? = nil
  ) {
    self.symbols = symbols
    self.normalization = normalization
    let isOfWords = if case .words = symbols { true } else { false }
    self.isUnknownTrained = isUnknownTrained ?? isOfWords
  }

  /// Whether symbols are characters or words.
  public var unit: TextUnit {
    switch symbols {
    case .characters: .character
    case .words: .word
    }
  }

  /// The number of known symbols.
  public var count: Int {
    switch symbols {
    case .characters(let known): known.count
    case .words(let known): known.count
    }
  }

  /// The number of ids with the unknown one.
  public var sizeWithUnknown: Int { count + 1 }

  /// The id of whatever is not known.
  public var unknownID: Int32 { Int32(count) }

  /// The token ids of a text. Among words a line end becomes ``endOfLine`` if that is a known one,
  /// and separates words if it is not.
  public func encode(_ text: String) -> [Int32] {
    switch symbols {
    case .characters(let known): return cased(text).unicodeScalars.map(known.id)
    case .words(let known):
      let end = known.knownID(of: Self.endOfLine)
      let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let ids = lines.map { line in
        Substring(line).words.map { known.id(of: normalization($0)) }
      }
      return Array(ids.joined(separator: end.map { [$0] } ?? []))
    }
  }

  /// Ids that a model should not be asked for, since training did not show them.
  public var untrainedIDs: Set<Int> { isUnknownTrained ? [] : [count] }

  /// The symbols of a text that have no id of their own, each once, in order of first appearance.
  public func unknownSymbols(in text: String) -> [String] {
    let symbols: [String] =
      switch symbols {
      case .characters(let known):
        cased(text).unicodeScalars.filter { known.knownID(of: $0) == nil }.map { String($0) }
      case .words(let known):
        text.utf8.split(separator: UInt8(ascii: "\n")).flatMap { Substring($0).words }
          .filter { known.knownID(of: normalization($0)) == nil }
      }
    return Vocabulary(symbols).symbols
  }

  /// The text of token ids: U+FFFD or ``unknownWord`` for the unknown one, words with a blank
  /// between them, a line end for ``endOfLine``.
  public func decode(_ ids: [Int32]) -> String {
    switch symbols {
    case .characters(let known):
      var scalars = String.UnicodeScalarView()
      for id in ids { scalars.append(known.symbol(of: id) ?? "\u{FFFD}") }
      return String(scalars)
    case .words(let known):
      var (text, startsLine) = ("", true)
      for id in ids {
        let word = known.symbol(of: id) ?? Self.unknownWord
        let isEnd = word == Self.endOfLine
        if !isEnd && !startsLine { text += " " }
        text += isEnd ? "\n" : word
        startsLine = isEnd
      }
      return text
    }
  }

  /// Characters know no words to join digits in.
  private func cased(_ text: String) -> String {
    normalization.lowercase ? text.lowercased() : text
  }
}
