internal import CLibrary

/// Reads comma-separated values (RFC 4180) record by record; numbers without a text for each field.
///
/// ```swift
/// var reader = CSVReader(parsing: Array("day,price\n1,9.5\n2,9.75\n".utf8), name: "prices.csv")
/// let price = try reader.header().firstIndex(of: "price") ?? 0
/// var prices: [Float] = []
/// while try reader.next() { prices.append(try reader.float(price)) }
/// ```
///
/// Every record has as many fields as the first. Errors name text, line and, where it is about one,
/// the field, counted from 1. What is refused where the standard leaves a choice is in
/// <doc:JSONAndCSV>.
///
/// Memory: a chunk and the longest record.
public struct CSVReader {
  private var window: ByteWindow
  /// Of the record, with places counted from its beginning, at `window.mark`.
  private var fields: [Field] = []
  /// The number of fields of the first record, and its line.
  private var first: (width: Int, line: Int)?
  /// ``longestRecord``; less in tests.
  var mostBytes = Self.longestRecord

  private struct Field {
    var range: Range<Int>
    /// Whether it stood in quotes.
    var isQuoted = false
    /// Whether quotes in it are doubled.
    var hasQuotes = false
  }

  /// Bytes that a record may have without its line's end, so that a quote that is never closed does
  /// not take up all memory.
  public static let longestRecord = 1 << 26

  /// Fields that a record may have: each takes memory of its own, also an empty one.
  public static let mostFields = 1 << 20

  /// Bytes that the name of a column may have: to compare names of combining marks alone takes time
  /// that grows with the square of their length.
  public static let longestName = JSONReader.longestName

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

  // MARK: - Records

  /// The fields of the record.
  public var count: Int { fields.count }

  /// Goes to the next record; false after the last. Lines of white space alone are no records.
  ///
  /// Throws ``RNNError/Kind/format`` for what breaks the format and for a record beyond
  /// ``longestRecord`` or ``mostFields``, ``RNNError/Kind/shape`` for one with more or fewer fields
  /// than the first, and what the chunks throw.
  public mutating func next() throws(RNNError) -> Bool {
    if first == nil { try skipByteOrderMark() }
    repeat {
      fields.removeAll(keepingCapacity: true)
      window.mark = window.position
      guard try window.peek() != nil else { return false }
      repeat { try readField() } while try window.take(UInt8(ascii: ","))
      try endLine()
    } while fields.count == 1 && fields[0].range.isEmpty && !fields[0].isQuoted
    if let first {
      guard fields.count == first.width else {
        let fields = "\(first.width) field\(first.width == 1 ? "" : "s")"
        throw RNNError(
          .shape, place(), expected: "\(fields) as in line \(first.line)", found: "\(count)")
      }
    } else {
      first = (fields.count, window.place(at: window.mark).line)
    }
    return true
  }

  /// Goes to the first record and takes it for names of columns. Throws as ``next()`` does,
  /// ``RNNError/Kind/empty`` where there is no record, and what ``names()`` throws.
  public mutating func header() throws(RNNError) -> [String] {
    guard try next() else {
      throw RNNError(.empty, window.name, expected: "a line of names", found: "nothing")
    }
    return try names()
  }

  /// The fields of the record, which have to be the names of columns. Throws
  /// ``RNNError/Kind/format`` for one that is empty, comes twice or is longer than ``longestName``.
  public mutating func names() throws(RNNError) -> [String] {
    var names: [String] = []
    var known: Set<ExactText> = []
    for column in 0..<count {
      let name = try text(column)
      guard !name.isEmpty else {
        throw failure(column, expected: "the name of a column", found: "an empty field")
      }
      guard name.utf8.count <= Self.longestName else {
        throw failure(
          column, expected: "a name of at most \(Self.longestName) bytes",
          found: "\(name.utf8.count) bytes")
      }
      guard known.insert(ExactText(name)).inserted else {
        throw failure(column, expected: "each column once", found: "\(name.excerpt) again")
      }
      names.append(name)
    }
    return names
  }

  // MARK: - Fields

  /// A field as text, without white space around it unless it is in quotes. Throws
  /// ``RNNError/Kind/format`` where it is not UTF-8 or holds a NUL.
  ///
  /// - Parameter column: from 0 on.
  public mutating func text(_ column: Int) throws(RNNError) -> String {
    let range = bytes(column)
    let text = try window.text(range)
    if let zero = window.bytes[range].firstIndex(of: 0) {
      throw window.failure("text in UTF-8", found: "a NUL", at: zero)
    }
    guard fields[column].hasQuotes else { return text }
    var isSecond = false
    let kept = window.bytes[range].filter { byte in
      isSecond = byte == UInt8(ascii: "\"") && !isSecond
      return byte != UInt8(ascii: "\"") || isSecond
    }
    return String(decoding: kept, as: UTF8.self)
  }

  /// A field as the nearest finite `Double`, ties to even. Throws ``RNNError/Kind/format`` for any
  /// other field.
  ///
  /// - Parameter column: from 0 on.
  public mutating func double(_ column: Int) throws(RNNError) -> Double {
    let value = Double(decimal: window.bytes.span.extracting(bytes(column)))
    guard let value, value.isFinite else { throw try notFinite(column) }
    return value
  }

  /// A field as the nearest finite `Float`, ties to even, rounded once. Throws
  /// ``RNNError/Kind/format`` for any other field.
  ///
  /// - Parameter column: from 0 on.
  public mutating func float(_ column: Int) throws(RNNError) -> Float {
    let value = Float(decimal: window.bytes.span.extracting(bytes(column)))
    guard let value, value.isFinite else { throw try notFinite(column) }
    return value
  }

  private func bytes(_ column: Int) -> Range<Int> {
    let range = fields[column].range
    return range.lowerBound + window.mark..<range.upperBound + window.mark
  }

  // MARK: - Errors

  /// Where the record begins, as `name, line 2`.
  public mutating func place() -> String {
    "\(window.name), line \(window.place(at: window.mark).line)"
  }

  /// An error about a field of the record.
  ///
  /// - Parameters:
  ///   - column: from 0 on.
  ///   - expected: what would have been right.
  ///   - found: what came; nil for the field's text.
  public mutating func failure(
    _ column: Int, expected: String, found: String? = nil
  ) -> RNNError {
    let range = bytes(column)
    let text = found ?? String(decoding: window.bytes[range], as: UTF8.self).excerpt
    let line = window.place(at: range.lowerBound).line
    return RNNError(
      .format, "\(window.name), line \(line), field \(column + 1)", expected: expected, found: text)
  }

  private mutating func notFinite(_ column: Int) throws(RNNError) -> RNNError {
    _ = try text(column)  // What is not UTF-8 is another mistake.
    return failure(column, expected: "a finite number")
  }
}

// MARK: - Bytes

extension CSVReader {
  private mutating func skipByteOrderMark() throws(RNNError) {
    for byte: UInt8 in [0xEF, 0xBB, 0xBF] {
      guard try window.take(byte) else {
        window.position = window.mark
        return
      }
    }
  }

  /// Steps over what ends a record: LF, CR LF, CR or the end of the text.
  private mutating func endLine() throws(RNNError) {
    if try window.take(UInt8(ascii: "\r")) {
      _ = try window.take(UInt8(ascii: "\n"))
    } else if try !window.take(UInt8(ascii: "\n")), try window.peek() != nil {
      let isAfterQuote = fields.last?.isQuoted == true
      throw window.failure(
        isAfterQuote
          ? "a comma or a line's end after a closing quote" : "quotes around a whole field",
        at: window.position)
    }
  }

  private mutating func readField() throws(RNNError) {
    let start = window.position - window.mark
    guard fields.count < Self.mostFields else {
      throw window.failure(
        "at most \(Self.mostFields) fields in a record", found: "more", at: window.position)
    }
    if try window.take(UInt8(ascii: "\"")) { return try readQuotedField(from: start) }
    try skip(from: start) { $0 > UInt8(ascii: ",") || !$0.endsField }
    var range = start..<window.position - window.mark
    if let last = range.last,
      window.bytes[window.mark + range.lowerBound].mayBeSpace
        || window.bytes[window.mark + last].mayBeSpace
    {
      range = window.bytes.span.extracting(window.mark...).trimmed(range)
    }
    fields.append(Field(range: range))
  }

  /// Reads on behind the opening quote, which is at `start`.
  private mutating func readQuotedField(from start: Int) throws(RNNError) {
    var hasQuotes = false
    while true {
      try skip(from: start) { $0 != UInt8(ascii: "\"") }
      guard try window.take(UInt8(ascii: "\"")) else {
        throw window.failure(
          "a closing quote", found: "none before the end", at: window.mark + start)
      }
      guard try window.take(UInt8(ascii: "\"")) else { break }
      hasQuotes = true
    }
    try checkLength(from: start)
    let end = window.position - window.mark - 1
    fields.append(Field(range: start + 1..<end, isQuoted: true, hasQuotes: hasQuotes))
  }

  /// Throws where the record is too long up to here, about the field that begins at `start`.
  @inline(__always)
  private mutating func checkLength(from start: Int) throws(RNNError) {
    guard window.position - window.mark <= mostBytes else {
      throw window.failure(
        "a field that ends within \(mostBytes) bytes of its record",
        found: "none, as if a quote were open", at: window.mark + start)
    }
  }

  /// Steps over bytes of the field that begins at `start`, as many as are of a kind.
  @inline(__always)
  private mutating func skip(
    from start: Int, while isWanted: (UInt8) -> Bool
  ) throws(RNNError) {
    while true {
      window.position = window.index(from: window.position, while: isWanted)
      try checkLength(from: start)
      guard window.position == window.bytes.count, try window.refill() else { return }
    }
  }
}

extension UInt8 {
  /// Whether white space may begin or end with it.
  fileprivate var mayBeSpace: Bool { self <= UInt8(ascii: " ") || self >= 0x80 }

  fileprivate var endsField: Bool {
    self == UInt8(ascii: ",") || self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r")
      || self == UInt8(ascii: "\"")
  }
}
