import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Reading CSV")
struct CSVReaderTests {
  private static func rows(_ reader: inout CSVReader) throws(RNNError) -> [[String]] {
    var rows: [[String]] = []
    while try reader.next() {
      var row: [String] = []
      for column in 0..<reader.count { row.append(try reader.text(column)) }
      rows.append(row)
    }
    return rows
  }

  private static func reader(_ bytes: [UInt8], chunk: Int) -> CSVReader {
    var rest = bytes[...]
    return CSVReader(name: "a.csv") { () throws(RNNError) in
      defer { rest = rest.dropFirst(chunk) }
      return rest.isEmpty ? nil : Array(rest.prefix(chunk))
    }
  }

  /// Reads whole, and in chunks of one, two and seven bytes, which must give the same.
  private static func read(
    _ bytes: [UInt8], mostBytes: Int = CSVReader.longestRecord
  ) -> Result<[[String]], RNNError> {
    var reader = CSVReader(parsing: bytes, name: "a.csv")
    reader.mostBytes = mostBytes
    let whole = Result { () throws(RNNError) in try rows(&reader) }
    for size in [1, 2, 7] {
      var reader = Self.reader(bytes, chunk: size)
      reader.mostBytes = mostBytes
      let pieces = Result { () throws(RNNError) in try rows(&reader) }
      #expect(pieces == whole, "chunks of \(size)")
    }
    return whole
  }

  /// What Python 3.11 reads: `list(csv.reader(io.StringIO(text, newline=""), strict=True))`.
  private static let python: [(String, [[String]])] = [
    ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]), ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
    ("a,b\r\n\"x, y\",\"z \"\"q\"\"\"\r\n", [["a", "b"], ["x, y", "z \"q\""]]),
    ("\"two\r\nlines\",\"two\nlines\"\r\n,\r\n", [["two\r\nlines", "two\nlines"], ["", ""]]),
    ("\"a\"\"b\",\"\"\"\"\n\"\",x\n", [["a\"b", "\""], ["", "x"]]),
    ("é,€😀\n\"  b  \",c\n", [["é", "€😀"], ["  b  ", "c"]]),
  ]

  @Test("Every production of RFC 4180 is read as Python reads it", arguments: python)
  func productions(_ text: String, _ rows: [[String]]) throws {
    #expect(try Self.read(Array(text.utf8)).get() == rows)
  }

  /// Where the standard leaves a choice, or files do not follow it.
  private static let choices: [(String, [[String]])] = [
    ("", []), ("\n \r\n\t\n", []), ("\u{FEFF}", []), ("\u{FEFF}a\n", [["a"]]),
    ("\u{FEFF}\"a\"", [["a"]]), ("a\n\u{FEFF}b\n", [["a"], ["b"]]),
    ("\u{A0}a\u{A0}b\u{3000},\u{B}é\u{200B}\n", [["a\u{A0}b", "é"]]), ("\u{A0}\n", []),
    (" a ,\tb\t\n", [["a", "b"]]), ("a\n\n \nb\n\n", [["a"], ["b"]]),
    ("\"\"\n\" \"\n", [[""], [" "]]),
    ("a,\n , \n", [["a", ""], ["", ""]]), ("a\tb\n", [["a\tb"]]),
    ("a\rb\r\rc\r\nd\r\r\ne\r", [["a"], ["b"], ["c"], ["d"], ["e"]]),
    ("\"a\"\r\"b\r\"", [["a"], ["b\r"]]), ("\u{1}\n", [["\u{1}"]]),
    ("\"\"\"\u{301}\"", [["\"\u{301}"]]), ("\"\"\"\"\"\"", [["\"\""]]), ("a;b\n", [["a;b"]]),
    ("'a', 'b'", [["'a'", "'b'"]]), ("#a\n", [["#a"]]),
  ]

  @Test("What the standard leaves open is decided", arguments: choices)
  func decisions(_ text: String, _ rows: [[String]]) throws {
    #expect(
      try Self.read(Array(text.utf8)).get().map { $0.map { Array($0.unicodeScalars) } }
        == rows.map { $0.map { Array($0.unicodeScalars) } })
  }

  /// Text, the whole message.
  private static let broken: [(String, String)] = [
    ("a\n\"b", "line 2, byte 2: expected a closing quote, found none before the end"),
    ("a,\"b\"\"\n\n\n", "line 1, byte 2: expected a closing quote, found none before the end"),
    ("\"", "line 1, byte 0: expected a closing quote, found none before the end"),
    (
      "\"a\"b\n",
      "line 1, byte 3: expected a comma or a line's end after a closing quote, found 'b'"
    ),
    (
      "\"a\" ,b\n",
      "line 1, byte 3: expected a comma or a line's end after a closing quote, found byte 0x20"
    ),
    (
      "\n\"a\" \"b\"\n",
      "line 2, byte 4: expected a comma or a line's end after a closing quote, found byte 0x20"
    ),
    ("a\"b\n", "line 1, byte 1: expected quotes around a whole field, found '\"'"),
    ("a, \"b\"\n", "line 1, byte 3: expected quotes around a whole field, found '\"'"),
    ("a\0b\n", "line 1, byte 1: expected text in UTF-8, found a NUL"),
    ("a\rb\r\nc,d\r", "line 3: expected 1 field as in line 1, found 2"),
    ("\"a\r\n\r\n\"\r\rb,c", "line 5: expected 1 field as in line 1, found 2"),
    ("a,b\n1\n", "line 2: expected 2 fields as in line 1, found 1"),
    ("\n\na\n\n1,2\n", "line 5: expected 1 field as in line 3, found 2"),
    ("\"a\nb\",c\n\"d\ne\nf\"\n", "line 3: expected 2 fields as in line 1, found 1"),
    ("a,b\n1,2,\n", "line 2: expected 2 fields as in line 1, found 3"),
  ]

  @Test("Every way to break the format is refused, with its line", arguments: broken)
  func refuses(_ text: String, message: String) {
    guard case .failure(let error) = Self.read(Array(text.utf8)) else {
      Issue.record("nothing was thrown")
      return
    }
    #expect(error.description == "a.csv, \(message)")
  }

  @Test("Bytes that are not UTF-8 are refused where a text or number is made of them")
  func invalidBytes() {
    let bytes = Array("a,b\n1,\"x".utf8) + [0xE9] + Array("\"\n".utf8)
    guard case .failure(let error) = Self.read(bytes) else {
      Issue.record("nothing was thrown")
      return
    }
    #expect(
      error.description == "a.csv, line 2, byte 8: expected text in UTF-8, found byte 0xe9, as in "
        + "Latin-1, which iconv -f LATIN1 -t UTF-8 converts")
    var reader = CSVReader(parsing: bytes, name: "a.csv")
    let number = #expect(throws: RNNError.self) {
      while try reader.next() { _ = try reader.float(1) }
    }
    #expect(
      number?.description.hasPrefix("a.csv, line 1, field 2: expected a finite number") == true)
  }

  @Test("Names of columns are there once each")
  func names() throws {
    for (text, message) in [
      ("a,b,a\n", "line 1, field 3: expected each column once, found 'a' again"),
      ("\na, ,c\n", "line 2, field 2: expected the name of a column, found an empty field"),
      ("a,\"\"\n", "line 1, field 2: expected the name of a column, found an empty field"),
      (
        "a," + String(repeating: "\u{301}", count: 2049),
        "line 1, field 2: expected a name of at most 4096 bytes, found 4098 bytes"
      ),
    ] {
      var reader = CSVReader(parsing: Array(text.utf8), name: "a.csv")
      let error = #expect(throws: RNNError.self) { try reader.header() }
      #expect(error?.description == "a.csv, \(message)")
    }
    var reader = CSVReader(parsing: [], name: "a.csv")
    #expect(#expect(throws: RNNError.self) { try reader.header() }?.kind == .empty)
    reader = CSVReader(parsing: Array("x,\"y z\"\n1,2\n".utf8), name: "a.csv")
    #expect(try reader.header() == ["x", "y z"])
    #expect(try Self.rows(&reader) == [["1", "2"]])
  }

  @Test("Numbers are the nearest finite ones, quoted or not")
  func numbers() throws {
    let text = "0.1, -2e3 ,\"7\",+.5,16777217,1e-50\n"
    var reader = CSVReader(parsing: Array(text.utf8), name: "a.csv")
    #expect(try reader.next())
    let doubles = try (0..<reader.count).map { try reader.double($0) }
    #expect(doubles == [0.1, -2000, 7, 0.5, 16_777_217, 1e-50])
    let floats = try (0..<reader.count).map { try reader.float($0) }
    #expect(floats == [0.1, -2000, 7, 0.5, 16_777_216, 0])
    for bad in [
      "", "x", "1 2", "nan", "inf", "0x10", "1e999", "\"1,5\"", "\"1\"\"\"", "1_000", "١",
    ] {
      var reader = CSVReader(parsing: Array("0,0\n0,\(bad)\n".utf8), name: "a.csv")
      _ = try reader.next()
      #expect(try reader.next())
      let errors = [
        #expect(throws: RNNError.self) { try reader.double(1) },
        #expect(throws: RNNError.self) { try reader.float(1) },
      ]
      for error in errors {
        #expect(error?.argument == "a.csv, line 2, field 2", "\(bad)")
        #expect(error?.expected == "a finite number")
      }
    }
  }

  @Test("A record that does not end is refused before it takes up all memory")
  func longRecord() {
    var count = 0
    var reader = CSVReader(name: "a.csv") { () throws(RNNError) in
      count += 1
      return count == 1 ? Array("a\n\"".utf8) : [UInt8](repeating: 0x78, count: 1 << 20)
    }
    let error = #expect(throws: RNNError.self) { while try reader.next() {} }
    #expect(error?.argument == "a.csv, line 2, byte 2" && count < 80)
  }

  @Test("A record has so many bytes, in memory and in chunks, and so many fields")
  func limits() throws {
    #expect(
      try Self.read(Array("abc,defg\r\n\"bc\",\"fg\"\n".utf8), mostBytes: 9).get()
        == [["abc", "defg"], ["bc", "fg"]])
    for (text, place) in [
      ("abc,defghi\n", "line 1, byte 4"), ("a,b\nc,\"d\nefghij\"\n", "line 2, byte 6"),
      ("a\n\"\"\"\"\"\"\"\"\"\"\n", "line 2, byte 2"), ("a,\"bcdefghi", "line 1, byte 2"),
    ] {
      guard case .failure(let error) = Self.read(Array(text.utf8), mostBytes: 9) else {
        Issue.record("nothing was thrown for \(text)")
        continue
      }
      #expect(error.argument == "a.csv, \(place)", "\(text)")
      #expect(error.expected == "a field that ends within 9 bytes of its record")
    }
    var commas = [UInt8](repeating: UInt8(ascii: ","), count: CSVReader.mostFields - 1)
    var reader = CSVReader(parsing: commas, name: "a.csv")
    #expect(try reader.next() && reader.count == CSVReader.mostFields)
    commas.append(UInt8(ascii: ","))
    reader = CSVReader(parsing: commas, name: "a.csv")
    let error = #expect(throws: RNNError.self) { try reader.next() }
    #expect(error?.argument == "a.csv, line 1, byte 1048576" && error?.kind == .format)
  }

  @Test("Changed bytes are read or refused, alike in all chunks")
  func fuzz() throws {
    let text = "a,b,c\r\n1,\"x, \"\"y\"\"\",-2.5\r\n\"two\r\nlines\",,0\r\né,\"\", 7 \r\n"
    var mutator = Mutator(seed: 4)
    var (read, refused) = (0, 0)
    for _ in 0..<6000 {
      switch Self.read(mutator.mutated(Array(text.utf8))) {
      case .success(let rows):
        read += 1
        #expect(Set(rows.map(\.count)).count <= 1)
      case .failure(let error):
        refused += 1
        #expect(error.kind == .format || error.kind == .shape)
      }
    }
    #expect(read > 300 && refused > 300, "\(read) read, \(refused) refused")
  }
}
