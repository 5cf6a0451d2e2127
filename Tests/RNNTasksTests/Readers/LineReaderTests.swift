import Foundation
import RNNCore
import Testing

@testable import RNNTasks

@Suite("Reading lines")
struct LineReaderTests {
  private func lines(_ bytes: some Sequence<UInt8>) throws -> [TextLine] {
    let directory = try TemporaryDirectory()
    var reader = try LineReader(reading: directory.write(bytes, to: "lines"))
    var lines: [TextLine] = []
    while let line = try reader.next() { lines.append(line) }
    return lines
  }

  @Test("Lines and their ends put together are the file")
  func endings() throws {
    let text = "a\r\n\n\rb\r\r\nlast\r"
    let lines = try lines(text.utf8)
    #expect(lines.map(\.content) == ["a", "", "\rb\r", "last\r"])
    #expect(lines.map(\.ending) == ["\r\n", "\n", "\r\n", ""])
    #expect(try self.lines("one\n".utf8).map(\.ending) == ["\n"])
  }

  @Test("Lines longer than a chunk, and characters across its border, come whole")
  func chunks() throws {
    // é has two bytes, so that an odd start puts one of them on each side of every border.
    let long = "x" + String(repeating: "é", count: 100_000)
    let lines = try lines((long + "\n" + long + "\nend").utf8)
    #expect(lines.map(\.content) == [long, long, "end"])
  }

  @Test("A byte that is not UTF-8 has its line and its place in the file, also in a late chunk")
  func invalid() throws {
    let start = String(repeating: "0123456\n", count: 20_000)
    let error = #expect(throws: RNNError.self) {
      try lines(Array(start.utf8) + [0x41, 0xC3, 0x0A])
    }
    #expect(error?.kind == .format && error?.argument.hasSuffix("lines, line 20001") == true)
    #expect(error?.found == "an invalid byte 0xc3 at offset 160001")
  }

  private func waits(_ reader: inout LineReader) -> Bool { reader.hasMoreWaiting }

  @Test("Of a pipe, it says whether a whole line waits, without waiting itself")
  func waiting() throws {
    let directory = try TemporaryDirectory()
    let url = directory.url.appendingPathComponent("pipe")
    try #require(mkfifo(url.path, 0o600) == 0)
    // Open for both, so that neither side waits for the other.
    let pipe = open(url.path, O_RDWR)
    try #require(pipe >= 0)
    func send(_ text: String) { #expect(write(pipe, text, text.utf8.count) == text.utf8.count) }
    var reader = try LineReader(reading: url)
    #expect(!waits(&reader))
    send("one")
    #expect(!waits(&reader))
    send(" line\nanother\nha")
    #expect(waits(&reader))
    #expect(try reader.next()?.content == "one line")
    #expect(waits(&reader))
    #expect(try reader.next()?.content == "another")
    #expect(!waits(&reader))
    send("lf")
    close(pipe)
    #expect(waits(&reader))
    #expect(try reader.next()?.content == "half")
    #expect(waits(&reader))
    #expect(try reader.next() == nil)
  }

  @Test("What goes wrong while it looks whether more waits is thrown with the next line")
  func waitingForNothing() throws {
    let directory = try TemporaryDirectory()
    var reader = try LineReader(reading: directory.write([], to: "empty"))
    #expect(waits(&reader))
    #expect(#expect(throws: RNNError.self) { try reader.next() }?.kind == .empty)
  }

  @Test("What is not there, a directory and an empty file are told apart")
  func missing() throws {
    let directory = try TemporaryDirectory()
    let none = #expect(throws: RNNError.self) {
      try LineReader(reading: directory.url.appendingPathComponent("none"))
    }
    #expect(none?.kind == .file && none?.found == "no such file")
    let folder = #expect(throws: RNNError.self) { try LineReader(reading: directory.url) }
    #expect(folder?.kind == .file && folder?.found == "a directory")
    #expect(#expect(throws: RNNError.self) { try lines([]) }?.kind == .empty)
  }
}
