import Foundation
import RNNCore
import Testing

@testable import RNNTasks
@testable import TestSupport

@Suite("Tokens of a long text")
struct TokenSequenceTests {
  @Test(
    "come back as they were written, in memory and in a file",
    arguments: [TokenSequence.Width.two, .four], [0, 1, 5000, 300_000])
  func written(_ width: TokenSequence.Width, _ count: Int) throws {
    let most: Int32 = width == .two ? 65_535 : .max
    func token(_ index: Int) -> Int32 {
      index % 7 == 0 ? most : Int32((index &* 40_503) & 0xFFFF)
    }
    for largest in [SpillMemory.largest, 1 << 14, 0] {
      var writer = TokenWriter(width: width, largest: largest)
      if largest == 0 { try writer.reserve(count) }
      try writer.append((0..<count).map(token))
      #expect(writer.count == count)
      let tokens = writer.finish()
      #expect(tokens.count == count && tokens.elementsEqual((0..<count).map(token)))
      let part = count / 3..<count / 2
      #expect(tokens.array(part) == part.map(token))
      let slice = tokens[part]
      #expect(slice.startIndex == part.lowerBound && slice.elementsEqual(part.map(token)))
    }
  }

  @Test("Two bytes are enough for 65,536 ids")
  func widths() {
    #expect(TokenSequence.Width(below: 1 << 16) == .two)
    #expect(TokenSequence.Width(below: 1 << 16 + 1) == .four)
  }

  @Test("A text is read from files as from memory")
  func sameText() throws {
    let text = GeneratedText.make(characters: 4000, random: RandomGenerator(seed: 3)) + "🙂é\n"
    let directory = try TemporaryDirectory()
    let file = directory.url.appendingPathComponent("text")
    try Data(text.utf8).write(to: file)
    let tasks = [try TextTask(text: text), try TextTask(contentsOf: file)]
    #expect(tasks[0].fingerprint == tasks[1].fingerprint)
    #expect(tasks[0].guessLoss == tasks[1].guessLoss)
  }

  @Test("A folder that is not there is named")
  func noFolder() {
    let memory = SpillMemory(largest: 0, folder: "/nowhere")
    expectError(.file, about: "/nowhere") { try memory.reserve(1 << 20) }
    let small = SpillMemory(folder: "/nowhere")
    #expect(throws: Never.self) { try small.reserve(1 << 20) }
  }

  @Test(
    "A disk without room is an error, and what is there stays",
    .enabled(if: access("/dev/shm", W_OK) == 0))
  func noRoom() throws {
    let memory = SpillMemory(largest: 1 << 16, folder: "/dev/shm")
    try memory.reserve(1 << 17)
    memory.pointer.storeBytes(of: 42, as: Int32.self)
    expectError(.file, about: "/dev/shm") { try memory.reserve(1 << 50) }
    #expect(memory.pointer.load(as: Int32.self) == 42)
  }
}
