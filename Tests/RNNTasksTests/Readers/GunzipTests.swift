import Foundation
import RNNCore
import Testing

@testable import RNNTasks

@Suite("Packed files")
struct GunzipTests {
  private func text(_ bytes: [UInt8], name: String = "a.txt.gz") throws -> String {
    let directory = try TemporaryDirectory()
    var reader = try LineReader(reading: directory.write(bytes, to: name))
    var text = ""
    while let line = try reader.next() { text += line.content + line.ending }
    return text
  }

  private func complaint(_ bytes: [UInt8], name: String = "a.txt.gz") -> String {
    do {
      return "no complaint about \(try text(bytes, name: name))"
    } catch let error as RNNError {
      #expect(error.argument.hasSuffix(name))
      return "expected \(error.expected), found \(error.found)"
    } catch {
      return "\(error)"
    }
  }

  /// Over many chunks, packed and unpacked.
  private static let long = (0..<60_000).map { "line \($0 &* 2_654_435_761 % 1_000_003)\n" }
    .joined()

  @Test("What gzip wrote is read, whatever its length and name")
  func reads() throws {
    // gzip 1.12: printf 'one\ntwo\n' | gzip -n.
    let written: [UInt8] = [
      0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xCB, 0xCF, 0x4B, 0xE5, 0x2A, 0x29, 0xCF, 0xE7, 2, 0,
      0xE6, 0x0B, 0xBA, 0x12, 8, 0, 0, 0,
    ]
    #expect(try text(written) == "one\ntwo\n")
    #expect(try text(written, name: "plain") == "one\ntwo\n")
    let packed = gzipped(Array(Self.long.utf8))
    #expect(packed.count > 1 << 17)
    #expect(try text(packed) == Self.long)
  }

  @Test("Members behind each other are one text, zeros behind them nothing")
  func members() throws {
    let (one, two) = (gzipped(Array("on".utf8)), gzipped(Array("e\ntwo".utf8)))
    #expect(try text(one + two) == "one\ntwo")
    #expect(try text(one + gzipped([]) + two + [0, 0, 0]) == "one\ntwo")
    #expect(try text(gzipped(Array(Self.long.utf8)) + one) == Self.long + "on")
  }

  @Test("What is damaged, cut off, followed by something or not packed is refused")
  func refused() throws {
    let packed = gzipped(Array("one\ntwo\n".utf8))
    let expected = "expected whole data in gzip, found "
    for count in 3..<packed.count {
      #expect(
        complaint(Array(packed.prefix(count))) == expected + "its end before that of the data")
    }
    for place in packed.count - 8..<packed.count {
      var damaged = packed
      damaged[place] ^= 0x10
      #expect(complaint(damaged).hasPrefix(expected + "damage: incorrect "))
    }
    #expect(complaint(packed + [7]) == expected + "other bytes behind the data")
    #expect(complaint(packed + [0x1F, 7]).hasPrefix(expected + "damage: "))
    #expect(complaint(Array("one\n".utf8)) == expected + "something else")
    #expect(complaint([0x1F]) == expected + "something else")
    #expect(complaint([]) == "expected text in UTF-8, found an empty file")
    #expect(complaint(gzipped([])) == "expected text in UTF-8, found an empty file")
  }

  @Test("Of a file and its packed form the plain one is read, of parts neither")
  func both() throws {
    let directory = try TemporaryDirectory()
    for part in ["train", "valid", "test"] {
      try directory.write("plain\n".utf8, to: "\(part)/seq.in")
      try directory.write(gzipped(Array("packed\n".utf8)), to: "\(part)/seq.in.gz")
      try directory.write(gzipped(Array("O\n".utf8)), to: "\(part)/seq.out.gz")
    }
    #expect(try TaggedCorpus(directory: directory.url).train[0].words == ["plain"])
    let files = try TemporaryDirectory()
    for name in ["train.txt", "train.txt.gz", "valid.txt", "test.txt"] {
      try files.write("a b c\n".utf8, to: name)
    }
    let error = #expect(throws: RNNError.self) { try makeTask(.lm, at: files.url) }
    #expect(error?.found == "\"train.txt\" and \"train.txt.gz\"")
  }
}
