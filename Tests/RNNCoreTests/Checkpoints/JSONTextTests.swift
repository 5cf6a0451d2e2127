import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("The JSON of headers")
struct JSONTextTests {
  @Test("Strings are unescaped, members keep their order, numbers their text")
  func reads() throws {
    let text =
      #" { "b" : [1, -2.50e+3, 0 ] ,"a\u00e9\ud83d\ude00\n\/": "x", "c":[true,false,null,{}]} "#
    let value = try JSONText(parsing: Array(text.utf8), name: "text")
    #expect(
      value
        == .object([
          .init("b", .array([.number("1"), .number("-2.50e+3"), .number("0")])),
          .init("aé😀\n/", .string("x")),
          .init("c", .array([.bool(true), .bool(false), .null, .object([])])),
        ]))
    #expect(try JSONText(parsing: Array(value.text.utf8), name: "text") == value)
  }

  @Test(
    "What is no JSON is refused",
    arguments: [
      "", " ", "{", "}", "{\"a\"}", "{\"a\":1,}", "{a:1}", "[1,]", "[1 2]", "01", "1.", ".5", "+1",
      "-", "1e", "tru", "nulll", "\"", "\"\\x\"", "\"\\u12g4\"", "\"\\ud800\"",
      "\"\\ud800\\u0041\"",
      "\"\\udc00\"", "\"\u{1}\"", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "NaN", "[]]",
      String(repeating: "[", count: 1_000_000),
    ])
  func refuses(_ text: String) {
    expectError(.format, about: "text") {
      _ = try JSONText(parsing: Array(text.utf8), name: "text")
    }
  }

  @Test("Text from a file is shown short and on one line")
  func excerpt() {
    #expect("a\n\u{1B}[31m".excerpt == "'a\u{FFFD}\u{FFFD}[31m'")
    #expect(String(repeating: "x", count: 1000).excerpt.count == 63)
  }
}
