import FoundationEssentials
import RNNCore

/// Reads JSON (RFC 8259) of a known shape piece by piece, so that no tree of it is in memory: the
/// caller says what has to come next, and everything else is an error with line and byte.
struct JSONReader {
  /// The file's path.
  private let name: String
  private var bytes: [UInt8] = []
  private var position = 0
  /// Where `bytes` start in the whole text.
  private var offset = 0
  private var line = 1
  private var chunks: FileChunks

  private static let longestNumber = 40

  /// Throws ``RNNError/Kind/file`` for what cannot be opened.
  init(reading url: URL) throws(RNNError) {
    chunks = try FileChunks(reading: url)
    name = url.path
  }

  /// Line and byte of what comes next, for complaints.
  var place: String { "\(name), line \(line), byte \(offset + position)" }

  // MARK: - Values

  /// Hands each member's name to `member`, which has to read its value. A name given twice is an
  /// error.
  mutating func object(
    _ member: (inout JSONReader, String) throws(RNNError) -> Void
  ) throws(RNNError) {
    try expect("{", "a JSON object")
    if try take("}") { return }
    var names: Set<String> = []
    repeat {
      let name = try string()
      guard names.insert(name).inserted else {
        throw failure("each name once", found: "\(name.excerpt) again")
      }
      try expect(":", "a colon")
      try member(&self, name)
    } while try take(",")
    try expect("}", "a comma or a closing brace")
  }

  /// Calls `element` before each element, which it has to read.
  mutating func array(_ element: (inout JSONReader) throws(RNNError) -> Void) throws(RNNError) {
    try expect("[", "a JSON array")
    if try take("]") { return }
    repeat { try element(&self) } while try take(",")
    try expect("]", "a comma or a closing bracket")
  }

  /// Also one that is written with a fraction of zero.
  mutating func integer(in range: ClosedRange<Int>) throws(RNNError) -> Int {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    let start = place
    let text = try number(expected)
    let whole = Int(text) ?? Double(text).flatMap { Int(exactly: $0) }
    guard let value = whole, range.contains(value) else {
      throw RNNError(.format, start, expected: expected, found: text)
    }
    return value
  }

  mutating func string() throws(RNNError) -> String {
    try expect("\"", "a text in quotes")
    var content: [UInt8] = []
    while let byte = try peek(), byte != UInt8(ascii: "\""), byte >= 0x20 {
      position += 1
      if byte == UInt8(ascii: "\\") {
        content += try escape()
      } else {
        content.append(byte)
      }
    }
    guard let text = String(validating: content, as: UTF8.self) else {
      throw failure("text in UTF-8", found: "other bytes")
    }
    guard try peek() == UInt8(ascii: "\"") else { throw failure("a closing quote") }
    position += 1
    return text
  }

  /// Nothing but white space may follow.
  mutating func end() throws(RNNError) {
    try skipSpace()
    guard try peek() == nil else { throw failure("the end of the JSON text") }
  }

  /// An error at what comes next.
  mutating func failure(_ expected: String, found: String? = nil) -> RNNError {
    RNNError(.format, place, expected: expected, found: found ?? nextByte)
  }

  // MARK: - Pieces

  /// -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
  private mutating func number(_ expected: String) throws(RNNError) -> String {
    try skipSpace()
    var text: [UInt8] = []
    while let byte = try peek(), text.count < Self.longestNumber, byte.isPartOfNumber {
      text.append(byte)
      position += 1
    }
    guard text.isNumber, try peek()?.isPartOfNumber != true else {
      throw failure(expected, found: text.isEmpty ? nil : String(decoding: text, as: UTF8.self))
    }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func escape() throws(RNNError) -> [UInt8] {
    let plain: [UInt8: UInt8] = [
      0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C,
      UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]
    guard let byte = try peek() else { throw failure("an escape of JSON") }
    position += 1
    if let meant = plain[byte] { return [meant] }
    guard byte == UInt8(ascii: "u") else { throw failure("an escape of JSON", found: "another") }
    var code = try hexadecimal()
    if (0xD800..<0xDC00).contains(code) {
      for byte in [UInt8(ascii: "\\"), UInt8(ascii: "u")] {
        guard try peek() == byte else { throw failure("a pair of surrogates") }
        position += 1
      }
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw failure("a pair of surrogates") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw failure("a pair of surrogates") }
    return Array(String(scalar).utf8)
  }

  private mutating func hexadecimal() throws(RNNError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = try peek(),
        let digit = Character(Unicode.Scalar(byte)).hexDigitValue
      else { throw failure("four hexadecimal digits") }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  // MARK: - Bytes

  private mutating func expect(
    _ character: Unicode.Scalar, _ expected: String
  ) throws(RNNError) {
    guard try take(character) else { throw failure(expected) }
  }

  /// Steps over `character` if it comes next after white space.
  private mutating func take(_ character: Unicode.Scalar) throws(RNNError) -> Bool {
    try skipSpace()
    guard try peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() throws(RNNError) {
    while let byte = try peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      if byte == 0x0A { line += 1 }
      position += 1
    }
  }

  private mutating func peek() throws(RNNError) -> UInt8? {
    if position < bytes.count { return bytes[position] }
    guard let more = try chunks.next() else { return nil }
    offset += bytes.count
    bytes = more
    position = 0
    return bytes[0]
  }

  private var nextByte: String {
    guard position < bytes.count else { return "its end" }
    let byte = bytes[position]
    return (0x21...0x7E).contains(byte)
      ? "'\(Character(Unicode.Scalar(byte)))'" : "byte 0x\(String(byte, radix: 16))"
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  fileprivate var isPartOfNumber: Bool {
    isDigit || self == UInt8(ascii: "-") || self == UInt8(ascii: "+") || self == UInt8(ascii: ".")
      || self == UInt8(ascii: "e") || self == UInt8(ascii: "E")
  }
}

extension [UInt8] {
  /// Whether this is a number of JSON.
  fileprivate var isNumber: Bool {
    var rest = self[...]
    func skip(_ allowed: String) -> Bool {
      guard let first = rest.first, allowed.utf8.contains(first) else { return false }
      rest.removeFirst()
      return true
    }
    func digits() -> Bool {
      let tail = rest.drop(while: \.isDigit)
      defer { rest = tail }
      return tail.count < rest.count
    }
    _ = skip("-")
    guard skip("0") || digits() else { return false }
    if skip("."), !digits() { return false }
    if skip("eE") {
      _ = skip("+-")
      guard digits() else { return false }
    }
    return rest.isEmpty
  }
}
