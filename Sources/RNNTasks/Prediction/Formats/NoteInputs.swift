import RNNCore

/// Reads pieces of music: a JSON array of steps a line, each an array of MIDI numbers; or one
/// document, an array of pieces or an object of parts as ``PianoRoll`` reads them.
struct NoteInputs: PredictionReader {
  private var lines: LineReader
  private let part: HeldOutPart
  /// Of a document of several pieces.
  private var pieces: ArraySlice<[[Int]]>?
  private var isAtStart = true
  /// Of the piece of a document that came last.
  private var number = 0

  init(_ lines: LineReader, part: HeldOutPart) { (self.lines, self.part) = (lines, part) }

  var hasMoreWaiting: Bool { mutating get { pieces != nil || lines.hasMoreWaiting } }

  mutating func next() throws(RNNError) -> PredictionRequest? {
    if pieces == nil {
      let line: TextLine
      switch try lines.nextOrFault() {
      case nil: return nil
      case .failure(let fault): return PredictionRequest(fault)
      case .success(let next): line = next
      }
      let request = request(line)
      let isDocument = if case .failure = request.input { isAtStart } else { false }
      isAtStart = isAtStart && line.content.isBlank
      guard isDocument, "[{".utf8.contains(line.content.trimmed.utf8.first ?? 0) else {
        return request
      }
      pieces = try document(from: line.content)[...]
    }
    number += 1
    return pieces?.popFirst().map {
      PredictionRequest(.notes($0), place: "\(lines.path), piece \(number)")
    }
  }

  private func request(_ line: TextLine) -> PredictionRequest {
    if line.content.isBlank { return PredictionRequest(.notes([])) }
    do throws(RNNError) {
      var reader = JSONReader(parsing: Array(line.content.utf8), name: line.place)
      let piece = try Self.piece(&reader)
      try reader.end()
      return PredictionRequest(.notes(piece), place: line.place)
    } catch {
      // The line within the line is always 1.
      return PredictionRequest(
        RNNError(error.kind, line.place, expected: error.expected, found: error.found))
    }
  }

  /// All pieces of a text of several lines.
  private mutating func document(from first: String) throws(RNNError) -> [[[Int]]] {
    var text = first
    while let line = try lines.next() { text += "\n" + line.content }
    var reader = JSONReader(parsing: Array(text.utf8), name: lines.path)
    var pieces: [[[Int]]]?
    if try reader.hasArrayNext() {
      pieces = try Self.pieces(&reader)
    } else {
      let wanted = part == .validation ? "valid" : part.rawValue
      try reader.object { (reader, name) throws(RNNError) in
        guard ["train", "valid", "test"].contains(name) else {
          throw reader.failure("train, valid or test", found: name.excerpt)
        }
        let found = try Self.pieces(&reader)
        if name == wanted { pieces = found }
      }
    }
    try reader.end()
    guard let pieces else {
      throw RNNError(
        .format, lines.path, expected: "a part that is called \(part.rawValue)", found: "none")
    }
    return pieces
  }

  private static func pieces(_ reader: inout JSONReader) throws(RNNError) -> [[[Int]]] {
    var pieces: [[[Int]]] = []
    try reader.array { (reader) throws(RNNError) in pieces.append(try piece(&reader)) }
    return pieces
  }

  private static func piece(_ reader: inout JSONReader) throws(RNNError) -> [[Int]] {
    var steps: [[Int]] = []
    try reader.array { (reader) throws(RNNError) in
      var notes: [Int] = []
      try reader.array { (reader) throws(RNNError) in
        notes.append(try reader.integer(in: 0...127))
      }
      steps.append(notes)
    }
    return steps
  }
}
