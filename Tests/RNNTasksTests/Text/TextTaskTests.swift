import Foundation
import RNNCore
import RNNTasks
import Testing

@Suite("Text")
struct TextTaskTests {
  @Test("Rows continue from batch to batch, and the state is reset once an epoch")
  func streams() throws {
    let task = try TextTask(generating: 2000, steps: 7)
    var source = task.makeTrainingSource(seed: 1)
    #expect(source.carriesState)
    var rows = [[Int32]](repeating: [], count: 5)
    var lastTargets: [Int32?] = Array(repeating: nil, count: 5)
    var epochs: Int? = 0
    while epochs == 0 {
      let batch = source.nextBatch(5)
      #expect(batch.startsAfresh == rows[0].isEmpty)
      for (row, example) in batch.examples.enumerated() {
        #expect(example.tokens.dropFirst().elementsEqual(example.classes.dropLast()))
        if let last = lastTargets[row] { #expect(example.tokens[0] == last) }
        rows[row] += example.tokens
        lastTargets[row] = example.classes.last
      }
      epochs = batch.epochsCompleted
    }
    let text = task.text.decode(rows.flatMap { $0 })
    let whole = task.text.decode(rows[0]) + task.text.decode(rows[1])
    #expect(epochs == 1 && text.hasPrefix(whole))
    #expect(Set(rows.map(\.count)).count == 1)
    #expect(source.nextBatch(5).startsAfresh)
  }

  @Test("Streams put side by side are the text")
  func coverage() throws {
    let text = String((0..<100).map { Character(Unicode.Scalar(UInt8(33 + $0 % 90))) })
    let task = try TextTask(text: text, steps: 4)
    var source = task.makeTrainingSource(seed: 1)
    var rows = ["", "", ""]
    var batch = source.nextBatch(3)
    for row in 0..<3 { rows[row] += task.text.decode(batch.examples[row].tokens) }
    while batch.epochsCompleted == 0 {
      batch = source.nextBatch(3)
      for row in 0..<3 { rows[row] += task.text.decode(batch.examples[row].tokens) }
    }
    // 90 training characters predict 89: three rows of 29.
    #expect(rows.joined() == text.prefix(87))
  }

  @Test("Another number of rows starts a new pass; a tiny text has fewer rows")
  func changedCount() throws {
    let task = try TextTask(text: String(repeating: "abcdefgh", count: 5), steps: 3)
    var source = task.makeTrainingSource(seed: 1)
    _ = source.nextBatch(4)
    let batch = source.nextBatch(2)
    #expect(batch.startsAfresh && batch.examples.count == 2)
    #expect(source.nextBatch(1000).examples.count == 35)
  }

  @Test("Held-out pieces are contiguous and predict every character but the first once")
  func pieces() throws {
    let task = try TextTask(generating: 60_000)
    for (part, name) in [(task.validation, "validation"), (task.test, "test")] {
      #expect(part.count <= 50 && part.allSatisfy { $0.length >= 500 }, "\(name)")
      for (piece, next) in zip(part, part.dropFirst()) {
        #expect(piece.classes.last == next.tokens.first)
      }
    }
    let size = task.validation.map(\.length).reduce(0, +)
    #expect((2990...3030).contains(size))
    #expect(task.validation != task.test)
  }

  @Test("A character that training lacks has the unknown id")
  func unknown() throws {
    let text = String(repeating: "ab", count: 45) + String(repeating: "é", count: 10)
    let task = try TextTask(text: text)
    #expect(task.shape.input == .tokens(vocabulary: 3))
    #expect(task.test[0].tokens.allSatisfy { $0 == 2 })
    #expect(task.text.decode(task.text.encode("abé")) == "ab\u{FFFD}")
    #expect(!task.shape.allowsFuture)
  }

  @Test("The generated text depends on its seed alone, and brackets match")
  func generatedText() throws {
    let task = try TextTask(seed: 3)
    #expect(try TextTask(seed: 3).validation == task.validation)
    #expect(try TextTask(seed: 4).validation != task.validation)
    var source = task.makeTrainingSource(seed: 1)
    var open: [Character] = []
    for character in task.text.decode(source.nextBatch(1).examples[0].tokens) {
      switch character {
      case "(": open.append(")")
      case "[": open.append("]")
      case ")", "]": #expect(open.popLast() == character)
      case "\n": #expect(open.isEmpty)
      default: break
      }
    }
  }

  @Test("Bits a character are the loss over ln 2, and the guess is the entropy")
  func metric() throws {
    let task = try TextTask(text: String(repeating: "abcd", count: 50))
    let metric = task.metric(predictions: [], examples: [], meanLoss: log(8))
    #expect(metric.name == "bits/char" && !metric.higherIsBetter)
    #expect(abs(metric.value - 3) < 1e-12)
    #expect(abs(try #require(task.guessLoss) - log(4)) < 1e-12)
  }

  @Test("Files are read as UTF-8, short texts refused")
  func files() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write(String(repeating: "naïve\r\n", count: 20).utf8, to: "a.txt")
    let task = try TextTask(contentsOf: file)
    // n, a, ï, v, e, LF, which every end of a line is, and the unknown one.
    #expect(task.shape.outputs == 7)
    let error = #expect(throws: RNNError.self) { try TextTask(text: "too short") }
    #expect(error?.description == "text: expected at least 40 characters, found 9")
    #expect(throws: RNNError.self) { try TextTask(steps: 0) }
  }
}
