import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A trainer")
struct TrainerTests {
  static let seldom = ModelCase.all.filter { $0.configuration.loss == .softmaxCrossEntropy }

  @Test("learns a small batch by heart", arguments: seldom)
  func learns(_ model: ModelCase) throws {
    var model = model
    model.configuration.hiddenSize = 24
    let trainer = try Self.trainer(model, threads: 2)
    let batch = try model.batch()
    let first = try trainer.step(batch).loss
    var last = first
    for _ in 0..<150 { last = try trainer.step(batch).loss }
    #expect(last < 0.3 * first, "from \(first) to \(last)")
  }

  @Test("gives the same bits with the same seed, dropout included", arguments: [1, 2, 3])
  func sameSeedSameBits(_ threads: Int) throws {
    var model = ModelCase.all[0]
    model.configuration = ModelConfiguration(
      input: .tokens(vocabulary: 11, embedding: 5),
      body: .recurrent(.lstm(), layers: 2, directions: .concatenated), hiddenSize: 17, outputs: 4,
      dropout: 0.3, recurrentDropout: 0.2)
    let batch = try model.batch()
    let weights = try (0..<2).map { _ in
      let trainer = try Self.trainer(model, threads: threads)
      for _ in 0..<5 { try trainer.step(batch) }
      return trainer.model.parameters.withUnsafeMutableValues { Array($0) }
    }
    #expect(weights[0] == weights[1])
  }

  @Test("gives what one thread gives with up to four threads", arguments: seldom)
  func threadsAgree(_ model: ModelCase) throws {
    let batch = try model.batch()
    let weights = try (1...4).map { threads in
      let trainer = try Self.trainer(model, threads: threads, rule: .sgd(), rate: 0.1)
      for _ in 0..<3 { try trainer.step(batch) }
      return trainer.model.parameters.withUnsafeMutableValues { Array($0) }
    }
    for found in weights.dropFirst() { #expect(found == weights[0]) }
  }

  @Test(
    "says the mean loss of an answer whatever it reduces by", arguments: Loss.Reduction.allCases)
  func meanLoss(_ reduction: Loss.Reduction) throws {
    let configuration = ModelConfiguration(
      input: .tokens(vocabulary: 11, embedding: 5), body: .recurrent(.gru()), hiddenSize: 6,
      outputs: 4, sentenceHead: SentenceHead(classes: 3, weight: 5))
    var examples = ModelCase(name: "", configuration: configuration).examples()
    for index in examples.indices { examples[index].label = Int32(index % 3) }
    let batch = try SequenceBatch(examples)
    let report = try Trainer(SequenceModel(configuration, seed: 1), rate: 0.1, reduction: reduction)
      .step(batch)
    // Without a head: what the steps alone cost.
    var plain = configuration
    plain.sentenceHead = nil
    let model = try SequenceModel(plain, seed: 1)
    var state = model.zeroState(sequences: examples.count)
    let steps = try model.loss(for: batch, state: &state, pass: model.makePass())
    #expect(abs(report.meanLoss - steps.value) < 1e-6 && report.loss > report.meanLoss)
  }

  @Test("does not drop anything in evaluation")
  func evaluationHasNoDropout() throws {
    let configuration = ModelConfiguration(
      input: .features(width: 3), body: .recurrent(.gru(), layers: 2), hiddenSize: 8, outputs: 2,
      loss: .meanSquaredError, dropout: 0.5, recurrentDropout: 0.5)
    let model = try SequenceModel(configuration, seed: 1)
    let batch = try ModelCase(name: "", configuration: configuration).batch()
    let losses = try (0..<2).map { _ in
      var state = model.zeroState(sequences: 4)
      return try model.loss(for: batch, state: &state, pass: model.makePass()).value
    }
    #expect(losses[0] == losses[1])
  }

  @Test("refuses batches that do not fit and names what is wrong")
  func refusesWhatDoesNotFit() throws {
    let model = ModelCase.all[0]
    let trainer = try Self.trainer(model, threads: 1)
    func refused(_ kind: RNNError.Kind, _ input: Example.Input, _ target: Example.Target) {
      #expect {
        try trainer.step(SequenceBatch([Example(input: input, target: target)]))
      } throws: { ($0 as? RNNError)?.kind == kind }
    }
    refused(.vocabulary, .tokens([3, 11]), .classPerStep([0, 1]))
    refused(.vocabulary, .tokens([3, -1]), .classPerStep([0, 1]))
    refused(.vocabulary, .tokens([3, 1]), .classPerStep([0, 4]))
    refused(.shape, .features([1, 2], width: 1), .classPerStep([0, 1]))
    refused(.shape, .tokens([3, 1]), .classAtEnd(1))
    refused(.shape, .tokens([3, 1]), .valuesPerStep([0, 1]))
    refused(.nonFinite, .features([1, .nan], width: 1), .classPerStep([0, 1]))
    refused(.empty, .tokens([]), .classPerStep([]))
    var wrongState = trainer.model.zeroState(sequences: 3)
    let elman = try #require(ModelCase.all.first { $0.name.hasPrefix("elman") })
    let recurrent = try Self.trainer(elman, threads: 1)
    #expect(throws: RNNError.self) {
      try recurrent.step(elman.batch(), state: &wrongState)
    }
  }

  @Test("feeds targets back only where there is one at every step")
  func teacherForcingNeedsTargets() {
    #expect {
      try SequenceModel(
        ModelConfiguration(
          input: .features(width: 2), body: .recurrent(.jordan(.tanh, teacherForcing: true)),
          hiddenSize: 3, outputs: 2, answer: .atEnd),
        seed: 1)
    } throws: { ($0 as? RNNError)?.kind == .unsupported }
  }

  static func trainer(
    _ model: ModelCase, threads: Int, rule: OptimizerRule = .adam(), rate: Float = 0.02
  ) throws -> Trainer<SequenceModel> {
    try Trainer(
      SequenceModel(model.configuration, seed: 2, team: ThreadTeam(count: threads, cores: threads)),
      rule: rule,
      rate: rate, clipping: .globalNorm(5), seed: 9)
  }
}
