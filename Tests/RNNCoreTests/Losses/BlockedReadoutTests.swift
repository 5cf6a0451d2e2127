import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A readout into classes, a block of rows at a time")
struct BlockedReadoutTests {
  /// Ragged batches of 25 steps, some without a target.
  static let all: [ModelConfiguration] = [
    configuration(.recurrent(.lstm())),
    configuration(.recurrent(.lstm(), layers: 2), dropout: 0.3),
    configuration(.recurrent(.gru(), directions: .concatenated)),
    configuration(.feedForward()),
    configuration(.recurrent(.lstm()), tied: true),
    configuration(.recurrent(.lstm()), head: SentenceHead(classes: 3, weight: 0.7)),
    configuration(.recurrent(.gru(.before), directions: .summed), answer: .atEnd),
  ]

  private static func configuration(
    _ body: ModelConfiguration.Body, answer: SequenceBatch.Answer = .everyStep,
    dropout: Float = 0, tied: Bool = false, head: SentenceHead? = nil
  ) -> ModelConfiguration {
    var configuration = ModelConfiguration(
      input: .tokens(vocabulary: 37, embedding: 5), body: body, hiddenSize: 5, outputs: 37,
      answer: answer, dropout: dropout, sentenceHead: head)
    configuration.tiesEmbedding = tied
    return configuration
  }

  private static let lengths = [3, 9, 1, 7, 5]

  private static func batch(_ configuration: ModelConfiguration) throws -> SequenceBatch {
    let plain = TrainingFixture(configuration: configuration, lengths: lengths).examples(seed: 3)
    guard configuration.sentenceHead != nil else { return try SequenceBatch(plain) }
    return try SequenceBatch(
      plain.enumerated().map {
        Example(input: $1.input, target: $1.target, label: Int32($0 % 3))
      })
  }

  private static func model(_ configuration: ModelConfiguration, threads: Int) throws
    -> SequenceModel
  {
    let model = try SequenceModel(
      configuration, seed: 1, team: ThreadTeam(count: threads, cores: threads))
    try model.parameters.fill(seed: 2)
    return model
  }

  /// Sizes of blocks that do and do not divide the rows.
  static let sizes = [1, 4]

  /// Our kernels add in one order however rows are divided, to the bit; OpenBLAS rounds by the
  /// rows of a block.
  private static let closeness =
    ProductBackend.standard == .openBLAS
    ? Closeness(absolute: 1e-6, relative: 1e-5, reason: "OpenBLAS sums in another order")
    : .exact

  /// Losses and parameters after some training steps.
  private func train(
    _ configuration: ModelConfiguration, threads: Int, blockRows: Int?, reduction: Loss.Reduction
  ) throws -> (losses: [Double], values: [Double]) {
    let model = try Self.model(configuration, threads: threads)
    let trainer = try Trainer(
      model, rule: .adam(), rate: 1e-2, clipping: .globalNorm(1), reduction: reduction, seed: 5)
    trainer.pass.layers.blockRows = blockRows
    let losses = try (0..<3).map { _ in try trainer.step(Self.batch(configuration)).loss }
    #expect((trainer.pass.blocked != nil) == (blockRows != nil))
    return (
      losses,
      try model.parameters.named().sorted { $0.key < $1.key }.flatMap { $0.value.map(Double.init) }
    )
  }

  @Test(
    "Training comes to the numbers that logits as a whole come to", arguments: all,
    Loss.Reduction.allCases)
  func training(_ configuration: ModelConfiguration, _ reduction: Loss.Reduction) throws {
    let plain = try train(configuration, threads: 1, blockRows: nil, reduction: reduction)
    for threads in [1, 2] {
      for rows in Self.sizes {
        let blocked = try train(
          configuration, threads: threads, blockRows: rows, reduction: reduction)
        expectClose(blocked.losses, plain.losses, Self.closeness, "losses, \(rows) rows a block")
        expectClose(blocked.values, plain.values, Self.closeness, "parameters")
      }
    }
  }

  @Test(
    "Loss and gradients are those of plain Doubles", arguments: all.filter { $0.dropout == 0 },
    Loss.Reduction.allCases)
  func oracle(_ configuration: ModelConfiguration, _ reduction: Loss.Reduction) throws {
    var small = configuration
    small.outputs = small.tiesEmbedding ? 6 : 4
    small.input = .tokens(vocabulary: 6, embedding: 5)
    var examples = TrainingFixture(configuration: small, lengths: [3, 1, 4]).examples(seed: 3)
    if small.sentenceHead != nil {
      for index in examples.indices { examples[index].label = Int32(2 - index) }
    }
    try expectOracleGradients(small, examples, reduction: reduction, blockRows: 2)
  }

  @Test("Answers and losses without training are those of logits as a whole", arguments: all)
  func evaluation(_ configuration: ModelConfiguration) throws {
    let model = try Self.model(configuration, threads: 2)
    let batch = try Self.batch(configuration)
    func evaluate(_ rows: Int?) throws -> (SequencePredictions, [Double]) {
      let pass = model.makePass()
      pass.layers.blockRows = rows
      var state = model.zeroState(sequences: Self.lengths.count)
      let (answers, loss) = try model.predictionsAndLoss(for: batch, state: &state, pass: pass)
      #expect((pass.blocked != nil) == (rows != nil))
      state.setToZero()
      let alone = try model.loss(for: batch, state: &state, pass: pass)
      #expect(alone == loss)
      state.setToZero()
      #expect(try model.predictions(for: batch, state: &state, pass: pass) == answers)
      return (answers, [loss.value, Double(loss.elements), loss.sentence ?? 0])
    }
    let plain = try evaluate(nil)
    for rows in Self.sizes {
      let blocked = try evaluate(rows)
      expectClose(blocked.1, plain.1, Self.closeness, "loss")
      if Self.closeness.relative == 0 { #expect(blocked.0 == plain.0) }
      #expect(blocked.0.map(\.answers) == plain.0.map(\.answers))
    }
  }

  private typealias SequencePredictions = [SequencePrediction]

  @Test("Encoders with decoders train alike", arguments: EncoderDecoderCase.all)
  func encoderDecoder(_ modelCase: EncoderDecoderCase) throws {
    func gradient(_ rows: Int?) throws -> [Double] {
      let model = try modelCase.model(threads: 2)
      let pass = model.makePass()
      pass.layers.blockRows = rows
      let batch = try PairBatch(modelCase.pairs(seed: 3), for: model.configuration)
      let gradients = ParameterStore(layout: model.parameters.layout)
      var noDropout: RandomGenerator?
      let loss = try model.addGradient(
        for: batch, pass: pass, dropout: &noDropout, to: gradients)
      #expect(try model.loss(for: batch, pass: pass).elements == loss.elements)
      return [loss.value, try model.loss(for: batch, pass: pass).value]
        + (try gradients.named().sorted { $0.key < $1.key }.flatMap { $0.value.map(Double.init) })
    }
    let plain = try gradient(nil)
    for rows in Self.sizes {
      expectClose(try gradient(rows), plain, Self.closeness, "loss and gradient")
    }
  }

  @Test("Large logits go by blocks of themselves, small ones do not, and outputs stay whole")
  func sizes() throws {
    for (vocabulary, isBlocked) in [(100, false), (30_000, true)] {
      let model = try SequenceModel(
        ModelConfiguration(
          input: .tokens(vocabulary: 5, embedding: 2), body: .recurrent(.elman(.tanh)),
          hiddenSize: 3, outputs: vocabulary),
        seed: 1)
      let batch = try SequenceBatch([
        Example(
          input: .tokens((0..<90).map { $0 % 5 }),
          target: .classPerStep((0..<90).map { $0 * 200 % Int32(vocabulary) }))
      ])
      let pass = model.makePass()
      let loss = try model.loss(for: batch, pass: pass)
      #expect((pass.blocked != nil) == isBlocked)
      // Weights are small, so that all classes are about as likely.
      #expect(abs(loss.value - log(Double(vocabulary))) < 1)
      var state = model.zeroState(sequences: 1)
      let outputs = try model.outputs(for: batch, state: &state, pass: pass)
      #expect(outputs[0].count == 90 * vocabulary)
    }
  }

  @Test("What stopped being finite is found as in logits as a whole", arguments: [nil, 1, 3])
  func nonFinite(_ rows: Int?) throws {
    let configuration = Self.all[0]
    let model = try Self.model(configuration, threads: 1)
    // Whatever the sign of the sum of the states, one of the last two logits is infinite.
    let most = Float.greatestFiniteMagnitude
    func repeated(_ count: Int, _ value: Float) -> [Float] { .init(repeating: value, count: count) }
    try model.parameters.set("readout.bias", to: repeated(35, 0) + [most, most])
    try model.parameters.set(
      "readout.weight", to: repeated(35 * 5, 0) + repeated(5, 3e38) + repeated(5, -3e38))
    let trainer = try Trainer(model, rule: .sgd(), rate: 0.1, nonFinite: .skip)
    trainer.pass.layers.blockRows = rows
    let report = try trainer.step(Self.batch(configuration))
    let origin = try #require(report.nonFiniteOrigin)
    #expect(origin.layer == "readout" && origin.quantity == .outputGradient)
    let whole = try Trainer(model, rule: .sgd(), rate: 0.1, nonFinite: .skip)
    #expect(try whole.step(Self.batch(configuration)).nonFiniteOrigin == origin)
  }
}
