import RNNCore

/// Reads pieces of music: a JSON array of steps a line, each an array of MIDI numbers; or one
/// document, an array of pieces or an object of parts as ``PianoRoll`` reads them.
struct NoteInputs: PredictionReader {
  private var lines: LineReader
  private let part: HeldOutPart
  /// Of a document of several pieces.
  private var pieces: ArraySlice<[[Int]]>?
  private var isAtStart = true

  init(_ lines: LineReader, part: HeldOutPart) { (self.lines, self.part) = (lines, part) }

  var hasMoreWaiting: Bool { mutating get { pieces != nil || lines.hasMoreWaiting } }

  mutating func next() throws(RNNError) -> PredictionRequest? {
    if pieces == nil {
      guard let line = try lines.next() else { return nil }
      if isAtStart, Self.beginsDocument(line.content) {
        pieces = try document(from: line.content)[...]
      } else {
        isAtStart = isAtStart && line.content.words.isEmpty
        return request(line)
      }
    }
    return pieces?.popFirst().map { PredictionRequest(.notes($0)) }
  }

  private func request(_ line: TextLine) -> PredictionRequest {
    if line.content.words.isEmpty { return PredictionRequest(.notes([])) }
    do throws(RNNError) {
      var reader = JSONReader(parsing: Array(line.content.utf8), name: line.place)
      let piece = try Self.piece(&reader)
      try reader.end()
      return PredictionRequest(.notes(piece), place: line.place)
    } catch {
      return PredictionRequest(error)
    }
  }

  /// Whether a first line is that of an object, or of an array of pieces.
  private static func beginsDocument(_ line: String) -> Bool {
    let signs = line.utf8.filter { $0 > 0x20 }.prefix(3)
    return signs.first == UInt8(ascii: "{") || signs.elementsEqual("[[[".utf8)
      || signs.elementsEqual("[".utf8) || signs.elementsEqual("[[".utf8)
  }

  private mutating func document(from first: String) throws(RNNError) -> [[[Int]]] {
    var text = first
    while let line = try lines.next() { text += "\n" + line.content }
    var reader = JSONReader(parsing: Array(text.utf8), name: lines.path)
    var pieces: [[[Int]]] = []
    if text.utf8.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
      let wanted = part == .validation ? "valid" : part.rawValue
      try reader.object { (reader, name) throws(RNNError) in
        guard ["train", "valid", "test"].contains(name) else {
          throw reader.failure("train, valid or test", found: name.excerpt)
        }
        let found = try Self.pieces(&reader)
        if name == wanted { pieces = found }
      }
    } else {
      pieces = try Self.pieces(&reader)
    }
    try reader.end()
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
