import RNNCore

/// A sentence of a file in columns with all its lines.
package struct ColumnSentence {
  private enum Line {
    /// Of a word, or of what should have been one.
    case word(TextLine)
    /// An empty line, a comment, a document's start, a range, an empty node.
    case other(TextLine)
    /// What is no text.
    case unreadable(RNNError)
  }
  var layout: ColumnLayout
  private var lines: [Line] = []
  /// One a line of a word.
  private(set) var words: [String] = []
  /// One for each word; nil where a word has none, and where CoNLL-U says `_` of all of them and
  /// tags are not needed.
  var tags: [String]? {
    guard let found else { return nil }
    let isUntagged =
      !needsTags && layout.isCoNLLU && found.allSatisfy { $0 == ColumnLayout.nothing }
    return isUntagged ? nil : found
  }
  private var found: [String]? = []
  private var needsTags = true
  /// What is wrong with its first line that cannot be read.
  private(set) var error: RNNError?

  init(_ layout: ColumnLayout) { self.layout = layout }

  var isEmpty: Bool { lines.isEmpty }
  var lineCount: Int { lines.count }
  /// Whether there is more in it than lines that belong to no sentence.
  package var isSentence: Bool { !words.isEmpty || error != nil }

  /// Adds a line that is no word, or that could not be read.
  mutating func keep(_ line: Result<TextLine, RNNError>) {
    switch line {
    case .success(let line): lines.append(.other(line))
    case .failure(let error):
      lines.append(.unreadable(error))
      self.error = self.error ?? error
    }
  }

  /// Adds a line that is not what it should be.
  mutating func add(_ line: TextLine, _ error: RNNError) {
    lines.append(.word(line))
    self.error = self.error ?? error
  }

  /// Adds the line of a word. Throws, and adds nothing, where it lacks the word, or a tag that it
  /// needs.
  mutating func add(
    _ line: TextLine, _ columns: [String], needsTag: Bool
  ) throws(RNNError) {
    needsTags = needsTag
    let word = try layout.value(of: layout.tokenColumn, in: columns, place: line.place)
    let index = layout.tagIndex(in: columns.count)
    if needsTag {
      let tag = try layout.value(of: layout.tagColumn, in: columns, place: line.place)
      guard index != nil else {
        throw RNNError(
          .shape, line.place, expected: "a word and a tag, in two columns",
          found: columns.count == 1 ? "1 column" : "the same column for both")
      }
      found?.append(tag)
    } else if let index, !columns[index].isEmpty {
      found?.append(columns[index])
    } else {
      found = nil
    }
    lines.append(.word(line))
    words.append(word)
  }

  /// The file and line of a word.
  func place(of word: Int) -> String {
    var words = lines.lazy.compactMap { line in
      if case .word(let text) = line { text } else { nil }
    }.makeIterator()
    for _ in 0..<word { _ = words.next() }
    return words.next()?.place ?? ""
  }

  /// The lines of a sentence without an ``error``, without what ends them, with other tags: in
  /// their column, or behind the last one where the file has none. All else is as it was read.
  ///
  /// - Parameter tags: for each word its tag, then what stands in further columns.
  func lines(tagged tags: [[String]]) -> [String] {
    precondition(error == nil && tags.count == words.count, "one tag a word")
    var rest = tags.makeIterator()
    return lines.map { text(of: $0) { rest.next() } }
  }

  /// The sentence's lines with a mark in the place of every tag, also behind what is no whole word;
  /// a line that is no text is the mark, a tab and what is wrong.
  func lines(marked mark: String) -> [String] {
    lines.map { line in
      guard case .unreadable(let error) = line else { return text(of: line) { [mark] } }
      return "\(mark)\t\("\(error)".replacingLineEnds)"
    }
  }

  private func text(of line: Line, tagged fields: () -> [String]?) -> String {
    switch line {
    case .word(let line): layout.line(line.content, tagged: fields() ?? [])
    case .other(let line): line.content
    case .unreadable: ""
    }
  }
}
