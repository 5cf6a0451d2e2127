/// A JSON document that keeps the order of members and numbers as they were written.
public enum JSONText: Hashable, Sendable {
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
  /// Members in their order, each name once.
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
  /// Reads a whole document (RFC 8259) in UTF-8; throws ``RNNError/Kind/format`` with line and byte
  /// of what is none. What the standard leaves open is decided in <doc:JSONAndCSV>.
  ///
  /// Memory: 24 bytes a value, 40 a member and 32 an array or object, beside texts and numbers of
  /// more than 15 bytes.
  ///
  /// - Parameters:
  ///   - bytes: the document; white space around it is allowed.
  ///   - name: what complaints call it.
  public init(parsing bytes: [UInt8], name: String) throws(RNNError) {
    var reader = JSONReader(parsing: bytes, name: name)
    self = try reader.value()
    try reader.end()
  }
}
