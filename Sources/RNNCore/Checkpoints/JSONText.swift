/// A JSON document that keeps what files must be judged by: the order of members, names given
/// twice, and numbers as they were written.
public indirect enum JSONText: Hashable, Sendable {
  /// A name and its value, as an object holds them.
  public struct Member: Hashable, Sendable {
    /// The name, its escapes resolved.
    public var name: String
    /// What the name stands for.
    public var value: JSONText

    /// Makes a member of its name and value.
    public init(_ name: String, _ value: JSONText) { (self.name, self.value) = (name, value) }
  }

  /// The word `null`.
  case null
  /// The words `true` and `false`.
  case bool(Bool)
  /// As it is written.
  case number(String)
  /// A text, its escapes resolved.
  case string(String)
  /// Values in their order.
  case array([JSONText])
  /// Members in their order; names may come twice.
  case object([Member])

  /// A whole number, written in decimal digits.
  public init(_ value: Int) { self = .number("\(value)") }
  /// The shortest text that reads back as the same number, which must be finite.
  public init(_ value: Float) { self = .number("\(value)") }
  /// An array of texts.
  public init(_ values: [String]) { self = .array(values.map { .string($0) }) }
  /// An array of numbers, each the shortest text that reads back as the same one; all must be
  /// finite.
  public init(_ values: [Float]) { self = .array(values.map { JSONText($0) }) }

  /// On one line, without spaces.
  public var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let text): text
    case .string(let text): Self.quoted(text)
    case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.name) + ":" + $0.value.text }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0}"..."\u{1F}", "\u{7F}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension JSONText {
  /// Reads a whole document (RFC 8259) in UTF-8. Nesting is bounded, so that no input exhausts the
  /// stack.
  ///
  /// - Parameters:
  ///   - bytes: the document; white space around it is allowed.
  ///   - name: what complaints call it.
  public init(parsing bytes: [UInt8], name: String) throws(RNNError) {
    var parser = JSONParser(bytes: bytes, name: name)
    self = try parser.document()
  }
}

/// A recursive-descent parser over bytes.
private struct JSONParser {
  let bytes: [UInt8]
  let name: String
  private var position = 0

  private static let deepest = 16

  init(bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
  }

  mutating func document() throws(RNNError) -> JSONText {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw failure("the end of the JSON text") }
    return value
  }

  // MARK: - Values

  private mutating func value(depth: Int) throws(RNNError) -> JSONText {
    skipSpace()
    guard depth < Self.deepest else { throw failure("at most \(Self.deepest) levels of JSON") }
    switch peek {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func object(depth: Int) throws(RNNError) -> JSONText {
    position += 1
    var members: [JSONText.Member] = []
    var names: Set<String> = []
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw failure("a name in quotes") }
      let start = position
      let member = try string()
      guard names.insert(member).inserted else {
        position = start
        throw failure("each name once", found: "\(member.excerpt) again")
      }
      guard take(":") else { throw failure("a colon") }
      members.append(.init(member, try value(depth: depth + 1)))
    } while take(",")
    guard take("}") else { throw failure("a comma or a closing brace") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(RNNError) -> JSONText {
    position += 1
    var values: [JSONText] = []
    if take("]") { return .array(values) }
    repeat { values.append(try value(depth: depth + 1)) } while take(",")
    guard take("]") else { throw failure("a comma or a closing bracket") }
    return .array(values)
  }

  private mutating func word(_ text: String, _ value: JSONText) throws(RNNError) -> JSONText {
    guard bytes[position...].starts(with: text.utf8) else { throw failure("a JSON value") }
    position += text.utf8.count
    return value
  }

  /// -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
  private mutating func number() throws(RNNError) -> String {
    let start = position
    skip("-")
    if !skip("0") { try digits() }
    if skip(".") { try digits() }
    if skip("e") || skip("E") {
      if !skip("-") { skip("+") }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws(RNNError) {
    let start = position
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    guard position > start else { throw failure("a JSON value") }
  }

  // MARK: - Strings

  private mutating func string() throws(RNNError) -> String {
    let start = position
    position += 1
    var content: [UInt8] = []
    while let byte = peek, byte != UInt8(ascii: "\""), byte >= 0x20 {
      position += 1
      if byte == UInt8(ascii: "\\") {
        try escape(into: &content)
      } else {
        content.append(byte)
      }
    }
    guard skip("\"") else { throw failure("a closing quote") }
    guard let text = String(validating: content, as: UTF8.self) else {
      position = start
      throw failure("text in UTF-8", found: "other bytes")
    }
    return text
  }

  private mutating func escape(into content: inout [UInt8]) throws(RNNError) {
    let plain: [UInt8: UInt8] = [
      UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F,
      UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A,
      UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]
    if let byte = peek, let meant = plain[byte] {
      position += 1
      content.append(meant)
      return
    }
    guard skip("u") else { throw failure("an escape of JSON") }
    var code = try hexadecimal()
    if (0xD800..<0xDC00).contains(code), skip("\\"), skip("u") {
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw failure("a pair of surrogates") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw failure("a pair of surrogates") }
    content += Array(String(Character(scalar)).utf8)
  }

  private mutating func hexadecimal() throws(RNNError) -> UInt32 {
    let end = position + 4
    guard end <= bytes.count,
      bytes[position..<end].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16)
    else { throw failure("four hexadecimal digits") }
    position = end
    return code
  }

  // MARK: - Bytes

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  @discardableResult
  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// The same after white space.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    return skip(character)
  }

  private mutating func skipSpace() {
    while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private func failure(_ expected: String, found: String? = nil) -> RNNError {
    let what =
      peek.map { byte in
        (0x21...0x7E).contains(byte)
          ? "'\(Character(Unicode.Scalar(byte)))'" : "byte 0x\(String(byte, radix: 16))"
      } ?? "its end"
    return RNNError(
      .format, name, expected: expected, found: "\(found ?? what) at byte \(position)")
  }
}

extension String {
  /// In quotes, short, on one line: text from a file in a message.
  package var excerpt: String {
    let limit = 60
    var result = "'"
    for (index, scalar) in unicodeScalars.enumerated() {
      if index == limit { return result + "…'" }
      let isShown =
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
      result.unicodeScalars.append(isShown ? scalar : "\u{FFFD}")
    }
    return result + "'"
  }
}
