import Foundation
import RNNCore
import RNNTasks
import Testing

@Suite("Reading tagged sentences")
struct TaggedCorpusTests {
  /// A good corpus but for one file of the test set, and the error that reading it gives.
  func errorOfReading(
    words: some Sequence<UInt8> = "fly to taipei\ngo\n".utf8,
    tags: some Sequence<UInt8> = "O O B-to\nO\n".utf8
  ) throws -> RNNError {
    let directory = try TemporaryDirectory()
    for folder in ["train", "valid"] {
      try directory.write("go to paris\n".utf8, to: "\(folder)/seq.in")
      try directory.write("O O B-to\n".utf8, to: "\(folder)/seq.out")
    }
    try directory.write(words, to: "test/seq.in")
    try directory.write(tags, to: "test/seq.out")
    let error = #expect(throws: RNNError.self) { try TaggedCorpus(directory: directory.url) }
    return try #require(error)
  }

  @Test("CR LF, tabs, several blanks and a missing last line end are all fine")
  func lenience() throws {
    let directory = try TemporaryDirectory()
    for folder in ["train", "valid", "test"] {
      try directory.write("go\tto  paris \r\nstop\r\n".utf8, to: "\(folder)/seq.in")
      try directory.write("O O B-to\nO".utf8, to: "\(folder)/seq.out")
    }
    let corpus = try TaggedCorpus(directory: directory.url)
    #expect(corpus.train.map(\.words) == [["go", "to", "paris"], ["stop"]])
    #expect(corpus.train.map(\.tags) == [["O", "O", "B-to"], ["O"]])
    #expect(corpus.validation == corpus.test)
  }

  @Test("A missing directory, folder or file is named")
  func missing() throws {
    let directory = try TemporaryDirectory()
    let nowhere = directory.url.appendingPathComponent("nowhere")
    let first = #expect(throws: RNNError.self) { try TaggedCorpus(directory: nowhere) }
    #expect(first?.kind == .file && first?.argument == nowhere.path)
    #expect(first?.found == "no such directory")

    let file = try directory.write("text".utf8, to: "file")
    let second = #expect(throws: RNNError.self) { try TaggedCorpus(directory: file) }
    #expect(second?.kind == .file && second?.found == "a file")

    let third = #expect(throws: RNNError.self) { try TaggedCorpus(directory: directory.url) }
    #expect(third?.argument.hasSuffix("/train") == true)

    try directory.write("go\n".utf8, to: "train/seq.in")
    let fourth = #expect(throws: RNNError.self) { try TaggedCorpus(directory: directory.url) }
    #expect(fourth?.argument.hasSuffix("train/seq.out") == true)
    #expect(fourth?.kind == .file && fourth?.found == "no such file")
  }

  @Test("An empty file and an empty line are refused")
  func empty() throws {
    let file = try errorOfReading(words: "".utf8)
    #expect(file.kind == .empty && file.argument.hasSuffix("test/seq.in"))
    let line = try errorOfReading(words: "fly to taipei\n \n".utf8)
    #expect(line.kind == .empty && line.argument.hasSuffix("test/seq.in, line 2"))
  }

  @Test("Different numbers of lines or tokens are refused")
  func counts() throws {
    let lines = try errorOfReading(tags: "O O B-to\n".utf8)
    #expect(lines.kind == .shape && lines.expected == "2 lines, as in seq.in")
    #expect(lines.found == "1" && lines.argument.hasSuffix("test/seq.out"))
    let tokens = try errorOfReading(tags: "O O B-to\nO O\n".utf8)
    #expect(tokens.kind == .shape && tokens.argument.hasSuffix("test/seq.out, line 2"))
    #expect(tokens.expected == "1 tags, one a word of seq.in" && tokens.found == "2")
  }

  @Test(
    "A tag that the scheme of training lacks is refused",
    arguments: ["B", "B-", "I-", "X-foo", "o", "Bfoo", "S-foo"])
  func badTag(tag: String) throws {
    let error = try errorOfReading(tags: "O O B-to\n\(tag)\n".utf8)
    #expect(error.kind == .format && error.found == "'\(tag)'")
    #expect(error.argument.hasSuffix("test/seq.out, line 2"))
    #expect(!error.description.contains("\n"))
  }

  @Test("Bytes that are not UTF-8 are located")
  func notUTF8() throws {
    let error = try errorOfReading(words: Array("fly to taipei\ng".utf8) + [0xFF, 0x0A])
    #expect(error.kind == .format && error.argument.hasSuffix("test/seq.in, line 2"))
    #expect(error.found.hasPrefix("an invalid byte 0xff at offset 15"))
  }
}
