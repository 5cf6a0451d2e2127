import Foundation
import RNNCore
import Testing

@testable import RNNTasks

@Suite("Codable types as JSON")
struct CodableTextTests {
  private enum Kind: String, Codable { case one, two }

  private struct Part: Codable, Hashable {
    var name = "a\"é\n"
    var value = 0.1
    var kind: Kind?
  }

  private struct Whole: Codable, Hashable {
    var seed = UInt64.max
    var least = Int.min
    var small: Int8 = -128
    var rate: Float = 0.1
    var odd = [Double.infinity, -.infinity, .leastNonzeroMagnitude, -0.0, .greatestFiniteMagnitude]
    var flag = true
    var parts = [Part(), Part(name: "", value: -3, kind: .two)]
    var nested = ["x": [1, 2], "y": []]
    var range = 2...5
    var absent: Int?
    var missing: [Int?] = [1, nil, 3]
    var start = Initialization.xavier
  }

  private static func read<Value: Decodable>(
    _ type: Value.Type, _ text: String
  ) throws(RNNError) -> Value {
    try Value(jsonLine: text, name: "it", expected: "a test")
  }

  @Test("What is written is read back, as Foundation reads it")
  func roundTrip() throws {
    let text = Whole().jsonLine
    let read = try Self.read(Whole.self, text)
    #expect(read == Whole() && read.odd[3].sign == .minus)
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    #expect(try decoder.decode(Whole.self, from: Data(text.utf8)) == read)
    #expect(try Self.read([Double].self, #"["nan", 1]"#)[0].isNaN)
  }

  @Test("Unknown members are passed over, absent ones are nil where they may be")
  func members() throws {
    #expect(
      try Self.read(Part.self, #" {"kind": null, "value": 3, "more": [{}], "name": ""} "#)
        == Part(name: "", value: 3))
  }

  @Test(
    "A complaint tells the place: line and byte, or the way to the member",
    arguments: [
      (#"{"name":"","value":1,"value":2}"#, "it, line 1, byte 21: expected each name once"),
      (#"{"name":"","value":1,}"#, "it, line 1, byte 21: expected a name in quotes, found '}'"),
      ("\u{FEFF}{}", "it, line 1, byte 0: expected a JSON value, found a byte order mark"),
      (#"{"name":"","value":1} x"#, "it, line 1, byte 22: expected the end of the JSON text"),
      ("[]", "it: expected a JSON object, found '[]'"),
      ("{}", "it: name: expected a value, found none"),
      (#"{"name":1,"value":1}"#, "it: name: expected a text, found '1'"),
      (#"{"name":"","value":"x"}"#, "it: value: expected a number, found '\"x\"'"),
      (#"{"name":"","value":1e999}"#, "it: value: expected a number, found '1e999'"),
      (#"{"name":"","value":1,"kind":"three"}"#, "it: kind: expected a test"),
      (#"{"name":"","value":null}"#, "it: value: expected a number, found 'null'"),
    ])
  func places(_ text: String, message: String) {
    let error = #expect(throws: RNNError.self) { try Self.read(Part.self, text) }
    #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
  }

  @Test(
    "A complaint tells the way through arrays",
    arguments: [
      (#""value":-3"#, #""value":true"#, "it: parts[1].value: expected a number, found 'true'"),
      ("[1,2]", "[1,2.5]", "it: nested.x[1]: expected a whole number of type Int, found '2.5'"),
      ("-128", "128", "it: small: expected a whole number of type Int8, found '128'"),
      (
        "18446744073709551615", "18446744073709551616",
        "it: seed: expected a whole number of type UInt64"
      ),
      ("[2,5]", "[5,2]", "it: range"), ("[2,5]", "[2]", "it: range: expected another element"),
      ("\"xavier\"", "\"noise\"", "it: "),
      ("\"flag\":true", "\"flag\":1", "it: flag: expected true or false"),
    ])
  func ways(_ old: String, _ new: String, message: String) {
    let text = Whole().jsonLine
    let changed = text.replacingOccurrences(of: old, with: new)
    #expect(changed != text)
    let error = #expect(throws: RNNError.self) { try Self.read(Whole.self, changed) }
    #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
  }
}
