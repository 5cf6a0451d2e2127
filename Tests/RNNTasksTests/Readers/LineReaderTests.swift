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

  @Test("LF, CR LF, CR CR LF and CR alone end a line, and an empty line is one")
  func endings() throws {
    let lines = try lines("a\r\n\n\rb\r\r\nc\rd\r\re\r\r\r\nlast".utf8)
    #expect(lines.map(\.content) == ["a", "", "", "b", "c", "d", "", "e", "", "last"])
    #expect(lines.map(\.ending) == Array(repeating: "\n", count: 9) + [""])
    #expect(lines.last?.place.hasSuffix("lines, line 10") == true)
    for text in ["one\n", "one\r", "one\r\n", "one\r\r\n"] {
      let lines = try self.lines(text.utf8)
      #expect(lines.map(\.content) == ["one"] && lines.map(\.ending) == ["\n"])
    }
    #expect(try self.lines("\r".utf8).map(\.content) == [""])
  }

  @Test("A line's end that lies across the border of chunks is one", arguments: 0..<4)
  func endingsAcross(offset: Int) throws {
    let long = String(repeating: "x", count: 1 << 16 - 1 - offset)
    for end in ["\n", "\r", "\r\n", "\r\r\n"] {
      let lines = try lines((long + end + "b" + end).utf8)
      #expect(lines.map(\.content) == [long, "b"])
    }
    #expect(try lines((long + "\r\r" + "b").utf8).map(\.content) == [long, "", "b"])
  }

  @Test("A byte-order mark before the first line is dropped, one alone is an empty file")
  func marks() throws {
    #expect(try lines("\u{FEFF}a\n\u{FEFF}b".utf8).map(\.content) == ["a", "\u{FEFF}b"])
    #expect(#expect(throws: RNNError.self) { try lines("\u{FEFF}".utf8) }?.kind == .empty)
    #expect(try lines("\u{FEFF}\n".utf8).map(\.content) == [""])
  }

  @Test(
    "Bytes that are no UTF-8 are named after what they look like",
    arguments: [
      ([0x63, 0x61, 0x66, 0xE9], "byte 0xe9 at offset 3, as in Latin-1, which iconv -f LATIN1"),
      ([0x93, 0x61, 0x94], "byte 0x93 at offset 0, as in Windows-1252, which iconv -f CP1252"),
      // A character of UTF-8 beside it, control characters, bytes of neither, long stretches.
      ([0xC3, 0xA9, 0xE9], "byte 0xe9 at offset 2"), ([0x07, 0xE9], "byte 0xe9 at offset 1"),
      ([0x61, 0x81], "byte 0x81 at offset 1"), ([0xB7, 0xC7, 0xB3, 0xA3], "byte 0xb7 at offset 0"),
      ([0x61, 0x62, 0x63, 0x00, 0x64], "a NUL at offset 3, as in UTF-16 or in what is no text"),
    ] as [([UInt8], String)])
  func encodings(bytes: [UInt8], found: String) throws {
    let error = #expect(throws: RNNError.self) { try lines(bytes + [0x0A]) }
    let advised =
      found.contains("iconv") ? "an invalid \(found) -t UTF-8 converts" : "an invalid \(found)"
    #expect(error?.found == (found.hasPrefix("a NUL") ? found : advised))
    #expect(error?.argument.hasSuffix("lines, line 1") == true)
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
    #expect(
      error?.found
        == "an invalid byte 0xc3 at offset 160001, as in Latin-1, which iconv -f LATIN1 -t UTF-8 "
        + "converts")
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
    send(" line\r")
    #expect(waits(&reader))
    #expect(try reader.next()?.content == "one line")
    send("\n")
    #expect(!waits(&reader))
    send("two\nanother\nha")
    #expect(waits(&reader))
    #expect(try reader.next()?.content == "two")
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
