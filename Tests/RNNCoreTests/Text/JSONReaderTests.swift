import Testing

@testable import RNNCore

@Suite("Reading JSON piece by piece")
struct JSONReaderTests {
  private func read<Value>(
    _ text: String, _ body: (inout JSONReader) throws(RNNError) -> Value
  ) throws(RNNError) -> Value {
    var reader = JSONReader(parsing: Array(text.utf8), name: "a.json")
    let value = try body(&reader)
    try reader.end()
    return value
  }

  @Test("Names that look alike are two where their scalars differ")
  func scalarNames() throws {
    let text = "{\"\u{E9}\":1,\"e\u{301}\":2}"
    guard case .object(let members) = try JSONText(parsing: Array(text.utf8), name: "a") else {
      preconditionFailure("an object")
    }
    #expect(members.map { Array($0.name.utf8) } == [[0xC3, 0xA9], [0x65, 0xCC, 0x81]])
    var fields = try JSONFields(parsing: text, name: "a")
    #expect(try fields.count("e\u{301}") == 2 && fields.count("\u{E9}") == 1)
    // The tenth name is looked up in another way than the second.
    let many = (0..<9).map { "\"\($0)\":0," }.joined()
    let long = try JSONText(parsing: Array(("{" + many + text.dropFirst()).utf8), name: "a")
    #expect(long.text == "{" + many + text.dropFirst())
  }

  @Test("Texts keep every character, and escapes mean what they say")
  func strings() throws {
    #expect(
      try read(#" "a\u00e9\ud83d\ude00\n\/\"" "#) { (r) throws(RNNError) in try r.string() }
        == "aé😀\n/\"")
  }

  @Test(
    "Broken texts are refused",
    arguments: [
      #""a"#, #""\x""#, #""\u12g4""#, #""\ud800""#, #""\ud800\u0041""#, #""\udc00""#, "\"\n\"",
      #""a" b"#,
    ])
  func badStrings(text: String) {
    let error = #expect(throws: RNNError.self) {
      try read(text) { (r) throws(RNNError) in try r.string() }
    }
    #expect(error?.kind == .format && error?.argument.hasPrefix("a.json, line 1, byte") == true)
  }

  @Test("Numbers are those of JSON")
  func numbers() throws {
    for bad in ["01", "+1", ".5", "1.", "1e", "-", "1e999", "0x1", "1-1", "NaN", ""] {
      #expect(throws: RNNError.self) {
        try read(bad) { (r) throws(RNNError) in try r.integer(in: 0...10) }
      }
    }
    #expect(try read("1e1") { (r) throws(RNNError) in try r.integer(in: 0...10) } == 10)
    #expect(try read("7.0") { (r) throws(RNNError) in try r.integer(in: 0...10) } == 7)
    for bad in ["1.5", "11", "-1", "99999999999999999999", "1e1000"] {
      let error = #expect(throws: RNNError.self) {
        try read(bad) { (r) throws(RNNError) in try r.integer(in: 0...10) }
      }
      #expect(error?.found == "'\(bad)'" && error?.argument == "a.json, line 1, byte 0")
    }
  }

  @Test("Each name comes once, and places have line and byte")
  func places() throws {
    let error = #expect(throws: RNNError.self) {
      try read("{\"a\": 1,\n \"a\": 2}") { (r) throws(RNNError) in
        try r.object { (r, _) throws(RNNError) in _ = try r.integer(in: 0...9) }
      }
    }
    #expect(
      error?.found == "'a' again" && error?.argument == "a.json, line 2, byte 10")
  }

  @Test("A name that is too long is refused, also one that escapes make so")
  func longNames() throws {
    let longest = String(repeating: "e\u{301}a", count: JSONReader.longestName / 4)
    let marks = String(repeating: #"\u0301"#, count: JSONReader.longestName / 2)
    #expect(try JSONText(parsing: Array("{\"\(longest)\": 0}".utf8), name: "a") != .null)
    for (name, count) in [(longest + "x", 4097), (marks + "xy", 4098)] {
      let error = #expect(throws: RNNError.self) {
        try JSONText(parsing: Array("{\"a\": 1,\n \"\(name)\": 0}".utf8), name: "a.json")
      }
      #expect(
        error?.description
          == "a.json, line 2, byte 10: expected a name of at most 4096 bytes, found \(count) bytes")
    }
  }

  @Test("What comes next is found in the next chunk, or what that throws")
  func failureInChunks() throws {
    func error(_ chunks: [[UInt8]], isBroken: Bool = false) throws -> RNNError {
      var rest = chunks[...]
      var reader = JSONReader(name: "a.json") { () throws(RNNError) in
        if rest.isEmpty, isBroken {
          throw RNNError(.file, "a.json", expected: "a file that can be read", found: "none")
        }
        return rest.popFirst()
      }
      #expect(try reader.string() == "a")
      return reader.failure("a comma")
    }
    let more = try error([Array("\"a".utf8), Array("\"".utf8), Array("!".utf8)])
    #expect(more.description == "a.json, line 1, byte 3: expected a comma, found '!'")
    #expect(try error([Array("\"a\"".utf8)]).found == "its end")
    #expect(try error([Array("\"a\"".utf8)], isBroken: true).kind == .file)
  }

  @Test("A value of another kind is refused where it begins")
  func kinds() {
    let wanted: [(String, (inout JSONReader) throws(RNNError) -> Void)] = [
      ("a JSON object", { (r) throws(RNNError) in try r.object { (_, _) in } }),
      ("a JSON array", { (r) throws(RNNError) in try r.array { _ in } }),
      ("a text in quotes", { (r) throws(RNNError) in _ = try r.string() }),
      ("a number", { (r) throws(RNNError) in _ = try r.number() }),
      ("a whole number from 1 to 5", { (r) throws(RNNError) in _ = try r.integer(in: 1...5) }),
    ]
    for (index, (expected, body)) in wanted.enumerated() {
      let error = #expect(throws: RNNError.self) { try read("\n true", body) }
      #expect(
        error?.description == "a.json, line 2, byte 2: expected \(expected), found 't'", "\(index)")
    }
  }

  @Test("Numbers are the nearest ones; beyond the largest they are refused")
  func nearest() throws {
    let text = "[0.1, -0, 9007199254740993, 1e-400, 4.9e-324, 1.7976931348623157e308]"
    var numbers: [Double] = []
    try read(text) { (r) throws(RNNError) in
      try r.array { (r) throws(RNNError) in numbers.append(try r.number()) }
    }
    #expect(
      numbers == [
        0.1, 0, 9_007_199_254_740_992, 0, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
      ])
    #expect(numbers[1].sign == .minus)
    let error = #expect(throws: RNNError.self) {
      try read(" 1e309") { (r) throws(RNNError) in try r.number() }
    }
    #expect(error?.argument == "a.json, line 1, byte 1" && error?.found == "'1e309'")
  }

  @Test("Places are those of what comes next, also after chunks were let go")
  func placesInChunks() throws {
    let text = Array(("[" + String(repeating: "\"x\",\n", count: 1000) + " \n 1]").utf8)
    var rest = text[...]
    var reader = JSONReader(name: "a.json") { () throws(RNNError) in
      defer { rest = rest.dropFirst(7) }
      return rest.isEmpty ? nil : Array(rest.prefix(7))
    }
    var places: [TextPlace] = []
    try reader.array { (reader) throws(RNNError) in
      places.append(try reader.place())
      _ = try reader.value()
    }
    #expect(places.count == 1001)
    #expect(places[0].description == "a.json, line 1, byte 1")
    #expect(places[999].description == "a.json, line 1000, byte 4996")
    #expect(places[1000].description == "a.json, line 1002, byte 5004")
  }
}
