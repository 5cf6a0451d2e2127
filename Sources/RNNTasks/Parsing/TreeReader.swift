internal import CLibrary
import FoundationEssentials
import RNNCore

/// Reads a file of bracketed trees as the Penn treebank has them, one tree at a time: no more than
/// a tree and a chunk of the file is in memory.
///
/// A tree may go over several lines and lines may hold several trees; its outer bracket may have no
/// label, as in `( (S (NP (PRP I)) (VP (VBP am))) )`. Round brackets within words are not
/// understood; treebanks write them -LRB- and -RRB-, and so are they kept.
public struct TreeReader {
  /// What is done to every tree that is read.
  public let cleaning: TreeCleaning
  private var lines: LineReader
  /// The line that is being read and what of it is left.
  private var place = ""
  private var pieces: ArraySlice<Piece> = []
  /// The tree that is being read: where it starts, its brackets that have no end yet.
  private var start = ""
  private var open: [OpenBracket] = []
  /// A tree that is read and cleaned.
  private var ready: BracketedTree?
  private var isAtEnd = false
  /// What went wrong while it was looked whether more waits.
  private var failure: RNNError?

  /// Throws `.file` for what cannot be opened.
  public init(reading url: URL, cleaning: TreeCleaning = TreeCleaning()) throws(RNNError) {
    self.init(try LineReader(reading: url), cleaning: cleaning)
  }

  /// Reads the trees of lines.
  init(_ lines: LineReader, cleaning: TreeCleaning = TreeCleaning()) {
    (self.lines, self.cleaning) = (lines, cleaning)
  }

  /// Whether ``next()`` returns at once, with a whole tree, the end or an error: false where it
  /// would wait for somebody to write more. Takes up what waits already.
  var hasMoreWaiting: Bool {
    mutating get {
      while ready == nil, !isAtEnd, failure == nil {
        if pieces.isEmpty, !lines.hasMoreWaiting { return false }
        do throws(RNNError) { try readPiece() } catch { failure = error }
      }
      return true
    }
  }

  /// All trees of a file. Throws as ``init(reading:cleaning:)`` and ``next()``, and
  /// `.empty` if there is none.
  public static func trees(
    in url: URL, cleaning: TreeCleaning = TreeCleaning()
  ) throws(RNNError) -> [BracketedTree] {
    var reader = try TreeReader(reading: url, cleaning: cleaning)
    var trees: [BracketedTree] = []
    while let tree = try reader.next() { trees.append(tree) }
    guard !trees.isEmpty else { throw noTrees(in: url) }
    return trees
  }

  /// The error of a file without trees.
  static func noTrees(in url: URL) -> RNNError {
    RNNError(.empty, url.path, expected: "bracketed trees", found: "none")
  }

  /// The next tree, nil after the last; trees of which cleaning leaves nothing are passed over.
  ///
  /// Throws `.format`, with file and line, for brackets that do not match, words
  /// outside brackets, and brackets that hold nothing, two words, or words beside brackets;
  /// `.range` for trees deeper than ``BracketedTree/deepest``; and
  /// `.file` or `.empty` for a file that cannot be read or is empty.
  public mutating func next() throws(RNNError) -> BracketedTree? {
    if let failure { throw failure }
    while ready == nil, !isAtEnd { try readPiece() }
    return ready.take()
  }

  /// Reads a line, or takes a piece of the one that is read.
  private mutating func readPiece() throws(RNNError) {
    guard let piece = pieces.popFirst() else { return try readLine() }
    switch piece {
    case .open:
      if open.isEmpty { start = place }
      guard open.count < BracketedTree.deepest else {
        throw RNNError(
          .range, place, expected: "brackets at most \(BracketedTree.deepest) deep",
          found: "deeper ones")
      }
      open.append(OpenBracket())
    case .atom(let text):
      guard !open.isEmpty else {
        throw failure("( at the start of a tree", found: text.excerpt)
      }
      try open[open.count - 1].add(text, place: place)
    case .close:
      guard let bracket = open.popLast() else {
        throw failure("( at the start of a tree", found: "an unmatched )")
      }
      let tree = try bracket.closed(isOuter: open.isEmpty, place: place)
      if open.isEmpty {
        ready = cleaning(tree)
      } else {
        try open[open.count - 1].add(tree, place: place)
      }
    }
  }

  private mutating func readLine() throws(RNNError) {
    if let line = try lines.next() {
      place = line.place
      pieces = Piece.all(in: line.content)[...]
      return
    }
    guard open.isEmpty else {
      throw RNNError(
        .format, start, expected: "a ) for each ( of the tree that starts here",
        found: "\(open.count) too few at the end of the file")
    }
    isAtEnd = true
  }

  private func failure(_ expected: String, found: String) -> RNNError {
    RNNError(.format, place, expected: expected, found: found)
  }
}

/// A bracket, or what stands between brackets and blanks.
private enum Piece {
  case open, close
  case atom(String)

  static func all(in line: String) -> [Piece] {
    line.words.flatMap { word in
      var pieces: [Piece] = []
      var rest = word.utf8[...]
      while let first = rest.first {
        if first == UInt8(ascii: "(") || first == UInt8(ascii: ")") {
          pieces.append(first == UInt8(ascii: "(") ? .open : .close)
          rest.removeFirst()
        } else {
          let atom = rest.prefix { $0 != UInt8(ascii: "(") && $0 != UInt8(ascii: ")") }
          let text = Substring(atom).trimmed
          if !text.isEmpty { pieces.append(.atom(text)) }
          rest.removeFirst(atom.count)
        }
      }
      return pieces
    }
  }
}

/// A bracket whose end has not been read.
private struct OpenBracket {
  private var label: String?
  private var word: String?
  private var children: [BracketedTree] = []

  mutating func add(_ text: String, place: String) throws(RNNError) {
    if label == nil, children.isEmpty {
      label = text
    } else if word == nil, children.isEmpty {
      word = text
    } else {
      throw RNNError(
        .format, place, expected: "one word or brackets after the label \((label ?? "").excerpt)",
        found: "also \(text.excerpt)")
    }
  }

  mutating func add(_ child: BracketedTree, place: String) throws(RNNError) {
    if let word {
      throw RNNError(
        .format, place, expected: "brackets alone beside brackets", found: word.excerpt)
    }
    children.append(child)
  }

  func closed(isOuter: Bool, place: String) throws(RNNError) -> BracketedTree {
    if let label, let word { return .word(word, tag: label) }
    guard !children.isEmpty else {
      throw RNNError(
        .format, place, expected: "a label and what it holds in each bracket",
        found: label.map { "\($0.excerpt) alone" } ?? "an empty bracket")
    }
    guard let label = label ?? (isOuter ? BracketedTree.rootLabel : nil) else {
      throw RNNError(
        .format, place, expected: "a label in each bracket but the outer one", found: "none")
    }
    return .phrase(label: label, children: children)
  }
}
