internal import CLibrary

/// Reads JSON (RFC 8259) piece by piece, so that no tree of it is in memory: the caller says what
/// has to come next, and everything else is an error.
///
/// ```swift
/// var reader = JSONReader(parsing: Array(#"{"rates": [0.1, 1e-3]}"#.utf8), name: "rates.json")
/// var rates: [Double] = []
/// try reader.object { (reader, name) throws(RNNError) in
///   try reader.array { (reader) throws(RNNError) in rates.append(try reader.number()) }
/// }
/// try reader.end()
/// ```
///
/// ``value()`` reads whatever comes as a ``JSONText``. Errors are ``RNNError/Kind/format`` with
/// name, line and byte of the text, and what the chunks throw. What is refused where the standard
/// leaves a choice is in <doc:JSONAndCSV>.
///
/// Memory: a chunk and the longest text or number, and the names of the objects that are open.
public struct JSONReader {
  private var window: ByteWindow
  /// Objects and arrays that are open.
  private var depth = 0
  /// Memory in which ``value()`` collects elements and members, so that arrays of a tree are no
  /// larger than they have to be.
  private var elements = Scratch<JSONText>()
  private var members = Scratch<JSONText.Member>()

  /// Objects and arrays within each other, so that no input exhausts the stack.
  public static let deepest = 64

  /// Bytes that the name of a member may have in UTF-8: to compare names of combining marks alone
  /// takes time that grows with the square of their length.
  public static let longestName = 1 << 12

  /// Reads a text that is in memory; `name` is what complaints call it.
  public init(parsing bytes: [UInt8], name: String) { window = ByteWindow(bytes, name: name) }

  /// Reads a text that comes in pieces.
  ///
  /// - Parameters:
  ///   - name: what complaints call it.
  ///   - chunks: gives the next bytes, some at a time, and nil after the last.
  public init(name: String, chunks: @escaping () throws(RNNError) -> [UInt8]?) {
    window = ByteWindow(name: name, chunks: chunks)
  }

  /// Where the value begins that comes next.
  public mutating func place() throws(RNNError) -> TextPlace {
    try skipSpace()
    return window.place(at: window.position)
  }

  /// Throws if anything but white space follows.
  public mutating func end() throws(RNNError) {
    try skipSpace()
    guard try window.peek() == nil else { throw failure("the end of the JSON text") }
  }

  /// An error about what comes next.
  ///
  /// - Parameters:
  ///   - expected: what would have been right.
  ///   - found: what came; nil for the byte that comes next, or for what the chunks throw instead
  ///     of it.
  public mutating func failure(_ expected: String, found: String? = nil) -> RNNError {
    do throws(RNNError) {
      // That byte may be in the next chunk.
      if found == nil { _ = try window.peek() }
    } catch {
      return error
    }
    return window.failure(expected, found: found, at: window.position)
  }

  /// An error about the text or number that was read last, before anything else is read.
  private mutating func failureAtValue(_ expected: String, found: String) -> RNNError {
    window.failure(expected, found: found, at: window.mark)
  }
}

// MARK: - Objects and arrays

extension JSONReader {
  /// Hands each member's name to `member`, which has to read its value. Throws for a name that
  /// comes twice, compared scalar by scalar, and for one longer than ``longestName``.
  public mutating func object(
    _ member: (inout JSONReader, String) throws(RNNError) -> Void
  ) throws(RNNError) {
    try open(UInt8(ascii: "{"), "a JSON object")
    if try !takeAfterSpace(UInt8(ascii: "}")) {
      var names = UniqueNames()
      repeat {
        let name = try text("a name in quotes")
        guard name.utf8.count <= Self.longestName else {
          throw failureAtValue(
            "a name of at most \(Self.longestName) bytes", found: "\(name.utf8.count) bytes")
        }
        guard names.insert(name) else {
          throw failureAtValue("each name once", found: "\(name.excerpt) again")
        }
        guard try takeAfterSpace(UInt8(ascii: ":")) else { throw failure("a colon") }
        try member(&self, name)
      } while try takeAfterSpace(UInt8(ascii: ","))
      guard try window.take(UInt8(ascii: "}")) else {
        throw failure("a comma or a closing brace")
      }
    }
    depth -= 1
  }

  /// Whether an array comes next.
  public mutating func hasArrayNext() throws(RNNError) -> Bool {
    try skipSpace()
    return try window.peek() == UInt8(ascii: "[")
  }

  /// Calls `element` before each element, which it has to read.
  public mutating func array(
    _ element: (inout JSONReader) throws(RNNError) -> Void
  ) throws(RNNError) {
    try open(UInt8(ascii: "["), "a JSON array")
    if try !takeAfterSpace(UInt8(ascii: "]")) {
      repeat { try element(&self) } while try takeAfterSpace(UInt8(ascii: ","))
      guard try window.take(UInt8(ascii: "]")) else {
        throw failure("a comma or a closing bracket")
      }
    }
    depth -= 1
  }

  private mutating func open(_ bracket: UInt8, _ expected: String) throws(RNNError) {
    guard try takeAfterSpace(bracket) else { throw failure(expected) }
    depth += 1
    guard depth <= Self.deepest else {
      window.position -= 1
      throw failure("at most \(Self.deepest) arrays and objects within each other")
    }
  }

  @inline(__always)
  private mutating func takeAfterSpace(_ byte: UInt8) throws(RNNError) -> Bool {
    try skipSpace()
    return try window.take(byte)
  }

  /// Also lets go what was read before.
  @inline(__always)
  private mutating func skipSpace() throws(RNNError) {
    window.mark = window.position
    if try window.peek().map({ $0 > 0x20 }) == true { return }
    try skipSomeSpace()
  }

  @inline(never)
  private mutating func skipSomeSpace() throws(RNNError) {
    while true {
      window.mark = window.position
      guard let byte = try window.peek(), byte <= 0x20,
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
      else { return }
      window.position += 1
    }
  }
}

/// The names of an object so far.
private struct UniqueNames {
  private var few: [ExactText] = []
  private var many: Set<ExactText> = []

  /// False for one that was there.
  mutating func insert(_ name: String) -> Bool {
    let name = ExactText(name)
    guard many.isEmpty else { return many.insert(name).inserted }
    guard !few.contains(name) else { return false }
    few.append(name)
    if few.count > 8 { many = Set(few) }
    return true
  }
}

/// Arrays to collect elements in, whose memory is used again.
private struct Scratch<Element> {
  private var free: [[Element]] = []

  /// An empty one.
  mutating func taken() -> [Element] { free.popLast() ?? [] }

  /// The same elements without memory to spare where that counts: of short arrays there may be
  /// many.
  mutating func exact(_ collected: consuming [Element]) -> [Element] {
    guard collected.count < 256 else { return collected }
    var exact: [Element] = []
    exact.reserveCapacity(collected.count)
    exact += collected
    collected.removeAll(keepingCapacity: true)
    free.append(collected)
    return exact
  }
}

// MARK: - Values

extension JSONReader {
  /// Any value.
  public mutating func value() throws(RNNError) -> JSONText {
    try skipSpace()
    switch try window.peek() {
    case UInt8(ascii: "{"):
      var collected = members.taken()
      try object { (reader, name) throws(RNNError) in
        collected.append(.init(name, try reader.value()))
      }
      return .object(members.exact(collected))
    case UInt8(ascii: "["):
      var collected = elements.taken()
      try array { (reader) throws(RNNError) in collected.append(try reader.value()) }
      return .array(elements.exact(collected))
    case UInt8(ascii: "\""): return .string(try text("a text in quotes"))
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default:
      try scanNumber("a JSON value")
      return .number(lastText)
    }
  }

  private mutating func word(
    _ word: String, _ value: JSONText
  ) throws(RNNError) -> JSONText {
    for byte in word.utf8 {
      guard try window.take(byte) else { throw failure(word) }
    }
    return value
  }

  /// A number, as the nearest `Double`, ties to even. Throws where it is beyond the largest.
  public mutating func number() throws(RNNError) -> Double {
    try scanNumber("a number")
    let value = Double(decimal: window.bytes.span.extracting(lastRange)) ?? .nan
    guard value.isFinite else {
      throw failureAtValue("a number that 64 bits can hold", found: lastText.excerpt)
    }
    return value
  }

  /// A whole number, however it is written: `12`, `12.0` and `1.2e1` are the same.
  public mutating func integer(in range: ClosedRange<Int>) throws(RNNError) -> Int {
    // Words are made in errors alone: they would cost more than all numbers.
    var expected: String { "a whole number from \(range.lowerBound) to \(range.upperBound)" }
    try scanNumber(expected)
    let digits = DecimalText(window.bytes.span.extracting(lastRange))
    guard let value = digits?.integer, range.contains(value) else {
      throw failureAtValue(expected, found: lastText.excerpt)
    }
    return value
  }

  /// Steps over `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
  private mutating func scanNumber(_ expected: @autoclosure () -> String) throws(RNNError) {
    try skipSpace()
    let isNegative = try window.take(UInt8(ascii: "-"))
    if try window.take(UInt8(ascii: "0")) {
      if let next = try window.peek(), next.isDigit {
        throw failure("no digit after a zero at the beginning")
      }
    } else {
      try skipDigits(isNegative ? "a digit" : expected())
    }
    if try window.take(UInt8(ascii: ".")) { try skipDigits("a digit after the point") }
    if let next = try window.peek(), next | 0x20 == UInt8(ascii: "e") {
      window.position += 1
      if try !window.take(UInt8(ascii: "-")) { _ = try window.take(UInt8(ascii: "+")) }
      try skipDigits("a digit of the exponent")
    }
  }

  private mutating func skipDigits(_ expected: @autoclosure () -> String) throws(RNNError) {
    guard let first = try window.peek(), first.isDigit else { throw failure(expected()) }
    repeat { window.position += 1 } while try window.peek()?.isDigit == true
  }

  /// The bytes of the number that was scanned.
  private var lastRange: Range<Int> { window.mark..<window.position }

  private var lastText: String { String(decoding: window.bytes[lastRange], as: UTF8.self) }
}

// MARK: - Texts

extension JSONReader {
  /// A text in quotes, with escapes replaced by what they mean.
  public mutating func string() throws(RNNError) -> String { try text("a text in quotes") }

  private mutating func text(_ expected: String) throws(RNNError) -> String {
    guard try takeAfterSpace(UInt8(ascii: "\"")) else { throw failure(expected) }
    var hasEscapes = false
    while let byte = try window.peek(), byte != UInt8(ascii: "\""), byte >= 0x20 {
      window.position += 1
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        // What is escaped, so that an escaped quote ends nothing.
        if let escaped = try window.peek(), escaped >= 0x20 { window.position += 1 }
      }
    }
    guard try window.take(UInt8(ascii: "\"")) else {
      throw failure("a closing quote, and escapes in place of control characters")
    }
    let range = window.mark + 1..<window.position - 1
    let text = try window.text(range)
    return hasEscapes ? try unescaped(range) : text
  }

  private mutating func unescaped(_ range: Range<Int>) throws(RNNError) -> String {
    var content: [UInt8] = []
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = window.bytes[index]
      index += 1
      if byte == UInt8(ascii: "\\") {
        content += Array(String(try escaped(at: &index)).utf8)
      } else {
        content.append(byte)
      }
    }
    return String(decoding: content, as: UTF8.self)
  }

  /// What an escape means; `index` is that of the byte after the backslash, then of what comes
  /// after the escape.
  private mutating func escaped(at index: inout Int) throws(RNNError) -> Unicode.Scalar {
    let start = index
    index += 1
    switch window.bytes[start] {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw window.failure(#"one of "\/bfnrtu after a backslash"#, at: start)
    }
    var code = try hexadecimal(at: &index)
    if (0xD800..<0xDC00).contains(code), window.bytes[index...].starts(with: [0x5C, 0x75]) {
      index += 2
      let low = try hexadecimal(at: &index)
      if (0xDC00..<0xE000).contains(low) { code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00) }
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw window.failure(
        "a pair of surrogates", found: "half a pair: \\u\(String(code, radix: 16))", at: start - 1)
    }
    return scalar
  }

  private mutating func hexadecimal(at index: inout Int) throws(RNNError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      // The closing quote is behind every escape.
      guard let digit = Character(Unicode.Scalar(window.bytes[index])).hexDigitValue else {
        throw window.failure("four hexadecimal digits", at: index)
      }
      code = code << 4 | UInt32(digit)
      index += 1
    }
    return code
  }
}
