/// Where something stands in a text: `name, line 2, byte 17`, with lines from 1 and bytes from 0
/// on.
///
/// The words are made only when they are asked for.
public struct TextPlace: Hashable, Sendable, CustomStringConvertible {
  /// What the text is called, such as a file's path.
  public let name: String
  /// From 1 on.
  public let line: Int
  /// From 0 on, counted from the beginning of the text.
  public let byte: Int

  public var description: String { "\(name), line \(line), byte \(byte)" }
}

/// The part of a text that is in memory while it is read. Bytes come in chunks; those before
/// ``mark`` are let go when the next chunk comes.
struct ByteWindow {
  /// What the text is called.
  let name: String
  private(set) var bytes: [UInt8] = []
  /// Index in ``bytes`` of the byte that comes next.
  var position = 0
  /// Index in ``bytes`` of the first byte that is still needed.
  var mark = 0
  /// How many bytes of the text came before ``bytes``.
  private var offset = 0
  /// The line of the first of ``bytes``.
  private var firstLine = 1
  /// The byte before the first of ``bytes``.
  private var previous: UInt8 = 0
  /// A place whose line is known, from where line ends are counted on.
  private var counted = (index: 0, line: 1)
  private var chunks: (() throws(RNNError) -> [UInt8]?)?

  init(_ bytes: [UInt8], name: String) {
    self.name = name
    self.bytes = bytes
  }

  /// - Parameter chunks: gives the next bytes, some at a time, and nil after the last.
  init(name: String, chunks: @escaping () throws(RNNError) -> [UInt8]?) {
    self.name = name
    self.chunks = chunks
  }

  /// The byte that comes next, nil at the end of the text.
  @inline(__always)
  mutating func peek() throws(RNNError) -> UInt8? {
    if position < bytes.count { return bytes[position] }
    return try refill() ? bytes[position] : nil
  }

  /// Whether that byte came next and was stepped over.
  @inline(__always)
  mutating func take(_ byte: UInt8) throws(RNNError) -> Bool {
    guard try peek() == byte else { return false }
    position += 1
    return true
  }

  /// Index of the first byte of ``bytes`` from `start` on that is not of a kind.
  @inline(__always)
  func index(from start: Int, while isWanted: (UInt8) -> Bool) -> Int {
    let bytes = bytes.span
    var index = start
    while index < bytes.count, isWanted(bytes[index]) { index += 1 }
    return index
  }

  /// Takes up another chunk behind what is kept; false at the end of the text.
  @inline(never)
  mutating func refill() throws(RNNError) -> Bool {
    repeat {
      guard let chunks, let chunk = try chunks() else {
        chunks = nil
        return false
      }
      firstLine = place(at: mark).line
      offset += mark
      position -= mark
      if mark > 0 { previous = bytes[mark - 1] }
      bytes.removeSubrange(..<mark)
      mark = 0
      counted = (0, firstLine)
      bytes += chunk
    } while position == bytes.count
    return true
  }

  /// Where the byte at `index` of ``bytes`` stands.
  mutating func place(at index: Int) -> TextPlace {
    if index < counted.index { counted = (0, firstLine) }
    var line = counted.line
    var last = counted.index == 0 ? previous : bytes[counted.index - 1]
    for byte in bytes[counted.index..<index] {
      if byte == UInt8(ascii: "\n") ? last != UInt8(ascii: "\r") : byte == UInt8(ascii: "\r") {
        line += 1
      }
      last = byte
    }
    counted = (index, line)
    return TextPlace(name: name, line: line, byte: offset + index)
  }

  /// The text of a range of ``bytes``. Throws ``RNNError/Kind/format`` where it is not UTF-8.
  mutating func text(_ range: Range<Int>) throws(RNNError) -> String {
    let wrong: Int
    do throws(UTF8.ValidationError) {
      return String(copying: try UTF8Span(validating: bytes.span.extracting(range)))
    } catch {
      wrong = range.lowerBound + error.byteOffsets.lowerBound
    }
    throw failure(
      "text in UTF-8",
      found: "byte 0x\(String(bytes[wrong], radix: 16))"
        + bytes.span.extracting(range).encodingAdvice,
      at: wrong)
  }

  /// Whether it is the first of ``bytes``, which are those at the beginning of the text.
  private mutating func beginsWithByteOrderMark() -> Bool {
    mark = 0
    while bytes.count < 3, (try? refill()) == true {}
    return bytes.starts(with: [0xEF, 0xBB, 0xBF])
  }

  /// An error about the byte at `index`.
  mutating func failure(
    _ expected: String, found: String? = nil, at index: Int
  ) -> RNNError {
    let place = place(at: index)
    let isMarked = place.byte == 0 && beginsWithByteOrderMark()
    let byte = index < bytes.count ? bytes[index].inMessage : "its end"
    return RNNError(
      .format, "\(place)", expected: expected,
      found: found ?? (isMarked ? "a byte order mark" : byte))
  }
}

extension UInt8 {
  /// As a character if it is a visible one.
  fileprivate var inMessage: String {
    (0x21...0x7E).contains(self)
      ? "'\(Character(Unicode.Scalar(self)))'" : "byte 0x\(String(self, radix: 16))"
  }

  var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
}
