import Foundation
import Testing

@testable import RNNReport

@Suite struct JSONValueTests {
  private func parsed(_ value: JSONValue) throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(value.text.utf8))
    return try #require(object as? [String: Any])
  }

  @Test func `keys keep the order they were written in`() {
    let value: JSONValue = [
      "schema": 1, "machine": ["cpu": "x86", "cores": 2], "results": [["loss": 0.5], [:]],
      "seeds": [1, 2], "none": [], "ok": true, "gone": nil,
    ]
    #expect(
      value.text == """
        {
          "schema": 1,
          "machine": {
            "cpu": "x86",
            "cores": 2
          },
          "results": [
            {
              "loss": 0.5
            },
            {}
          ],
          "seeds": [1, 2],
          "none": [],
          "ok": true,
          "gone": null
        }

        """)
  }

  @Test func `hostile names survive a foreign parser`() throws {
    let name = "\"\\/\u{0}\u{1}\u{1F}\u{7F}\u{2028}\n\r\t</script>é台🙂\r\n"
    let value: JSONValue = .object([(key: name, value: .string(name))])
    #expect(try parsed(value)[name] as? String == name)
  }

  @Test(arguments: [
    0.1, 1.0 / 3, Double.leastNonzeroMagnitude, 1.7976931348623157e308, 1e16, 123_456_789, 1e-5,
    -2.5,
  ])
  func `numbers read back as the same number`(number: Double) throws {
    #expect(try parsed(["x": JSONValue(number)])["x"] as? Double == number)
  }

  @Test func `integers keep all their digits`() {
    #expect(JSONValue(UInt64.max).text == "18446744073709551615\n")
    #expect(JSONValue(Int.min).text == "-9223372036854775808\n")
  }

  @Test func `floats keep their own short text`() {
    #expect(JSONValue(Float(0.1)).text == "0.1\n")
    #expect(JSONValue(Float.nan).text == "null\n")
  }

  @Test func `what is not finite or not there is null`() throws {
    #expect(JSONValue([1, .nan, .infinity, -.infinity]).text == "[1.0, null, null, null]\n")
    #expect(JSONValue(Double?.none).text == "null\n")
    #expect(JSONValue(String?.none).text == "null\n")
    let interval = try parsed(JSONValue(Interval([2])))
    #expect(interval["mean"] as? Double == 2)
    #expect(interval["half_width_95"] is NSNull && interval["low"] is NSNull)
    let few = try parsed(JSONValue(Interval([2, 4])))
    #expect(few["half_width_95"] is NSNull)
    #expect(few["low"] as? Double == 2 && few["high"] as? Double == 4)
  }
}
