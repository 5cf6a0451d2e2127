import Foundation
import Testing

@testable import RNNCore
@testable import RNNTasks
@testable import TestSupport

@Suite("Models that answer new data")
struct PredictorTests {
  private static let text = "to be or not to be that is the question\n"

  /// A model of characters, trained for a moment and saved.
  private func languageModel(in folder: TemporaryFolder) throws -> (path: String, TextTask) {
    let task = try TextTask(text: String(repeating: Self.text, count: 4))
    let vocabulary = task.text.sizeWithUnknown
    let model = try SequenceModel(
      ModelConfiguration(
        input: .tokens(vocabulary: vocabulary, embedding: 4), body: .recurrent(.gru()),
        hiddenSize: 6, outputs: vocabulary),
      seed: 2)
    try model.parameters.fill(seed: 5, scale: 0.8)
    let path = folder.path("m.safetensors")
    try model.save(to: path, metadata: task.encoding.metadata())
    return (path, task)
  }

  @Test("A text is scored token by token, in stretches or in one, alone or after another")
  func texts() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let (path, task) = try languageModel(in: folder)
    let model = try SequenceModel(contentsOf: path)
    // The oracle: one pass over everything.
    let ids = task.text.encode(Self.text + "be\n")
    let batch = try SequenceBatch([
      Example(
        input: .tokens(Array(ids.dropLast())), target: .classPerStep(Array(ids.dropFirst())))
    ])
    var state = model.zeroState(sequences: 1)
    let losses = try model.answerLosses(for: batch, state: &state, pass: model.makePass())[0]
    let goingOn = try Predictor(contentsOf: path, textGoesOn: true)
    let scores = try goingOn.predictions(for: [.text(Self.text), .text(""), .text("be\n")])
    #expect(scores[1].answer == .nothing && scores.map(\.tokens) == [40, 0, 3])
    let tokens = scores.flatMap { prediction -> [TextScore.Token] in
      if case .score(let score) = prediction.answer { score.tokens } else { [] }
    }
    #expect(tokens.map(\.text).joined() == Self.text + "be\n")
    #expect(tokens[0].logProbability == nil && tokens.count == ids.count)
    for (token, loss) in zip(tokens.dropFirst(), losses) {
      #expect(abs(try #require(token.logProbability) + loss) < 1e-6)
    }
    // In two calls the text goes on just as well.
    let again = try Predictor(contentsOf: path, textGoesOn: true)
    let parts =
      try again.predictions(for: [.text(Self.text)])
      + again.predictions(for: [.text("be\n")])
    #expect(parts[0] == scores[0] && parts[1].tokens == 3)
    // By itself each begins after the end of a line.
    let alone = try Predictor(contentsOf: path)
    let same = try alone.predictions(for: [.text("be\n"), .text("be\n")], detail: .init(top: 2))
    #expect(same[0] == same[1])
    guard case .score(let score) = same[0].answer else { throw CancellationError() }
    #expect(score.count == 3 && score.tokens.allSatisfy { $0.likeliest.count == 2 })
    #expect(abs(try #require(score.perplexity) - exp(-score.logProbability / 3)) < 1e-9)
    #expect(
      try alone.predict("zz") != "" && alone.predictions(for: [.text("zz")])[0].unknownTokens == 2)
  }

  @Test("What another kind of model is asked is refused, and so is a model without a vocabulary")
  func refused() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let (path, _) = try languageModel(in: folder)
    let predictor = try Predictor(contentsOf: path)
    for input in [
      PredictionInput.notes([[60]]), .series([1], width: 1), .words(["a"]),
      .question("a", image: []), .tree(.word("a", tag: "B")),
    ] {
      expectError(.unsupported, about: "input") { _ = try predictor.predictions(for: [input]) }
      expectError(.unsupported, about: "input") { try predictor.check(input) }
    }
    let plain = folder.path("plain")
    try SequenceModel(contentsOf: path).save(to: plain)
    expectError(.format, about: "plain") { _ = try Predictor(contentsOf: plain) }
  }
}
