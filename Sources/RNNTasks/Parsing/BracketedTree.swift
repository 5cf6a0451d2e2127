/// A constituent tree: brackets with a label around brackets or a word.
public indirect enum BracketedTree: Hashable, Sendable {
  /// A word under its part of speech: `(NN cat)`.
  case word(String, tag: String)
  /// A constituent with at least one child: `(NP (DT the) (NN cat))`.
  case phrase(label: String, children: [BracketedTree])

  /// How deep brackets may be nested: deeper ones are not of a language, and recursion would not
  /// end well.
  public static let deepest = 500

  /// What joins trees that nothing else joins, and stands for the label of an outer bracket
  /// without one.
  public static let rootLabel = "ROOT"

  /// The label of the constituent or the part of speech of the word.
  public var label: String {
    switch self {
    case .word(_, let tag): tag
    case .phrase(let label, _): label
    }
  }

  /// The words with their parts of speech, from left to right.
  public var leaves: [(word: String, tag: String)] {
    switch self {
    case .word(let word, let tag): [(word, tag)]
    case .phrase(_, let children): children.flatMap(\.leaves)
    }
  }

  /// The words from left to right.
  public var words: [String] { leaves.map(\.word) }

  /// The tree as brackets on one line. Round brackets within words, tags and labels are written as
  /// treebanks do, -LRB- and -RRB-, so that the text can be read again.
  public var text: String {
    switch self {
    case .word(let word, let tag):
      "(\(TreebankBrackets.withoutRound(tag)) \(TreebankBrackets.withoutRound(word)))"
    case .phrase(let label, let children):
      "(\(TreebankBrackets.withoutRound(label)) \(children.map(\.text).joined(separator: " ")))"
    }
  }
}
