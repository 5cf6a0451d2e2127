import Foundation
import RNNCore
import Testing

@testable import RNNTasks

@Suite("Files that are read in chunks")
struct FileChunksTests {
  @Test("JSON and CSV longer than a chunk are read to their ends")
  func chunks() throws {
    let numbers = (0..<50_000).map { $0 % 1000 }
    let directory = try TemporaryDirectory()
    var json = try JSONReader(reading: directory.write("\(numbers)".utf8, to: "numbers.json"))
    var read: [Int] = []
    try json.array { (r) throws(RNNError) in read.append(try r.integer(in: 0...999)) }
    try json.end()
    #expect(read == numbers)
    let lines = numbers.map { "\"\($0)\",\($0)\n" }.joined()
    var csv = try CSVReader(reading: directory.write(lines.utf8, to: "numbers.csv"))
    for number in numbers {
      #expect(try csv.next())
      #expect(try csv.text(0) == "\(number)")
      #expect(try csv.float(1) == Float(number))
    }
    #expect(try !csv.next())
  }

  @Test("Packed or not, with a byte-order mark or not, JSON and CSV are the same")
  func packed() throws {
    let directory = try TemporaryDirectory()
    func urls(_ text: String) throws -> [URL] {
      let marked = Array("\u{FEFF}\(text)".utf8)
      return [
        try directory.write(marked, to: "a"), try directory.write(gzipped(marked), to: "a.gz"),
        try directory.write(gzipped(Array(text.utf8)), to: "b"),
      ]
    }
    for url in try urls("[7]") {
      var json = try JSONReader(reading: url)
      #expect(try json.value() == .array([.number("7")]))
      try json.end()
    }
    for url in try urls("a,b\r1,2\r") {
      var csv = try CSVReader(reading: url)
      #expect(try csv.header() == ["a", "b"])
      #expect(try csv.next() && csv.double(1) == 2)
      #expect(try !csv.next())
    }
  }

  @Test("JSON and CSV name the encoding of texts that are no UTF-8")
  func encodings() throws {
    let directory = try TemporaryDirectory()
    let advice = "as in Latin-1, which iconv -f LATIN1 -t UTF-8 converts"
    let latin = try directory.write([0x22, 0xE9, 0x22], to: "latin")
    var json = try JSONReader(reading: latin, name: "it")
    let inJSON = #expect(throws: RNNError.self) { try json.string() }
    #expect(
      inJSON?.description
        == "it, line 1, byte 1: expected text in UTF-8, found byte 0xe9, \(advice)")
    var csv = try CSVReader(reading: latin, name: "it")
    let inCSV = #expect(throws: RNNError.self) { try csv.header() }
    #expect(inCSV?.found == "byte 0xe9, \(advice)")
    let wide = try directory.write([0x5B, 0, 0x37, 0, 0x5D, 0], to: "wide")
    var reader = try JSONReader(reading: wide, name: "it")
    let inWide = #expect(throws: RNNError.self) { try reader.value() }
    #expect(
      inWide?.description == "it, line 1: expected text in UTF-8, found UTF-16LE, which iconv "
        + "-f UTF-16LE -t UTF-8 converts")
  }

  @Test("What cannot be read is told by the name that it was given")
  func names() throws {
    let directory = try TemporaryDirectory()
    let none = directory.url.appendingPathComponent("none")
    let json = #expect(throws: RNNError.self) { try JSONReader(reading: none) }
    #expect(json?.kind == .file && json?.argument == none.path)
    let csv = #expect(throws: RNNError.self) { try CSVReader(reading: none, name: "it") }
    #expect(csv?.description == "it: expected a file that can be read, found no such file")
    var empty = try CSVReader(reading: directory.write([], to: "empty"), name: "it")
    #expect(#expect(throws: RNNError.self) { try empty.next() }?.kind == .empty)
  }
}
