import Foundation
import RNNCore
import Testing

@testable import RNNTasks

@Suite("Reading JSON piece by piece")
struct JSONReaderTests {
  private func read<Value>(
    _ text: String, _ body: (inout JSONReader) throws(RNNError) -> Value
  ) throws(RNNError) -> Value {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("rnntasks-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    do {
      try Data(text.utf8).write(to: file)
    } catch {
      throw RNNError(.file, file.path, expected: "a file to write", found: "\(error)")
    }
    var reader = try JSONReader(reading: file)
    let value = try body(&reader)
    try reader.end()
    return value
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
    #expect(error?.kind == .format && error?.argument.contains(".json, line 1, byte") == true)
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
      #expect(error?.found == bad)
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
      error?.found == "'a' again" && error?.argument.hasSuffix(".json, line 2, byte 13") == true)
  }

  @Test("A file longer than a chunk is read to its end")
  func chunks() throws {
    let numbers = (0..<50_000).map { $0 % 1000 }
    let directory = try TemporaryDirectory()
    let file = try directory.write("\(numbers)".utf8, to: "numbers.json")
    var reader = try JSONReader(reading: file)
    var read: [Int] = []
    try reader.array { (r) throws(RNNError) in read.append(try r.integer(in: 0...999)) }
    try reader.end()
    #expect(read == numbers)
  }
}
