import RNNCore

/// Reads a text a line, or a class, a tab and a text a line.
struct LineInputs: PredictionReader {
  /// What is made of a line.
  enum Form {
    case text, words
    /// The text with LF, unless it is the last and has no end.
    case textWithEnd

    init(_ encoding: TaskEncoding) {
      switch encoding {
      case .tag: self = .words
      case .lm: self = .textWithEnd
      default: self = .text
      }
    }
  }

  /// What a line begins with before a tab.
  enum Rows {
    /// Nothing: a tab is a part of the text.
    case none
    /// A class, in whose place the answer stands.
    case classes
    /// A class that is no part of the text, nor of the answer.
    case dropped
    /// One of these classes, or any text for nil, if the first line with words does; nothing if it
    /// does not.
    case found(classes: [String]?)
  }

  private var lines: LineReader
  private let form: Form
  private var rows: Rows
  /// Whether the first line names what stands in those with a class.
  private var skipsHeader: Bool

  init(_ lines: LineReader, form: Form, rows: Rows, skipsHeader: Bool) {
    (self.lines, self.form, self.rows, self.skipsHeader) = (lines, form, rows, skipsHeader)
  }

  var hasMoreWaiting: Bool { mutating get { lines.hasMoreWaiting } }

  mutating func next() throws(RNNError) -> PredictionRequest? {
    let line: TextLine
    switch try lines.nextOrFault() {
    case nil: return nil
    case .failure(let fault): return PredictionRequest(fault)
    case .success(let next): line = next
    }
    let tab = line.content.utf8.firstIndex(of: UInt8(ascii: "\t"))
    if case .found(let classes) = rows, !line.content.isBlank {
      rows = try Self.rows(line, tab: tab, classes: classes, skipsHeader: skipsHeader)
    }
    switch rows {
    case .none, .found: return PredictionRequest(input(line), place: line.place)
    case .classes, .dropped:
      if skipsHeader {
        skipsHeader = false
        return try next()
      }
      return request(line, tab: tab)
    }
  }

  private func input(_ line: TextLine) -> PredictionInput {
    switch form {
    case .text: .text(line.content)
    case .words: .words(line.content.words)
    case .textWithEnd: .text(line.content + (line.ending.isEmpty ? "" : "\n"))
    }
  }

  /// What the first line with words shows all lines to be.
  private static func rows(
    _ line: TextLine, tab: String.Index?, classes: [String]?, skipsHeader: Bool
  ) throws(RNNError) -> Rows {
    guard let tab else { return .none }
    guard let classes else { return .dropped }
    let label = line.content[..<tab].trimmed
    if skipsHeader || classes.contains(where: label.hasSameScalars) { return .classes }
    guard !HeadingRow().isHeading(label) else {
      throw RNNError(
        .format, line.place, expected: "a class, a tab and a text",
        found: "the heading \(label.excerpt), which skipsHeader (--skip-header) passes over")
    }
    return .none
  }

  private func request(_ line: TextLine, tab: String.Index?) -> PredictionRequest {
    let isKept = if case .classes = rows { true } else { false }
    guard let tab else {
      if line.content.isBlank {
        return PredictionRequest(.text(""), frame: isKept ? .row(text: "") : .line)
      }
      return PredictionRequest(
        RNNError(
          .format, line.place, expected: "a class, a tab and a text",
          found: line.content.excerpt))
    }
    let text = String(line.content[line.content.utf8.index(after: tab)...])
    return PredictionRequest(
      .text(text), frame: isKept ? .row(text: text) : .line, place: line.place)
  }
}
