import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("JSON as a tree")
struct JSONTextTests {
  /// Reads whole, and in chunks of one, two and seven bytes, which must give the same.
  private static func read(_ bytes: [UInt8]) -> Result<JSONText, RNNError> {
    let whole = Result { () throws(RNNError) in try JSONText(parsing: bytes, name: "text") }
    for size in [1, 2, 7] {
      #expect(read(bytes, chunk: size) == whole, "chunks of \(size)")
    }
    return whole
  }

  private static func read(_ bytes: [UInt8], chunk: Int) -> Result<JSONText, RNNError> {
    var rest = bytes[...]
    var reader = JSONReader(name: "text") { () throws(RNNError) in
      defer { rest = rest.dropFirst(chunk) }
      return rest.isEmpty ? nil : Array(rest.prefix(chunk))
    }
    return Result { () throws(RNNError) in
      let value = try reader.value()
      try reader.end()
      return value
    }
  }

  @Test("Strings are unescaped, members keep their order, numbers their text")
  func reads() throws {
    let text =
      #" { "b" : [1, -2.50e+3, 0 ] ,"a\u00e9\ud83d\ude00\n\/": "x", "c":[true,false,null,{}]} "#
    let value = try Self.read(Array(text.utf8)).get()
    #expect(
      value
        == .object([
          .init("b", .array([.number("1"), .number("-2.50e+3"), .number("0")])),
          .init("aé😀\n/", .string("x")),
          .init("c", .array([.bool(true), .bool(false), .null, .object([])])),
        ]))
    #expect(try JSONText(parsing: Array(value.text.utf8), name: "text") == value)
  }

  /// The productions of RFC 8259 one by one: value, object, member, array, number with int, frac
  /// and exp, string with every escape and all lengths of UTF-8, white space.
  private static let valid: [(String, JSONText)] = [
    ("null", .null), ("true", .bool(true)), ("false", .bool(false)), ("\"\"", .string("")),
    ("{}", .object([])), ("[]", .array([])), ("\t[ \n]\r\n", .array([])), (" { } ", .object([])),
    ("0", .number("0")), ("-0", .number("-0")), ("10", .number("10")), ("-1", .number("-1")),
    ("0.0", .number("0.0")), ("1.50", .number("1.50")), ("1e5", .number("1e5")),
    ("1E5", .number("1E5")), ("1e+05", .number("1e+05")), ("1E-5", .number("1E-5")),
    ("-0.1e-0", .number("-0.1e-0")), ("1e999", .number("1e999")),
    ("123456789012345678901234567890", .number("123456789012345678901234567890")),
    (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
    (#""\u0000\u001F\u00e9\u20AC\uD83d\uDe00""#, .string("\0\u{1F}é€😀")),
    ("\"\u{7F}é€😀\u{FEFF}\u{10FFFF}\"", .string("\u{7F}é€😀\u{FEFF}\u{10FFFF}")),
    (#""\uffff\ufffe""#, .string("\u{FFFF}\u{FFFE}")), (#""/'[{,:""#, .string("/'[{,:")),
    ("[1,[2,[]],{}]", .array([.number("1"), .array([.number("2"), .array([])]), .object([])])),
    (
      #"{"":0,"a":{"b":null}}"#,
      .object([
        .init("", .number("0")), .init("a", .object([.init("b", .null)])),
      ])
    ),
  ]

  @Test("Every production of RFC 8259 is read", arguments: valid)
  func productions(_ text: String, _ value: JSONText) throws {
    #expect(try Self.read(Array(text.utf8)).get() == value)
  }

  /// Text, byte of the complaint, a piece of the message.
  private static let broken: [(String, Int, String)] = [
    ("", 0, "a JSON value, found its end"), (" \n ", 3, "a JSON value, found its end"),
    ("}", 0, "a JSON value, found '}'"), ("]", 0, "a JSON value"), (",", 0, "a JSON value"),
    ("{", 1, "a name in quotes, found its end"), ("{\"a\"", 4, "a colon"),
    ("{\"a\"}", 4, "a colon"),
    ("{\"a\" 1}", 5, "a colon, found '1'"), ("{\"a\":", 5, "a JSON value"),
    ("{\"a\":}", 5, "a JSON value"), ("{\"a\":1", 6, "a comma or a closing brace"),
    ("{\"a\":1 \"b\":2}", 7, "a comma or a closing brace"), ("{\"a\":1]", 6, "closing brace"),
    ("{\"a\":1,}", 7, "a name in quotes, found '}'"), ("{,}", 1, "a name in quotes"),
    ("{a:1}", 1, "a name in quotes"), ("{'a':1}", 1, "a name in quotes"), ("{1:2}", 1, "a name"),
    ("{null:2}", 1, "a name"), ("{\"a\":1,,\"b\":2}", 7, "a name"),
    ("{\"a\"::1}", 5, "a JSON value"),
    ("[", 1, "a JSON value"), ("[1", 2, "a comma or a closing bracket"),
    ("[1,]", 3, "a JSON value"),
    ("[,1]", 1, "a JSON value"), ("[1,,2]", 3, "a JSON value"), ("[1 2]", 3, "closing bracket"),
    ("[1}", 2, "closing bracket"), ("[1:2]", 2, "closing bracket"), ("[]]", 2, "the end"),
    ("{}{}", 2, "the end"), ("1 2", 2, "the end"), ("1\0", 1, "found byte 0x0"),
    ("01", 1, "no digit after a zero"), ("-01", 2, "no digit after a zero"), ("00", 1, "no digit"),
    ("1.", 2, "a digit after the point"), ("1.e1", 2, "a digit after the point"),
    ("[1.]", 3, "a digit after the point, found ']'"), (".5", 0, "a JSON value"),
    ("+1", 0, "a JSON value, found '+'"), ("-", 1, "a digit, found its end"), ("--1", 1, "a digit"),
    ("-.5", 1, "a digit"), ("1e", 2, "a digit of the exponent"),
    ("1e+", 3, "a digit of the exponent"),
    ("1e-x", 3, "a digit of the exponent"), ("1ee1", 2, "a digit of the exponent"),
    ("1e1.5", 3, "the end"), ("1.5.5", 3, "the end"), ("0x1", 1, "the end"), ("1_0", 1, "the end"),
    ("1d", 1, "the end"), ("1-1", 1, "the end"), ("NaN", 0, "a JSON value"),
    ("Infinity", 0, "a JSON value"), ("-Infinity", 1, "a digit"), ("nan", 1, "null"),
    ("tru", 3, "true, found its end"), ("True", 0, "a JSON value"), ("nulll", 4, "the end"),
    ("fals3", 4, "false, found '3'"), ("undefined", 0, "a JSON value"),
    ("\"", 1, "a closing quote"), ("\"a", 2, "a closing quote"), ("\"\\\"", 3, "a closing quote"),
    ("\"\\", 2, "a closing quote"), ("\"\n\"", 1, "a closing quote"), ("\"a\tb\"", 2, "control"),
    ("\"\u{1F}\"", 1, "found byte 0x1f"), ("\"\\\n\"", 2, "control"), ("\"\0\"", 1, "byte 0x0"),
    ("\"\\x\"", 2, "after a backslash, found 'x'"), ("\"\\U0041\"", 2, "after a backslash"),
    ("\"\\'\"", 2, "after a backslash"), ("\"\\é\"", 2, "after a backslash"),
    ("\"\\u12g4\"", 5, "four hexadecimal digits, found 'g'"), ("\"\\u12\"", 5, "four hexadecimal"),
    ("\"\\u\"", 3, "four hexadecimal"), ("\"\\u+123\"", 3, "four hexadecimal"),
    ("\"a\\ud800\"", 2, "a pair of surrogates, found half a pair: \\ud800"),
    ("\"\\ud800\\u0041\"", 1, "a pair of surrogates"),
    ("\"\\ud800\\n\"", 1, "a pair of surrogates"),
    ("\"\\ud800\\u00\"", 11, "four hexadecimal"), ("\"\\udc00\"", 1, "half a pair: \\udc00"),
    ("\"\\udc00\\ud800\"", 1, "half a pair: \\udc00"), ("\"\\ud83d\\ud83d\"", 1, "half a pair"),
    ("'a'", 0, "a JSON value"), ("\"a\" b", 4, "the end"), ("\u{FEFF}1", 0, "a byte order mark"),
    ("1 // x", 2, "the end, found '/'"), ("/**/1", 0, "a JSON value"), ("\u{C}1", 0, "byte 0xc"),
    ("\u{A0}1", 0, "a JSON value, found byte 0xc2"), ("[1,\u{2028}2]", 3, "byte 0xe2"),
    ("{\"a\":1,\"a\":2}", 7, "each name once, found 'a' again"),
    ("{\"a\":1,\"\\u0061\":2}", 7, "each name once"),
    ("{\"é\":1,\"\\u00e9\":2}", 8, "each name once"),
    (
      "{\"0\":0,\"1\":0,\"2\":0,\"3\":0,\"4\":0,\"5\":0,\"6\":0,\"7\":0,\"8\":0,\"9\":0,\"3\":0}",
      61, "'3' again"
    ),
  ]

  @Test("Every way to break JSON is refused, at its byte", arguments: broken)
  func refuses(_ text: String, byte: Int, words: String) {
    let words = words.replacing("the end", with: "the end of the JSON text")
    Self.expect(Array(text.utf8), byte: byte, words: words)
  }

  private static func expect(_ bytes: [UInt8], byte: Int, words: String) {
    guard case .failure(let error) = read(bytes) else {
      Issue.record("nothing was thrown")
      return
    }
    let line = 1 + bytes[..<byte].count { $0 == 0x0A }
    #expect(error.kind == .format)
    #expect(error.argument == "text, line \(line), byte \(byte)")
    #expect(error.description.contains(words), "\(error)")
  }

  /// Bytes between quotes, and which of them is wrong.
  @Test(
    "Texts that are not UTF-8 are refused at the byte",
    arguments: [
      ([0x41, 0xC3], 1), ([0xFF], 0), ([0xC0, 0xAF], 0), ([0xED, 0xA0, 0x80], 0),
      ([0xE2, 0x82], 0), ([0xF5, 0x80, 0x80, 0x80], 0), ([0x41, 0x42, 0x80], 2),
      (Array("\\n\\u00e9é".utf8) + [0xFE], 10),
    ] as [([UInt8], Int)])
  func invalidBytes(_ bytes: [UInt8], wrong: Int) {
    Self.expect([0x22] + bytes + [0x22], byte: 1 + wrong, words: "text in UTF-8, found byte 0x")
    Self.expect([0x0A, 0x5B] + bytes, byte: 2, words: "a JSON value")
  }

  @Test("Nesting is bounded, however it is made")
  func depth() throws {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
      let levels = JSONReader.deepest / (open.count == 6 ? 2 : 1)
      let most =
        String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
      #expect(throws: Never.self) { try Self.read(Array(most.utf8)).get() }
      let size = open.utf8.count
      Self.expect(
        Array(String(repeating: open, count: levels + 1).utf8), byte: levels * size,
        words: "at most 64")
    }
    let deep = [UInt8](repeating: 0x5B, count: 1_000_000)
    #expect(throws: RNNError.self) { try JSONText(parsing: deep, name: "text") }
  }

  @Test("A value takes 24 bytes, as is documented")
  func size() { #expect(MemoryLayout<JSONText>.stride == 24) }

  // MARK: - Random documents

  private static func document(_ random: inout RandomGenerator, depth: Int = 0) -> JSONText {
    switch random.integer(below: depth < 5 ? 9 : 6) {
    case 0: .null
    case 1: .bool(random.integer(below: 2) == 0)
    case 2: JSONText(random.integer(below: 2_000_000) - 1_000_000)
    case 3: JSONText(random.normal() * 1e3)
    case 4: .number("\(Double(random.normal()) * 1e-3)")
    case 5: .string(text(&random))
    case 6: .array((0..<random.integer(below: 6)).map { _ in document(&random, depth: depth + 1) })
    default:
      .object(
        (0..<random.integer(below: 12)).map { index in
          .init("\(text(&random))\(index)", document(&random, depth: depth + 1))
        })
    }
  }

  private static func text(_ random: inout RandomGenerator) -> String {
    let scalars = Array("a\"\\/\u{8}\n\r\t\0\u{1F}é€😀\u{7F}\u{2028}\u{301}{}[],: ".unicodeScalars)
    var text = ""
    for _ in 0..<random.integer(below: 12) {
      text.unicodeScalars.append(scalars[random.integer(below: scalars.count)])
    }
    return text
  }

  private static func number(_ text: String) -> Double { Double(text) ?? .nan }

  /// Whether Foundation read the same.
  private static func agrees(_ value: JSONText, _ other: Any) -> Bool {
    switch value {
    case .null: other is NSNull
    case .bool(let flag): (other as? NSNumber)?.boolValue == flag
    case .number(let text):
      // Foundation takes some by way of decimal numbers, whose doubleValue is not the nearest one.
      (other as? NSNumber).map { abs($0.doubleValue - number(text)) <= abs(number(text)) * 0x1p-50 }
        == true
    case .string(let text):
      (other as? String)?.unicodeScalars.elementsEqual(text.unicodeScalars) == true
    case .array(let values):
      (other as? [Any]).map { $0.count == values.count && zip(values, $0).allSatisfy(agrees) }
        == true
    case .object(let members):
      (other as? [String: Any]).map { object in
        object.count == members.count
          && members.allSatisfy { member in
            object[member.name].map { agrees(member.value, $0) } == true
          }
      } == true
    }
  }

  @Test("Foundation reads the same from valid documents")
  func foundation() throws {
    var random = RandomGenerator(seed: 21)
    for _ in 0..<400 {
      let value = Self.document(&random)
      let bytes = Array(value.text.utf8)
      #expect(try Self.read(bytes).get() == value)
      let other = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      #expect(Self.agrees(value, other), "\(value.text)")
    }
  }

  @Test(
    "Changed bytes are read or refused, alike in all chunks; Foundation reads the same"
  )
  func fuzz() throws {
    var random = RandomGenerator(seed: 22)
    var mutator = Mutator(seed: 23)
    var (read, refused) = (0, 0)
    for _ in 0..<1500 {
      let bytes = mutator.mutated(Array(Self.document(&random).text.utf8))
      switch Self.read(bytes) {
      case .success(let value):
        read += 1
        #expect(try JSONText(parsing: Array(value.text.utf8), name: "again") == value)
        if Self.isInRange(value) {
          let other = try JSONSerialization.jsonObject(
            with: Data(bytes), options: .fragmentsAllowed)
          #expect(Self.agrees(value, other), "\(value.text)")
        }
      case .failure(let error):
        refused += 1
        #expect(error.kind == .format)
      }
    }
    #expect(read > 200 && refused > 200, "\(read) read, \(refused) refused")
  }

  /// Whether all numbers are normal ones of `Double`: Foundation refuses others.
  private static func isInRange(_ value: JSONText) -> Bool {
    switch value {
    case .number(let text):
      Double(text).map { $0.isNormal || $0 == 0 && !text.contains { ("1"..."9").contains($0) } }
        == true
    case .array(let values): values.allSatisfy(isInRange)
    case .object(let members): members.allSatisfy { isInRange($0.value) }
    default: true
    }
  }
}
