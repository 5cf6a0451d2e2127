import Testing

@testable import RNNCore
@testable import TestSupport

/// What models take, counted as they take it, against what was reckoned before.
@Suite("Memory of passes")
struct PassMemoryTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var configuration: ModelConfiguration
    var testDescription: String { name }

    init(
      _ name: String, _ body: ModelConfiguration.Body, features: Bool = false, window: Int = 1,
      outputs: Int = 24, loss: Loss = .softmaxCrossEntropy,
      answer: SequenceBatch.Answer = .everyStep, dropout: Float = 0, recurrentDropout: Float = 0,
      sentence: SentenceHead? = nil
    ) {
      self.name = name
      configuration = ModelConfiguration(
        input: features ? .features(width: 40) : .tokens(vocabulary: 30, embedding: 40),
        contextWindow: window, body: body, hiddenSize: 48, outputs: outputs, loss: loss,
        answer: answer, dropout: dropout, recurrentDropout: recurrentDropout,
        sentenceHead: sentence)
    }

    static let all: [Case] =
      CellKind.names.compactMap { try? CellKind($0) }.map { Case("\($0)", .recurrent($0)) } + [
        Case("two layers", .recurrent(.lstm(), layers: 2)),
        Case("both directions", .recurrent(.gru(), layers: 3, directions: .concatenated)),
        Case("summed", .recurrent(.lstm(), layers: 2, directions: .summed), features: true),
        Case("feed-forward", .feedForward(), window: 5),
        Case("window", .recurrent(.elman(.tanh)), window: 7, dropout: 0.5),
        Case(
          "dropout", .recurrent(.lstm(), layers: 3), dropout: 0.5, recurrentDropout: 0.2),
        Case("numbers", .recurrent(.gru()), features: true, loss: .meanSquaredError),
        Case("yes or no", .recurrent(.gru()), outputs: 300, loss: .bernoulliCrossEntropy),
        Case("at the end", .recurrent(.lstm(), directions: .concatenated), answer: .atEnd),
        Case("CRF", .recurrent(.gru()), outputs: 60, loss: .conditionalRandomField),
        Case("CTC", .recurrent(.gru()), loss: .connectionistTemporalClassification),
        Case("many classes", .recurrent(.gru()), outputs: 20_000),
        Case("sentence", .recurrent(.gru()), sentence: SentenceHead(classes: 9, weight: 1)),
      ]
  }

  private static let steps = 60

  private static func batch(_ configuration: ModelConfiguration, count: Int) throws -> SequenceBatch
  {
    var random = RandomGenerator(seed: 3)
    let examples = (0..<count).map { index in
      // Ragged, but hardly.
      let steps = steps - (index == 0 ? 1 : 0)
      let input: Example.Input
      switch configuration.input {
      case .tokens(let vocabulary, _):
        input = .tokens((0..<steps).map { _ in Int32(random.integer(below: vocabulary)) })
      case .features(let width):
        input = .features((0..<steps * width).map { _ in random.uniform() }, width: width)
      }
      let outputs = configuration.outputs
      func label(_: Int) -> Int32 { Int32(random.integer(below: outputs)) }
      func number(_: Int) -> Float { Float(random.integer(below: 2)) }
      let target: Example.Target =
        switch (configuration.loss, configuration.answer) {
        case (.connectionistTemporalClassification, _):
          .labelling((0..<20).map { Int32(1 + $0 % (outputs - 1)) })
        case (.meanSquaredError, _), (.bernoulliCrossEntropy, _):
          .valuesPerStep((0..<steps * outputs).map(number))
        case (_, .atEnd): .classAtEnd(label(0))
        case (_, .everyStep): .classPerStep((0..<steps).map(label))
        }
      var example = Example(input: input, target: target)
      if configuration.sentenceHead != nil { example.label = 1 }
      return example
    }
    return try SequenceBatch(examples)
  }

  /// Throws away what is far too much as well: twice as much, and a megabyte for small parts.
  private func expect(_ need: MemoryNeed, covers bytes: Int, _ name: String) {
    #expect(need.bytes >= bytes, "\(name): \(need) reckoned, \(bytes) taken; \(need.parts)")
    #expect(
      need.bytes <= 2 * bytes + 1 << 20,
      "\(name): \(need) reckoned, \(bytes) taken; \(need.parts)")
  }

  @Test(
    "A training step takes what was reckoned at most, and more than half of it",
    arguments: Case.all)
  func training(_ example: Case) throws {
    for count in [1, 16] {
      let batch = try Self.batch(example.configuration, count: count)
      let labels = example.configuration.loss == .connectionistTemporalClassification ? 20 : 0
      let extent = BatchExtent(sequences: count, steps: Self.steps, labels: labels)
      let need =
        try example.configuration.passMemory(extent, recording: true, threads: 1)
        + example.configuration.layout()
        .trainingMemory(.adam(), averages: true, keepsBest: false)
      let (_, bytes) = try EngineMemory.counting {
        let model = try SequenceModel(
          example.configuration, seed: 1, team: ThreadTeam(count: 1))
        let trainer = try Trainer(model, rate: 1e-3, averaging: 0.9)
        for _ in 0..<2 { try trainer.step(batch) }
        try trainer.withAveragedParameters { () throws(RNNError) in }
      }
      expect(need, covers: bytes, "\(example) \(count)")
    }
  }

  @Test("So does a way forward", arguments: Case.all)
  func forward(_ example: Case) throws {
    let batch = try Self.batch(example.configuration, count: 16)
    let labels = example.configuration.loss == .connectionistTemporalClassification ? 20 : 0
    let need = try example.configuration.memoryNeeded(
      for: BatchExtent(sequences: 16, steps: Self.steps, labels: labels), recording: false)
    let (_, bytes) = try EngineMemory.counting {
      let model = try SequenceModel(example.configuration, seed: 1, team: ThreadTeam(count: 1))
      var state = model.zeroState(sequences: 16)
      _ = try model.predictionsAndLoss(
        for: batch, state: &state, pass: model.makePass(), reduction: .mean)
    }
    expect(need, covers: bytes, "\(example)")
  }

  struct PairCase: Sendable, CustomTestStringConvertible {
    var attention: AttentionScore?
    var feeding = AttentionFeeding.none
    var sampling = SamplingSchedule.never
    var directions = Directions.concatenated
    var layers = 1
    var dropout: Float = 0
    var testDescription: String {
      "\(attention.map { "\($0)" } ?? "no") attention, feeding \(feeding), \(directions), "
        + "\(layers) layers, dropout \(dropout), \(sampling)"
    }

    static let all =
      [
        PairCase(attention: nil), PairCase(attention: .dot), PairCase(attention: .general),
        PairCase(attention: .concat), PairCase(attention: nil, directions: .forward, layers: 2),
        PairCase(attention: .general, layers: 2, dropout: 0.3),
      ]
      + [AttentionFeeding.answer, .context].map { PairCase(attention: .concat, feeding: $0) } + [
        PairCase(attention: .general, sampling: .constant(0.5), dropout: 0.2)
      ]

    var configuration: EncoderDecoderConfiguration {
      EncoderDecoderConfiguration(
        source: .tokens(vocabulary: 50, embedding: 32), targetVocabulary: 60, targetEmbedding: 32,
        layers: layers, hiddenSize: 64, directions: directions, attention: attention,
        dropout: dropout, feeding: feeding, sampling: sampling)
    }
  }

  @Test("Pairs take what was reckoned at most, and more than half of it", arguments: PairCase.all)
  func pairs(_ example: PairCase) throws {
    let configuration = example.configuration
    var random = RandomGenerator(seed: 4)
    func ids(_ count: Int) -> [Int32] {
      (0..<count).map { _ in Int32(2 + random.integer(below: 48)) }
    }
    let pairs = (0..<12).map { SequencePair(source: .tokens(ids(40 - $0 % 2)), target: ids(29)) }
    let batch = try PairBatch(pairs, for: configuration)
    var need = try configuration.memoryNeeded(
      for: PairExtent(longestOf: pairs.map { ($0.target.count + 11, 29) }, batch: 12))
    need.add("gradients", floats: try configuration.layout().floats)
    let team = try ThreadTeam(count: 1)
    let (model, bytes) = try EngineMemory.counting { () throws -> EncoderDecoder in
      let model = try EncoderDecoder(configuration, seed: 1, team: team)
      let gradients = ParameterStore(layout: model.parameters.layout)
      var dropout: RandomGenerator? = RandomGenerator(seed: 1)
      let pass = model.makePass()
      for _ in 0..<2 {
        try model.addGradient(for: batch, pass: pass, dropout: &dropout, to: gradients)
      }
      return model
    }
    expect(need, covers: bytes, "\(example)")
    for width in [1, 7] {
      let search = try BeamSearch(width: width, mostTokens: 20)
      let searching = try configuration.memoryNeeded(
        searching: search, for: BatchExtent(sequences: 12, steps: 40), longest: 40)
      let (_, taken) = try EngineMemory.counting {
        try model.decode(pairs.map(\.source), search: search, pass: model.makePass())
      }
      // Candidates and alignments are arrays, which are not counted here.
      #expect(searching.bytes >= taken, "\(example): \(searching) for \(taken)")
      #expect(searching.bytes <= 3 * taken + 1 << 20, "\(example): \(searching) for \(taken)")
    }
  }

  @Test("A batch is refused for which there is no memory, whatever it is of")
  func refusals() throws {
    var admitted = AdmittedBatches()
    var asked = 0
    func admit(_ batch: BatchExtent, bytes: Int) throws {
      try admitted.admit(batch, recording: true) { _ in
        asked += 1
        var need = MemoryNeed()
        need.add("states", bytes: bytes)
        return need
      }
    }
    try admit(BatchExtent(sequences: 4, tokens: 40), bytes: 1000)
    try admit(BatchExtent(sequences: 3, tokens: 40), bytes: .max)
    #expect(asked == 1)
    expectError(.memory, about: "batch") {
      try admit(BatchExtent(sequences: 4, tokens: 41), bytes: .max)
    }
    // It was not let in.
    #expect(throws: RNNError.self) {
      try admit(BatchExtent(sequences: 4, tokens: 41), bytes: .max)
    }
    #expect(asked == 3)
    let huge = BatchExtent(sequences: 1 << 40, steps: 1 << 40, labels: 1 << 40)
    #expect(huge.tokens == .max && huge.alignments == .max)
    for example in Case.all {
      let need = try example.configuration.memoryNeeded(for: huge)
      #expect(need.bytes == .max, "\(example)")
    }
    let wide = BeamSearch.widest
    let search = try PairCase.all[2].configuration.memoryNeeded(
      searching: wide, for: huge, longest: .max)
    #expect(search.bytes == .max)
  }
}

extension BeamSearch {
  fileprivate static var widest: BeamSearch {
    var search = BeamSearch.one
    (search.width, search.mostTokens) = (.max, .max)
    return search
  }

  private static var one: BeamSearch {
    guard let search = try? BeamSearch() else { preconditionFailure("a beam of one") }
    return search
  }
}
