import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Long sequences are scored in stretches")
struct StretchTests {
  /// Every body and loss, those among them that have to be read as a whole.
  static let all = ModelCase.all.filter { !$0.configuration.loss.isOfWholeSequences || $0.isLSTM }

  @Test("Answers and losses are those of one pass", arguments: all, [1, 5, 8])
  func stretches(_ modelCase: ModelCase, rows: Int) throws {
    var configuration = modelCase.configuration
    configuration.contextSide = .past
    let model = try SequenceModel(configuration, seed: 1, team: ThreadTeam(count: 2))
    try model.parameters.fill(seed: 2)
    let batch = try SequenceBatch(modelCase.examples(lengths: [4, 1, 9, 3]))
    var state = model.zeroState(sequences: 4)
    let whole = try model.predictionsAndLoss(
      for: batch, state: &state, pass: model.makePass(), reduction: .sum)
    let pass = model.makePass()
    let parts = try model.predictionsAndLoss(for: batch, pass: pass, inStretchesOf: rows)
    if ProductBackend.standard == .packed { #expect(parts.predictions == whole.predictions) }
    #expect(parts.loss.elements == whole.loss.elements)
    let closeness = Closeness(
      absolute: 1e-5, relative: 1e-5, reason: "OpenBLAS rounds by rows; else the order of 17 terms")
    expectClose([parts.loss.value], [whole.loss.value], closeness, "loss")
    // What stays on the pass is the last step of the longest, or all where nothing could be cut.
    #expect(pass.batch?.layout.rowCount == (modelCase.isCut ? 1 : 17))
  }

  @Test("A sequence head is asked once, after all steps")
  func head() throws {
    let configuration = ModelConfiguration(
      input: .tokens(vocabulary: 6, embedding: 3), body: .recurrent(.lstm()), hiddenSize: 5,
      outputs: 4, sentenceHead: SentenceHead(classes: 3))
    let model = try SequenceModel(configuration, seed: 1)
    let batch = try SequenceBatch(
      TrainingFixture(configuration: configuration, lengths: [9, 2]).examples(seed: 3))
    let (answers, _) = try model.predictionsAndLoss(
      for: batch, pass: model.makePass(), inStretchesOf: 4)
    #expect(answers.map { $0.sentence?.logits.count } == [3, 3])
  }
}

extension ModelCase {
  fileprivate var isLSTM: Bool { name.hasPrefix("lstm, tokens") }

  fileprivate var isCut: Bool {
    guard configuration.answer == .everyStep, !configuration.loss.isOfWholeSequences else {
      return false
    }
    if case .recurrent(_, _, let directions) = configuration.body { return directions == .forward }
    return true
  }
}
