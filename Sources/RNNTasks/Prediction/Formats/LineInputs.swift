import RNNCore

/// Reads a text a line, or a class, a tab and a text a line.
struct LineInputs: PredictionReader {
  /// What is made of a line.
  enum Form {
    case text, words
    /// The text with LF, unless it is the last and has no end.
    case textWithEnd
  }

  private var lines: LineReader
  /// Whether lines begin with a class and a tab; nil until the first one shows it.
  private var hasClasses: Bool?
  private let form: Form
  /// Whether the answer takes the place of the class.
  private let replacesClass: Bool
  /// Whether the first line names what stands in those with a class.
  private var skipsHeader: Bool

  init(
    _ lines: LineReader, hasClasses: Bool?, form: Form, replacesClass: Bool, skipsHeader: Bool
  ) {
    (self.lines, self.hasClasses, self.form) = (lines, hasClasses, form)
    (self.replacesClass, self.skipsHeader) = (replacesClass, skipsHeader)
  }

  var hasMoreWaiting: Bool { mutating get { lines.hasMoreWaiting } }

  mutating func next() throws(RNNError) -> PredictionRequest? {
    let line: TextLine
    do throws(RNNError) {
      guard let next = try lines.next() else { return nil }
      line = next
    } catch {
      guard error.kind == .format else { throw error }
      return PredictionRequest(error)
    }
    let tab = line.content.utf8.firstIndex(of: UInt8(ascii: "\t"))
    if hasClasses == nil { hasClasses = tab != nil }
    if hasClasses == true {
      if skipsHeader {
        skipsHeader = false
        return try next()
      }
      return request(line, tab: tab)
    }
    switch form {
    case .text: return PredictionRequest(.text(line.content), place: line.place)
    case .words: return PredictionRequest(.words(line.content.words), place: line.place)
    case .textWithEnd:
      return PredictionRequest(.text(line.content + (line.ending.isEmpty ? "" : "\n")))
    }
  }

  private func request(_ line: TextLine, tab: String.Index?) -> PredictionRequest {
    guard let tab else {
      if line.content.words.isEmpty { return PredictionRequest(.text(""), frame: .row(text: "")) }
      return PredictionRequest(
        RNNError(
          .format, line.place, expected: "a class, a tab and a text",
          found: line.content.excerpt))
    }
    let text = String(line.content[line.content.utf8.index(after: tab)...])
    return PredictionRequest(
      .text(text), frame: replacesClass ? .row(text: text) : .line, place: line.place)
  }
}
