/// A tree as a sequence of tokens, for a network that writes one (Vinyals et al., 2015, "Grammar as
/// a foreign language"): `(NP XX XX )NP` for two words under NP.
///
/// A constituent opens with its label behind `(` and closes with its label behind `)`; each word is
/// ``word``, so that words need not be written again, or with its part of speech `XX/NN`: more to
/// learn from each word, which helps attention to go along where trees are few.
public enum LinearizedTree {
  /// What each word is written as.
  public static let word = "XX"

  /// The tokens of a tree: one a word and two a constituent.
  ///
  /// - Parameters:
  ///   - tree: what is written.
  ///   - showsTags: whether words are written with their parts of speech.
  public static func tokens(of tree: BracketedTree, showsTags: Bool = false) -> [String] {
    switch tree {
    case .word(_, let tag): [showsTags ? tagged + tag : word]
    case .phrase(let label, let children):
      ["(" + label] + children.flatMap { tokens(of: $0, showsTags: showsTags) } + [")" + label]
    }
  }

  /// What a word with its part of speech begins with.
  private static let tagged = word + "/"

  /// The tree that `tokens` write over a sentence, whatever they are, and whether they had to be
  /// repaired. Without repair, this is the inverse of ``tokens(of:showsTags:)`` but for parts of
  /// speech.
  ///
  /// From left to right, a closing bracket closes the innermost open constituent of its label and
  /// with it those within; one that nothing open answers to is left out, and so are constituents
  /// without words, tokens of no meaning, words beyond those of the sentence and brackets deeper
  /// than ``BracketedTree/deepest``. Words that are missing at the end go to the innermost open
  /// constituent, else to the root; then all open ones are closed. Several roots get one above
  /// them, ``BracketedTree/rootLabel``, which ``BracketScore`` does not count.
  ///
  /// - Parameters:
  ///   - tokens: what a network wrote, without a symbol for the end.
  ///   - words: the sentence, not empty.
  ///   - tags: the parts of speech, one a word; nil gives each word the one that was written for
  ///     it, else the tag ``word``.
  public static func tree(
    from tokens: some Sequence<String>, words: [String], tags: [String]? = nil
  ) -> (tree: BracketedTree, wasRepaired: Bool) {
    precondition(!words.isEmpty, "a sentence has words")
    precondition(tags == nil || tags?.count == words.count, "one part of speech a word")
    let tags = tags ?? written(tokens, count: words.count)
    var builder = TreeBuilder(leaves: zip(words, tags).map { .word($0, tag: $1) })
    for token in tokens { builder.add(token.hasPrefix(tagged) ? word : token) }
    return (builder.finish(), builder.wasRepaired)
  }
}

extension LinearizedTree {
  /// The parts of speech that stand with the words, ``word`` where none does.
  private static func written(_ tokens: some Sequence<String>, count: Int) -> [String] {
    var tags = tokens.filter { $0 == word || $0.hasPrefix(tagged) }.prefix(count).map { token in
      let tag = token.dropFirst(tagged.count)
      return tag.isEmpty ? word : String(tag)
    }
    tags += Array(repeating: word, count: count - tags.count)
    return tags
  }
}

/// Builds a tree over given words from tokens that may be malformed.
private struct TreeBuilder {
  private(set) var wasRepaired = false
  private var leaves: ArraySlice<BracketedTree>
  /// The open constituents from the root on; the first is none, but holds the roots.
  private var open: [(label: String, children: [BracketedTree])] = [("", [])]

  init(leaves: [BracketedTree]) { self.leaves = leaves[...] }

  mutating func add(_ token: String) {
    let label = String(token.dropFirst())
    if token == LinearizedTree.word, let leaf = leaves.popFirst() {
      append(leaf)
    } else if token.hasPrefix("("), !label.isEmpty, open.count <= BracketedTree.deepest {
      open.append((label, []))
    } else if token.hasPrefix(")"),
      let level = open.dropFirst().lastIndex(where: { $0.label == label })
    {
      if level < open.count - 1 { wasRepaired = true }
      while open.count > level { close() }
    } else {
      wasRepaired = true
    }
  }

  /// Takes in the words that are left, closes what is open and gives the one root.
  mutating func finish() -> BracketedTree {
    if !leaves.isEmpty || open.count > 1 { wasRepaired = true }
    // Words that follow a single closed root belong into it.
    if open.count == 1, open[0].children.count == 1, !leaves.isEmpty,
      case .phrase(let label, let children) = open[0].children[0]
    {
      open = [("", []), (label, children)]
    }
    while let leaf = leaves.popFirst() { append(leaf) }
    while open.count > 1 { close() }
    let roots = open[0].children
    if roots.count == 1 { return roots[0] }
    wasRepaired = true
    return .phrase(label: BracketedTree.rootLabel, children: roots)
  }

  private mutating func append(_ tree: BracketedTree) { open[open.count - 1].children.append(tree) }

  private mutating func close() {
    let (label, children) = open.removeLast()
    if children.isEmpty {
      wasRepaired = true
    } else {
      append(.phrase(label: label, children: children))
    }
  }
}
