import RNNCore

/// The pairs of a part as numbers of a ``TokenTable`` for each side.
struct PairPart: Sendable {
  /// What is read.
  var sources = FlatSequences<Int32>()
  /// What is written.
  var targets = FlatSequences<Int32>()
  /// What is scored, where that is not the target's tokens.
  var trees: FlatTrees?

  /// How many pairs there are.
  var count: Int { sources.count }

  /// Adds a pair.
  mutating func append(_ source: [Int32], _ target: [Int32]) throws(RNNError) {
    try sources.append(source)
    try targets.append(target)
  }

  /// Says that some neighbours will be read.
  @Sendable func willRead(_ part: Range<Int>) {
    sources.willRead(part)
    targets.willRead(part)
    trees?.willRead(part)
  }
}

/// Trees as numbers: eight bytes for each word and each constituent, where a ``BracketedTree``
/// takes about a hundred.
struct FlatTrees: Sendable {
  /// The words, their parts of speech and the labels.
  private(set) var names = TokenTable()
  /// From left to right: of a word its number times 3, then that of its part of speech; of a
  /// constituent its label's number times 3, plus 1, and ``close`` at its end.
  private var codes = FlatSequences<Int32>()

  private static let close: Int32 = 2

  /// How many trees there are.
  var count: Int { codes.count }

  /// Says that some neighbours will be read.
  func willRead(_ part: Range<Int>) { codes.willRead(part) }

  /// Adds a tree.
  mutating func append(_ tree: BracketedTree) throws(RNNError) {
    var own: [Int32] = []
    add(tree, to: &own)
    try codes.append(own)
  }

  private mutating func add(_ tree: BracketedTree, to own: inout [Int32]) {
    switch tree {
    case .word(let word, let tag): own += [names.id(of: word) * 3, names.id(of: tag)]
    case .phrase(let label, let children):
      own.append(names.id(of: label) * 3 + 1)
      for child in children { add(child, to: &own) }
      own.append(Self.close)
    }
  }

  subscript(index: Int) -> BracketedTree {
    var rest = codes[index][...]
    return takeTree(&rest)
  }

  private func takeTree(_ rest: inout ArraySlice<Int32>) -> BracketedTree {
    let code = rest.removeFirst()
    let name = names.tokens[Int(code / 3)]
    guard code % 3 == 1 else {
      return .word(name, tag: names.tokens[Int(rest.removeFirst())])
    }
    var children: [BracketedTree] = []
    while rest.first != Self.close { children.append(takeTree(&rest)) }
    rest.removeFirst()
    return .phrase(label: name, children: children)
  }

  /// The numbers of the words of a tree and of their parts of speech.
  func leaves(_ index: Int) -> [(word: Int32, tag: Int32)] {
    var (leaves, rest) = ([(word: Int32, tag: Int32)](), codes[index][...])
    while let code = rest.popFirst() {
      if code % 3 == 0, let tag = rest.popFirst() { leaves.append((code / 3, tag)) }
    }
    return leaves
  }
}
