import RNNCore

/// Reads files in columns sentence by sentence.
///
/// No more of a file than a sentence is in memory. A sentence is given as soon as the line that
/// ends it is read: an empty one, which belongs to it, or a `-DOCSTART-`, which belongs to the
/// next.
struct ColumnReader {
  private var lines: LineReader
  private let format: ColumnFormat
  /// Whether a word without a tag is an error.
  private let needsTags: Bool
  /// Known once the first word is read.
  private var layout: ColumnLayout?
  /// Lines that are read and belong to later sentences.
  private var ahead: [TextLine] = []
  /// The heading of the columns, before the first sentence.
  private var heading: TextLine?
  private var isStarted = false

  init(_ lines: LineReader, _ format: ColumnFormat, needsTags: Bool) {
    (self.lines, self.format, self.needsTags) = (lines, format, needsTags)
    let isNamed = format.tokenColumn.isField || format.tagColumn.isField
    if isNamed || ColumnLayout.isCoNLLU(name: lines.path) {
      layout = ColumnLayout(format, isCoNLLU: true)
    }
  }

  /// Whether ``next()`` has something to read at once.
  var hasMoreWaiting: Bool { mutating get { !ahead.isEmpty || lines.hasMoreWaiting } }

  /// Whether the file is CoNLL-U, as far as it has been read.
  var isCoNLLU: Bool { layout?.isCoNLLU ?? false }
  /// The number of the column that tags are read from.
  var tagColumn: Int { layout?.tagColumn ?? format.tagColumn.number }

  /// The next sentence, nil after the last. One without words, at the end, holds the lines that
  /// follow the last sentence.
  ///
  /// Throws the errors of ``LineReader``; `.shape`, `.empty` or `.format`, with the line, where a
  /// line lacks what it should have.
  mutating func next() throws(RNNError) -> ColumnSentence? {
    let layout = try settledLayout()
    var sentence = ColumnSentence(layout)
    if let heading = heading.take() { sentence.keep(heading) }
    var isWithin = false
    while let line = try nextLine() {
      switch try layout.content(of: line, isWithin: isWithin) {
      case .blank:
        isWithin = false
        sentence.keep(line)
        if !sentence.words.isEmpty { return sentence }
      case .documentStart:
        guard sentence.words.isEmpty else {
          ahead.insert(line, at: 0)
          return sentence
        }
        isWithin = false
        sentence.keep(line)
      case .comment: sentence.keep(line)
      case .noWord:
        isWithin = true
        sentence.keep(line)
      case .columns(let columns):
        isWithin = true
        try sentence.add(line, columns, needsTag: needsTags)
      }
    }
    return sentence.isEmpty ? nil : sentence
  }

  private mutating func nextLine() throws(RNNError) -> TextLine? {
    ahead.isEmpty ? try lines.next() : ahead.removeFirst()
  }

  /// Looks ahead to the first line that is neither empty nor a comment.
  private mutating func settledLayout() throws(RNNError) -> ColumnLayout {
    if !isStarted, format.skipsHeader { heading = try lines.next() }
    isStarted = true
    if let layout { return layout }
    var isCoNLLU = false
    while let line = try lines.next() {
      ahead.append(line)
      if ColumnLayout.isComment(line.content) || ColumnLayout.columns(of: line.content).isEmpty {
        continue
      }
      isCoNLLU = ColumnLayout.beginsCoNLLU(line.content)
      break
    }
    let layout = ColumnLayout(format, isCoNLLU: isCoNLLU)
    self.layout = layout
    return layout
  }
}

/// A sentence of a file in columns with all its lines.
package struct ColumnSentence {
  private enum Line {
    case word(TextLine)
    /// An empty line, a comment, a document's start, a range, an empty node.
    case other(TextLine)
  }
  private let layout: ColumnLayout
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

  init(_ layout: ColumnLayout) { self.layout = layout }

  var isEmpty: Bool { lines.isEmpty }

  mutating func keep(_ line: TextLine) { lines.append(.other(line)) }

  /// Adds the line of a word. Throws where it lacks the word, or a tag that it needs.
  mutating func add(
    _ line: TextLine, _ columns: [String], needsTag: Bool
  ) throws(RNNError) {
    needsTags = needsTag
    lines.append(.word(line))
    words.append(try layout.value(of: layout.tokenColumn, in: columns, place: line.place))
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
  }

  /// The file and line of a word.
  func place(of word: Int) -> String {
    var words = lines.lazy.compactMap { line in
      if case .word(let text) = line { text } else { nil }
    }.makeIterator()
    for _ in 0..<word { _ = words.next() }
    return words.next()?.place ?? ""
  }

  /// The sentence's lines, without what ends them, with other tags: in their column, or behind the
  /// last one where the file has none. All else is as it was read.
  ///
  /// - Parameter tags: for each word its tag, then what stands in further columns.
  func lines(tagged tags: [[String]]) -> [String] {
    precondition(tags.count == words.count, "one tag a word")
    var rest = tags.makeIterator()
    return lines.map { line in
      switch line {
      case .other(let line): line.content
      case .word(let line): layout.line(line.content, tagged: rest.next() ?? [])
      }
    }
  }
}
