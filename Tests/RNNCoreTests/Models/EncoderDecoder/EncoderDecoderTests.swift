import Testing

@testable import RNNCore
@testable import TestSupport

/// One encoder-decoder to differentiate.
struct EncoderDecoderCase: Sendable, CustomTestStringConvertible {
  var configuration: EncoderDecoderConfiguration

  static let all = batched + elementwise + stepped

  /// Cells without recurrent weights; a complex state is joined part by part.
  private static let elementwise: [EncoderDecoderCase] =
    [CellKind.minGRU(), .minLSTM(positive: true), .lru].flatMap { cell in
      Directions.allCases.map { directions in
        EncoderDecoderCase(
          configuration: EncoderDecoderConfiguration(
            source: .tokens(vocabulary: 7, embedding: 3), targetVocabulary: 6, targetEmbedding: 5,
            cell: cell, layers: 2, hiddenSize: 4, directions: directions, attention: .general,
            start: 5, end: 2))
      }
    }

  /// With attention that the decoder reads.
  static let stepped: [EncoderDecoderCase] =
    [AttentionScore.dot, .general, .concat].enumerated().flatMap { place, attention in
      [AttentionFeeding.answer, .context].flatMap { feeding in
        [CellKind.elman(.tanh), .gru(), .gru(.before), .lstm(peephole: true)].flatMap { cell in
          [1, 2, 3].map { layers in
            EncoderDecoderCase(
              configuration: EncoderDecoderConfiguration(
                source: .tokens(vocabulary: 7, embedding: 3), targetVocabulary: 6,
                targetEmbedding: 5, cell: cell, layers: layers, hiddenSize: 4,
                directions: Directions.allCases[(place + layers) % 3], attention: attention,
                reversesSource: layers == 1, start: 5, end: 2, feeding: feeding))
          }
        }
      }
    }

  /// Attention over all steps at once, or none.
  private static let batched: [EncoderDecoderCase] =
    [nil, .dot, .general, .concat].flatMap { attention in
      Directions.allCases.flatMap { directions in
        [CellKind.elman(.tanh), .gru(), .lstm(peephole: true)].flatMap { cell in
          [1, 2].map { layers in
            EncoderDecoderCase(
              configuration: EncoderDecoderConfiguration(
                source: layers == 1 ? .tokens(vocabulary: 7, embedding: 3) : .features(width: 2),
                targetVocabulary: 6, targetEmbedding: 5, cell: cell, layers: layers, hiddenSize: 4,
                directions: directions, attention: attention, reversesSource: layers == 1,
                start: 5, end: 2))
          }
        }
      }
    }

  var testDescription: String {
    let attention = configuration.attention?.rawValue ?? "no attention"
    return
      "\(configuration.cell) x\(configuration.layers) \(configuration.directions), \(attention), feeding \(configuration.feeding)"
  }

  /// Ragged on both sides, a source of one step, an empty target.
  func pairs(seed: UInt64) -> [SequencePair] {
    var generator = OracleGenerator(seed: seed)
    func ids(_ count: Int, below vocabulary: Int) -> [Int32] {
      (0..<count).map { _ in Int32(generator.unit() * Double(vocabulary)) }
    }
    return [(3, 4), (1, 2), (5, 0), (3, 1), (2, 5)].map { source, target in
      let input: Example.Input
      switch configuration.source {
      case .tokens(let vocabulary, _): input = .tokens(ids(source, below: vocabulary))
      case .features(let width):
        input = .features((0..<source * width).map { _ in Float(generator.value()) }, width: width)
      }
      return SequencePair(
        source: input, target: ids(target, below: configuration.targetVocabulary))
    }
  }

  func model(threads: Int = 1) throws -> EncoderDecoder {
    let model = try EncoderDecoder(
      configuration, seed: 1, team: ThreadTeam(count: threads, cores: threads))
    try model.parameters.fill(seed: 2)
    return model
  }
}

@Suite("Encoder and decoder")
struct EncoderDecoderTests {
  @Test(
    "Loss and gradients are those of the model in plain Doubles", arguments: EncoderDecoderCase.all)
  func gradients(_ modelCase: EncoderDecoderCase) throws {
    let model = try modelCase.model()
    let pairs = modelCase.pairs(seed: 3)
    let gradients = ParameterStore(layout: model.parameters.layout)
    var noDropout: RandomGenerator?
    let batch = try PairBatch(pairs, for: modelCase.configuration)
    let loss = try model.addGradient(
      for: batch, pass: model.makePass(), dropout: &noDropout, to: gradients)

    let tape = GradientTape()
    let variables = try model.parameters.named().mapValues { values in
      values.map { tape.variable(Double($0)) }
    }
    let expected: Variable = EncoderDecoderOracle(configuration: modelCase.configuration)
      .loss(variables, pairs)
    let slopes = tape.gradient(of: expected)
    expectClose([loss.value], [expected.value], oracleCloseness, "loss")
    #expect(loss.elements == 17)
    for (name, values) in variables {
      expectClose(
        try gradients.values(of: name).map(Double.init), values.map { slopes[$0.node] },
        oracleCloseness, name)
    }
  }

  @Test(
    "The oracle's gradients are its differences",
    arguments: [nil, AttentionScore.dot, .general, .concat], AttentionFeeding.allCases)
  func oracle(_ attention: AttentionScore?, _ feeding: AttentionFeeding) throws {
    var modelCase = EncoderDecoderCase.all[0]
    (modelCase.configuration.attention, modelCase.configuration.cell) = (attention, .lstm())
    if attention != nil { modelCase.configuration.feeding = feeding }
    let oracle = EncoderDecoderOracle(configuration: modelCase.configuration)
    let pairs = modelCase.pairs(seed: 3)
    let start = try modelCase.model().parameters.named().mapValues { $0.map(Double.init) }
    let tape = GradientTape()
    let variables = start.mapValues { $0.map { tape.variable($0) } }
    let loss: Variable = oracle.loss(variables, pairs)
    let slopes = tape.gradient(of: loss)
    for (name, values) in variables {
      for index in [0, values.count / 2, values.count - 1] {
        func moved(_ distance: Double) -> Double {
          var parameters = start
          parameters[name]?[index] += distance
          return oracle.loss(parameters, pairs)
        }
        let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5
        #expect(abs(difference - slopes[values[index].node]) < 1e-8, "\(name)[\(index)]")
      }
    }
  }

  @Test("Threads divide sentences and rows, and the gradients stay", arguments: [2, 3])
  func threads(count: Int) throws {
    for modelCase in EncoderDecoderCase.all where modelCase.configuration.attention != .dot {
      func gradient(_ threads: Int) throws -> [Float] {
        let model = try modelCase.model(threads: threads)
        let gradients = ParameterStore(layout: model.parameters.layout)
        var noDropout: RandomGenerator?
        let batch = try PairBatch(modelCase.pairs(seed: 3), for: modelCase.configuration)
        try model.addGradient(
          for: batch, pass: model.makePass(), dropout: &noDropout, to: gradients)
        return try model.parameters.layout.slices.flatMap { try gradients.values(of: $0.name) }
      }
      expectClose(
        try gradient(count).map(Double.init), try gradient(1).map(Double.init), oracleCloseness,
        "\(modelCase)")
    }
  }

  @Test("Weights of attention add up to one, over the source's own steps")
  func alignments() throws {
    for modelCase in EncoderDecoderCase.all {
      let model = try modelCase.model()
      let (pairs, pass) = (modelCase.pairs(seed: 4), model.makePass())
      _ = try model.loss(for: PairBatch(pairs, for: modelCase.configuration), pass: pass)
      for (index, pair) in pairs.enumerated() {
        let rows = model.alignment(ofSentence: index, in: pass)
        #expect((rows != nil) == (modelCase.configuration.attention != nil))
        let steps = Example(input: pair.source, target: .classAtEnd(0)).length
        for row in rows ?? [] {
          #expect(row.count == steps)
          #expect(abs(row.reduce(0, +) - 1) < 1e-5)
        }
        if let rows { #expect(rows.count == pair.target.count + 1) }
      }
    }
  }

  @Test("A pair's loss does not depend on the others in its batch")
  func independence() throws {
    let modelCase = EncoderDecoderCase.all[20]
    let model = try modelCase.model()
    let (pairs, pass) = (modelCase.pairs(seed: 5), model.makePass())
    let whole = try model.loss(for: PairBatch(pairs, for: modelCase.configuration), pass: pass)
    let sum = try pairs.reduce(0.0) { sum, pair in
      let loss = try model.loss(for: PairBatch([pair], for: modelCase.configuration), pass: pass)
      return sum + loss.value * Double(loss.elements)
    }
    #expect(abs(sum / Double(whole.elements) - whole.value) < 1e-5)
  }

  @Test("Shapes without meaning are refused")
  func errors() throws {
    let plain = EncoderDecoderCase.all[1].configuration
    func expect(
      _ kind: RNNError.Kind, _ change: (inout EncoderDecoderConfiguration) -> Void
    ) {
      var configuration = plain
      change(&configuration)
      expectError(kind) { _ = try EncoderDecoder(configuration, seed: 1) }
    }
    expect(.range) { $0.targetVocabulary = 0 }
    expect(.range) { $0.targetEmbedding = 0 }
    expect(.range) { $0.source = .tokens(vocabulary: 0, embedding: 2) }
    expect(.range) { $0.layers = 0 }
    expect(.range) { $0.dropout = 1 }
    expect(.shape) { ($0.hiddenSize, $0.directions) = (5, .concatenated) }
    expect(.vocabulary) { $0.end = 6 }
    expect(.vocabulary) { $0.start = -1 }
    expect(.unsupported) { $0.cell = .jordan(.tanh, teacherForcing: false) }
    expect(.unsupported) { ($0.attention, $0.feeding) = (nil, .answer) }
    expect(.range) { $0.sampling = .constant(1.5) }
    expect(.range) { $0.sampling = .linear(updates: 0) }
    expect(.range) { $0.sampling = .inverseSigmoid(0) }

    let model = try EncoderDecoder(EncoderDecoderCase.all[0].configuration, seed: 1)
    func expectBatch(_ kind: RNNError.Kind, _ source: Example.Input, _ target: [Int32]) {
      expectError(kind) {
        let batch = try PairBatch(
          [SequencePair(source: source, target: target)], for: model.configuration)
        _ = try model.loss(for: batch, pass: model.makePass())
      }
    }
    expectBatch(.vocabulary, .tokens([7]), [1])
    expectBatch(.vocabulary, .tokens([6]), [6])
    expectBatch(.empty, .tokens([]), [1])
    expectBatch(.shape, .features([1, 2], width: 2), [1])
  }
}
