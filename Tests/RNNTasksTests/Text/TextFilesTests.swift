import Foundation
import RNNCore
import RNNTasks
import Testing

@Suite("Text files")
struct TextFilesTests {
  private func task(
    _ files: [(name: String, text: String)], open name: String? = nil,
    encoding: TaskEncoding? = nil, _ change: (inout DataOptions) -> Void = { _ in }
  ) throws -> TextTask {
    let directory = try TemporaryDirectory()
    for file in files { try directory.write(file.text.utf8, to: file.name) }
    var options = DataOptions()
    let url = name.map { directory.url.appendingPathComponent($0) } ?? directory.url
    change(&options)
    return try #require(
      try makeTask(.lm, at: url, options: options, encoding: encoding) as? TextTask)
  }

  private static let parts = [
    (name: "ptb.train.txt", text: "the cat the dog\nthe <unk> cat\r\n"),
    (name: "ptb.valid.txt", text: "the mouse\n"), (name: "ptb.test.txt", text: "\tdog  the"),
  ]

  @Test("Words end with <eos> at every line, rare ones and <unk> are unknown")
  func words() throws {
    let task = try task(Self.parts) { $0.unit = .word }
    #expect(task.text.symbols == .words(Vocabulary(["the", "cat", "<eos>"])))
    #expect(task.shape.input == .tokens(vocabulary: 4) && task.shape.outputs == 4)
    #expect(task.validation.map(\.tokens) == [[0, 3]] && task.validation[0].classes == [3, 2])
    #expect(task.test[0].tokens == [3, 0] && task.test[0].classes == [0, 2])
    var source = task.makeTrainingSource(seed: 1)
    #expect(source.nextBatch(1).examples[0].tokens == [0, 1, 0, 3, 2, 0, 3, 1])
    #expect(task.text.decode([0, 1, 2, 3, 0]) == "the cat\n<unk> the")
    #expect(task.text.encode("the cat\n rat the") == [0, 1, 2, 3, 0])
  }

  @Test("Every word known; case and digits ignored where asked")
  func normalisation() throws {
    let files = [
      (name: "train", text: "On the 2nd ON THE 3rd\n"), (name: "dev", text: "on 42\n"),
      (name: "test", text: "x\n"),
    ]
    let task = try task(files) {
      ($0.unit, $0.minimumCount, $0.lowercase, $0.digits) = (.word, 1, true, true)
    }
    let words = Vocabulary(["on", "the", "DIGITnd", "DIGITrd", "<eos>"])
    #expect(task.text.symbols == .words(words))
    #expect(task.text.encode("ON 9nd 42") == [0, 2, 5])
    #expect(throws: RNNError.self) { try self.task(files) { $0.digits = true } }
  }

  @Test("A single file is split at its words; the score is the perplexity")
  func single() throws {
    let text = (0..<20).map { "w\($0)" }.joined(separator: "\n") + "\n"
    let task = try task([(name: "a.txt", text: text)], open: "a.txt") {
      ($0.unit, $0.minimumCount, $0.steps) = (.word, 1, 7)
    }
    // 40 tokens: 36 to train, 2 and 2.
    #expect(task.text.count == 19 && task.validation[0].length == 1)
    let score = task.score(predictions: [], examples: [], meanLoss: log(8))
    #expect(score.metrics.map(\.name) == ["perplexity"] && score.chunks == nil)
    // Rounding of log and exp.
    #expect(abs(score.metrics[0].value - 8) < 1e-12)
    var source = task.makeTrainingSource(seed: 1)
    #expect(source.carriesState && source.nextBatch(2).examples[0].length == 7)
  }

  @Test("Characters have line feeds for line ends; bits come first, perplexity after it")
  func characters() throws {
    let text = String(repeating: "ab\r\n", count: 15)
    let task = try task([(name: "a", text: text)], open: "a")
    let symbols: [Unicode.Scalar] = ["\n", "a", "b"]
    #expect(task.text.symbols == .characters(Vocabulary(symbols)) && task.name == "lm")
    let score = task.score(predictions: [], examples: [], meanLoss: log(4))
    #expect(score.metrics.map(\.name) == ["bits/char", "perplexity"])
    #expect(score.metrics.map { ($0.value * 1e9).rounded() } == [2e9, 4e9])
  }

  @Test("A saved encoding numbers other data like its own")
  func saved() throws {
    let first = try task(Self.parts) { $0.unit = .word }
    let others = [
      (name: "train.txt", text: "dog mouse rat\n"), (name: "valid.txt", text: "cat the\n"),
      (name: "test.txt", text: "a b\n"),
    ]
    let second = try task(others, encoding: first.encoding) { $0.unit = .character }
    #expect(second.encoding == first.encoding && second.shape == first.shape)
    #expect(second.validation[0].tokens == [1, 0] && second.validation[0].classes == [0, 2])
  }

  @Test("Short, missing and empty parts are named")
  func errors() throws {
    let short = #expect(throws: RNNError.self) {
      try task([(name: "a", text: "a b c")], open: "a") { $0.unit = .word }
    }
    #expect(short?.description.hasSuffix("/a: expected at least 40 words, found 4") == true)
    let one = [Self.parts[0], Self.parts[1], (name: "test", text: "x")]
    let part = #expect(throws: RNNError.self) { try task(one) }
    #expect(part?.kind == .range && part?.argument.hasSuffix("/test") == true)
    let missing = #expect(throws: RNNError.self) { try task(Array(Self.parts.prefix(2))) }
    #expect(missing?.expected == "a test part, such as test.txt")
    let empty = #expect(throws: RNNError.self) {
      try task(Self.parts.prefix(2) + [(name: "test", text: "")])
    }
    #expect(empty?.kind == .empty)
    let changes: [(inout DataOptions) -> Void] = [
      { $0.steps = 0 }, { $0.minimumCount = 0 }, { ($0.unit, $0.minimumCount) = (.word, 100) },
    ]
    for change in changes {
      #expect(throws: RNNError.self) { try task(Self.parts, change) }
    }
  }
}
