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
