import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Scheduled sampling")
struct ScheduledSamplingTests {
  private static let cases =
    [EncoderDecoderCase.all[0], .all[20], .all[40], .all[60]]
    + EncoderDecoderCase.stepped.enumerated().filter { $0.offset % 7 == 0 }.map(\.element)

  /// The gradients of a training step, and what the decoder read.
  private func gradients(
    _ test: EncoderDecoderCase, _ sampling: SamplingSchedule, seed: UInt64? = 4
  ) throws -> (loss: Double, gradients: ParameterStore, fed: [Int32], model: EncoderDecoder) {
    var test = test
    test.configuration.sampling = sampling
    let model = try test.model()
    let gradients = ParameterStore(layout: model.parameters.layout)
    var random = seed.map { RandomGenerator(seed: $0) }
    let pass = model.makePass()
    let batch = try PairBatch(test.pairs(seed: 3), for: test.configuration)
    let loss = try model.addGradient(for: batch, pass: pass, dropout: &random, to: gradients)
    return (loss.value, gradients, pass.steps.fed, model)
  }

  private func expectEqual(
    _ a: ParameterStore, _ b: ParameterStore, _ what: String
  ) throws {
    for slice in a.layout.slices {
      expectClose(
        try a.values(of: slice.name).map(Double.init),
        try b.values(of: slice.name).map(Double.init),
        oracleCloseness, "\(what): \(slice.name)")
    }
  }

  @Test(
    "A probability of almost 0 goes by steps to what teacher forcing gives at once",
    arguments: cases)
  func teacherForcing(_ test: EncoderDecoderCase) throws {
    let (loss, own, _, _) = try gradients(test, .constant(1e-30))
    let (forcedLoss, forced, _, _) = try gradients(test, .never)
    expectClose([loss], [forcedLoss], oracleCloseness, "loss")
    try expectEqual(own, forced, "gradients")
  }

  @Test(
    "Always sampled, a decoder reads its own likeliest tokens, and learns the targets",
    arguments: cases)
  func ownTokens(_ test: EncoderDecoderCase) throws {
    let (loss, gradients, fed, model) = try gradients(test, .constant(1))
    let oracle = EncoderDecoderOracle(configuration: test.configuration)
    let pairs = test.pairs(seed: 3)
    let layout = try PairBatch(pairs, for: test.configuration).targets.layout

    let tape = GradientTape()
    let variables = try model.parameters.named().mapValues { values in
      values.map { tape.variable(Double($0)) }
    }
    var (sum, count): (Variable, Double) = (0.0, 0)
    for (index, pair) in pairs.enumerated() {
      let inputs = (0...pair.target.count).map { fed[layout.row(sequence: index, step: $0)] }
      #expect(inputs[0] == test.configuration.start)
      let logits: [[Variable]] = oracle.logits(variables, pair, inputs: inputs)
      for step in 1..<inputs.count {
        let values = logits[step - 1].map(\.value)
        #expect(Int(inputs[step]) == values.indices.max { values[$0] < values[$1] })
      }
      for (row, token) in zip(logits, pair.target + [test.configuration.end]) {
        sum = sum - row.softmax()[Int(token)].logarithm()
        count += 1
      }
    }
    let expected = sum / Variable(count)
    let slopes = tape.gradient(of: expected)
    expectClose([loss], [expected.value], oracleCloseness, "loss")
    for (name, values) in variables {
      expectClose(
        try gradients.values(of: name).map(Double.init), values.map { slopes[$0.node] },
        oracleCloseness, name)
    }
  }

  @Test("The generator alone decides, and nothing is drawn without one")
  func seeds() throws {
    let test = Self.cases[0]
    let first = try gradients(test, .constant(0.5))
    #expect(try gradients(test, .constant(0.5)).fed == first.fed)
    #expect(try (5..<9).contains { try gradients(test, .constant(0.5), seed: $0).fed != first.fed })
    #expect(try gradients(test, .constant(0.5), seed: nil).loss == gradients(test, .never).loss)
  }

  @Test("Schedules rise from nothing to what they are to be")
  func schedules() throws {
    #expect(SamplingSchedule.never.probability(updates: 99) == 0)
    #expect(SamplingSchedule.constant(0.2).probability(updates: 99) == 0.2)
    let linear = SamplingSchedule.linear(updates: 10, most: 0.5)
    #expect([0, 5, 10, 99].map { linear.probability(updates: $0) } == [0, 0.25, 0.5, 0.5])
    // Bengio et al. 2015: ε of the target is k / (k + exp(i / k)).
    let sigmoid = SamplingSchedule.inverseSigmoid(20)
    #expect(abs(sigmoid.probability(updates: 0) - 1.0 / 21) < 1e-12)
    #expect(sigmoid.probability(updates: 1 << 40) == 1)
    for schedule: SamplingSchedule in [
      .never, .constant(0.5), linear, sigmoid, .linear(updates: 3),
    ] {
      #expect(try SamplingSchedule(schedule.description) == schedule)
    }
    for text in ["", "constant", "constant=x", "linear=2.5", "sigmoid", "never=1", "linear=1@2@3"] {
      expectError(.format) { _ = try SamplingSchedule(text) }
    }
    expectError(.range) { _ = try SamplingSchedule("constant=2") }
  }

  @Test("A run with dropout and sampling goes on from a file to the same bits")
  func resumes() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    var test = EncoderDecoderCase.stepped[5]
    (test.configuration.dropout, test.configuration.sampling) = (
      0.3, .linear(updates: 6, most: 0.8)
    )
    func makeTrainer(_ seed: UInt64) throws -> Trainer<EncoderDecoder> {
      try Trainer(
        EncoderDecoder(test.configuration, seed: seed, team: ThreadTeam(count: 1)), rate: 0.02,
        seed: seed)
    }
    func step(_ trainer: Trainer<EncoderDecoder>, _ steps: Range<Int>) throws {
      for step in steps {
        try trainer.step(PairBatch(test.pairs(seed: UInt64(step)), for: test.configuration))
      }
    }
    let whole = try makeTrainer(1)
    try step(whole, 0..<5)
    try whole.save(to: folder.path("c"))
    try step(whole, 5..<9)
    let second = try makeTrainer(2)
    try TrainingCheckpoint(reading: folder.path("c")).restore(second)
    try step(second, 5..<9)
    #expect(second.model.parameters.bits == whole.model.parameters.bits)
  }
}
