import RNNCore

/// Reads files in columns sentence by sentence.
///
/// No more of a file than a sentence and 1000 lines is in memory. A sentence is given as soon as
/// the line that ends it is read: an empty one, which belongs to it, or a `-DOCSTART-`, which
/// belongs to the next.
struct ColumnReader {
  private typealias Line = Result<TextLine, RNNError>

  private var lines: LineReader
  private let format: ColumnFormat
  /// Whether a word without a tag is an error.
  private let needsTags: Bool
  private var layout: ColumnLayout
  /// Whether it is known if the file is CoNLL-U, as it is from the first word on.
  private var isSettled: Bool
  /// Lines from the first on that is a comment in CoNLL-U and a word elsewhere.
  private var undecided: [Line] = []
  /// The sentence that is being read, and those that are read and have not been given out.
  private var open: ColumnSentence
  private var ready: [ColumnSentence] = []
  /// Whether a line of the sentence has been read that is no comment.
  private var isWithin = false
  private var (isStarted, isAtEnd) = (false, false)

  /// How many lines wait for the first word, or stand together without one.
  private static let mostLines = 1000

  init(_ lines: LineReader, _ format: ColumnFormat, needsTags: Bool) {
    (self.lines, self.format, self.needsTags) = (lines, format, needsTags)
    let isNamed = format.tokenColumn.isField || format.tagColumn.isField
    isSettled = isNamed || ColumnLayout.isCoNLLU(name: lines.path)
    layout = ColumnLayout(format, isCoNLLU: isSettled)
    open = ColumnSentence(layout)
  }

  /// Whether ``next(marksErrors:)`` returns at once, with a whole sentence, the end or an error:
  /// false where it would wait for somebody to write more. Takes up what waits already.
  var hasMoreWaiting: Bool {
    mutating get {
      while ready.isEmpty, !isAtEnd, !lines.isBroken {
        guard lines.hasMoreWaiting else { return false }
        try? readLine()
      }
      return true
    }
  }

  /// Whether the file is CoNLL-U, as far as it has been read.
  var isCoNLLU: Bool { layout.isCoNLLU }
  /// The number of the column that tags are read from.
  var tagColumn: Int { layout.tagColumn }

  /// The next sentence, nil after the last. One without words holds lines that belong to none: at
  /// the end, and where there are very many.
  ///
  /// Throws the errors of ``LineReader``; `.shape`, `.empty` or `.format`, with the line, where a
  /// line lacks what it should have.
  ///
  /// - Parameter marksErrors: whether a sentence with a line that cannot be read is given whole,
  ///   with its ``ColumnSentence/error``, so that reading goes on behind it.
  mutating func next(marksErrors: Bool = false) throws(RNNError) -> ColumnSentence? {
    while ready.isEmpty, !isAtEnd {
      try readLine()
      if ready.isEmpty, !marksErrors, let error = open.error { throw error }
    }
    guard !ready.isEmpty else { return nil }
    let sentence = ready.removeFirst()
    if !marksErrors, let error = sentence.error { throw error }
    return sentence
  }

  private mutating func readLine() throws(RNNError) {
    let line: Line
    do throws(RNNError) {
      guard let next = try lines.next() else { return end() }
      line = .success(next)
    } catch {
      guard !lines.isBroken else { throw error }
      line = .failure(error)
    }
    if !isStarted {
      isStarted = true
      if format.skipsHeader { return open.keep(line) }
    }
    take(line)
  }

  private mutating func end() {
    isAtEnd = true
    settle(isCoNLLU: layout.isCoNLLU)
    if !open.isEmpty { close() }
  }

  private mutating func close() {
    ready.append(open)
    open = ColumnSentence(layout)
  }

  /// Adds a line of a sentence, or of none.
  private mutating func add(_ line: Line) {
    guard case .success(let text) = line else { return open.keep(line) }
    do throws(RNNError) {
      switch try layout.content(of: text, isWithin: isWithin) {
      case .blank:
        isWithin = false
        open.keep(line)
        if open.isSentence { close() }
      case .documentStart:
        if open.isSentence { close() }
        isWithin = false
        open.keep(line)
      case .comment: open.keep(line)
      case .noWord:
        isWithin = true
        open.keep(line)
      case .columns(let columns):
        isWithin = true
        try open.add(text, columns, needsTag: needsTags)
      }
    } catch {
      isWithin = true
      open.add(text, error)
    }
    if !open.isSentence, open.lineCount >= Self.mostLines { close() }
  }
}

// MARK: - Whether it is CoNLL-U

extension ColumnReader {
  /// What a line before the first word tells of the file.
  private enum Hint {
    /// Nothing: it is no word in any case.
    case none
    /// It is a comment in CoNLL-U, and a word elsewhere.
    case perhapsComment
    case isCoNLLU(Bool)
  }

  private func hint(_ line: Line) -> Hint {
    guard case .success(let line) = line else { return .none }
    if ColumnLayout.columns(of: line.content).isEmpty { return .none }
    guard ColumnLayout.isComment(line.content) else {
      return .isCoNLLU(ColumnLayout.beginsCoNLLU(line.content))
    }
    if format.skipsComments { return .none }
    return ColumnLayout.isTaggedWord(line.content) ? .isCoNLLU(false) : .perhapsComment
  }

  /// Adds a line, or has it wait until it is known what it is.
  private mutating func take(_ line: Line) {
    if isSettled { return add(line) }
    let hint = hint(line)
    if undecided.isEmpty, case .none = hint { return add(line) }
    undecided.append(line)
    if case .isCoNLLU(let isCoNLLU) = hint {
      settle(isCoNLLU: isCoNLLU)
    } else if undecided.count == Self.mostLines {
      settle(isCoNLLU: false)
    }
  }

  private mutating func settle(isCoNLLU: Bool) {
    isSettled = true
    layout = ColumnLayout(format, isCoNLLU: isCoNLLU)
    open.layout = layout
    let lines = undecided
    undecided = []
    for line in lines { add(line) }
  }
}
