import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Search of an encoder-decoder")
struct BeamSearchTests {
  private static let modelCases = [
    (nil, .none), (AttentionScore.general, AttentionFeeding.none), (.concat, .none),
    (.general, .answer), (.concat, .answer), (.dot, .context), (.concat, .context),
  ].map { (attention: AttentionScore?, feeding: AttentionFeeding) in
    EncoderDecoderCase(
      configuration: EncoderDecoderConfiguration(
        source: .tokens(vocabulary: 7, embedding: 3), targetVocabulary: 4, targetEmbedding: 3,
        cell: .lstm(), layers: 2, hiddenSize: 4, attention: attention, start: 0, end: 1,
        feeding: feeding))
  }

  /// Everything that a target of at most `most` tokens can be, with its log probability by the
  /// oracle.
  private func all(
    _ modelCase: EncoderDecoderCase, _ source: Example.Input, most: Int
  ) throws -> [(tokens: [Int32], logProbability: Double)] {
    let parameters = try modelCase.model().parameters.named().mapValues { $0.map(Double.init) }
    let oracle = EncoderDecoderOracle(configuration: modelCase.configuration)
    var result: [(tokens: [Int32], logProbability: Double)] = []
    var open: [[Int32]] = [[]]
    while let tokens = open.popLast() {
      let rows: [[Double]] = oracle.logits(parameters, SequencePair(source: source, target: tokens))
      let steps = rows.map { row in row.softmax().map { log($0) } }
      let own = zip(steps, tokens).reduce(0) { $0 + $1.0[Int($1.1)] }
      if tokens.count == most {
        result.append((tokens, own))
        continue
      }
      result.append((tokens, own + steps[tokens.count][1]))
      for token in [0, 2, 3] as [Int32] { open.append(tokens + [token]) }
    }
    return result
  }

  @Test("A beam of all beginnings finds the best targets of all", arguments: [0.0, 1.0])
  func exhaustive(normalization: Double) throws {
    for modelCase in Self.modelCases {
      let model = try modelCase.model()
      let sources = modelCase.pairs(seed: 6).map(\.source)
      let search = try BeamSearch(width: 200, lengthNormalization: normalization, mostTokens: 3)
      let found = try model.decode(sources, search: search, pass: model.makePass())
      for (source, hypotheses) in zip(sources, found) {
        let expected = try all(modelCase, source, most: 3).map { target in
          let length = target.tokens.count == 3 ? 3 : target.tokens.count + 1
          return target.logProbability / pow(Double(5 + length) / 6, normalization)
        }.sorted(by: >)
        // 1 + 3 + 9 that end, and 27 that are cut.
        #expect(hypotheses.count == 40)
        for (hypothesis, score) in zip(hypotheses, expected) {
          #expect(abs(hypothesis.score - score) < 1e-4)
          #expect(hypothesis.isComplete == (hypothesis.tokens.count < 3))
        }
      }
    }
  }

  @Test("A beam of one takes the likeliest token each time")
  func greedy() throws {
    for modelCase in Self.modelCases {
      let model = try modelCase.model()
      let parameters = try model.parameters.named().mapValues { $0.map(Double.init) }
      let oracle = EncoderDecoderOracle(configuration: modelCase.configuration)
      let sources = modelCase.pairs(seed: 7).map(\.source)
      let found = try model.decode(
        sources, search: BeamSearch(mostTokens: 6), pass: model.makePass())
      for (source, hypotheses) in zip(sources, found) {
        var tokens: [Int32] = []
        while tokens.count < 6 {
          let rows: [[Double]] = oracle.logits(
            parameters, SequencePair(source: source, target: tokens))
          let row = rows[tokens.count]
          let next = Int32(row.indices.max { row[$0] < row[$1] } ?? 0)
          if next == 1 { break }
          tokens.append(next)
        }
        #expect(hypotheses.map(\.tokens) == [tokens])
        #expect(hypotheses[0].isComplete == (tokens.count < 6))
        let steps = tokens.count + (hypotheses[0].isComplete ? 1 : 0)
        #expect(
          hypotheses[0].alignment.count == (modelCase.configuration.attention == nil ? 0 : steps))
      }
    }
  }

  @Test("Logits of 1e20 keep the probabilities of tokens", arguments: [1e20, -1e20] as [Float])
  func hugeLogits(_ size: Float) throws {
    for modelCase in Self.modelCases {
      let model = try modelCase.model()
      for slice in model.parameters.layout.slices
      where slice.name.hasPrefix("readout") && slice.name.hasSuffix("bias") {
        try model.parameters.set(slice.name, to: Array(repeating: size, count: slice.count))
      }
      let found = try model.decode(
        [modelCase.pairs(seed: 8)[0].source],
        search: BeamSearch(width: 4, lengthNormalization: 0, mostTokens: 2),
        pass: model.makePass())[0]
      // Float forgets all but the bias: each of 4 tokens is as likely as the others.
      for hypothesis in found {
        let steps = hypothesis.tokens.count + (hypothesis.isComplete ? 1 : 0)
        #expect(abs(hypothesis.score + Double(steps) * log(4)) < 1e-12)
      }
    }
  }

  @Test("What is found for a source does not depend on the others")
  func independence() throws {
    for modelCase in Self.modelCases {
      let (model, search) = (try modelCase.model(), try BeamSearch(width: 3, mostTokens: 5))
      let sources = modelCase.pairs(seed: 8).map(\.source)
      let together = try model.decode(sources, search: search, pass: model.makePass())
      for (source, hypotheses) in zip(sources, together) {
        let alone = try model.decode([source], search: search, pass: model.makePass())[0]
        #expect(alone.map(\.tokens) == hypotheses.map(\.tokens))
      }
    }
  }

  @Test("Settings without meaning are refused")
  func errors() {
    expectError(.range) { _ = try BeamSearch(width: 0) }
    expectError(.range) { _ = try BeamSearch(mostTokens: 0) }
    expectError(.range) { _ = try BeamSearch(lengthNormalization: -1) }
    expectError(.range) { _ = try BeamSearch(lengthNormalization: .infinity) }
  }

  @Test(
    "With attention a network learns to reverse within a few hundred updates",
    arguments: AttentionFeeding.allCases,
    [SamplingSchedule.never, .linear(updates: 400, most: 0.3)])
  func learning(_ feeding: AttentionFeeding, _ sampling: SamplingSchedule) throws {
    let model = try EncoderDecoder(
      EncoderDecoderConfiguration(
        source: .tokens(vocabulary: 6, embedding: 8), targetVocabulary: 6, targetEmbedding: 8,
        cell: .gru(), hiddenSize: 24, attention: .general, start: 0, end: 1, feeding: feeding,
        sampling: sampling),
      seed: 1)
    let trainer = try Trainer(model, rate: 1e-2, clipping: .globalNorm(5))
    var generator = RandomGenerator(seed: 1)
    func pairs(_ count: Int) -> [SequencePair] {
      (0..<count).map { _ in
        let length = 1 + Int(generator.uniform() * 4)
        let tokens = (0..<length).map { _ in 2 + Int32(generator.uniform() * 4) }
        return SequencePair(source: .tokens(tokens), target: tokens.reversed())
      }
    }
    for _ in 0..<400 { try trainer.step(PairBatch(pairs(16), for: model.configuration)) }
    let test = pairs(50)
    let found = try model.decode(
      test.map(\.source), search: BeamSearch(mostTokens: 8), pass: model.makePass())
    let right = zip(test, found).count { $0.target == $1[0].tokens }
    #expect(right >= 45)
  }

  @Test(
    "With dropout the gradient is the slope of the loss under the same masks",
    arguments: AttentionFeeding.allCases)
  func dropoutSlope(_ feeding: AttentionFeeding) throws {
    var modelCase = Self.modelCases[1]
    (modelCase.configuration.dropout, modelCase.configuration.feeding) = (0.4, feeding)
    let model = try modelCase.model()
    let (pass, batch) = (
      model.makePass(), try PairBatch(modelCase.pairs(seed: 9), for: modelCase.configuration)
    )
    func gradient() throws -> (loss: Double, gradients: ParameterStore) {
      let gradients = ParameterStore(layout: model.parameters.layout)
      var random: RandomGenerator? = RandomGenerator(seed: 6)
      let loss = try model.addGradient(for: batch, pass: pass, dropout: &random, to: gradients)
      return (loss.value, gradients)
    }
    let slopes = try gradient().gradients
    for slice in model.parameters.layout.slices {
      let (start, slope) = (
        try model.parameters.values(of: slice.name), try slopes.values(of: slice.name)
      )
      let length = slope.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      guard length > 1e-4 else { continue }
      func loss(_ distance: Float) throws -> Double {
        try model.parameters.set(
          slice.name, to: zip(start, slope).map { $0 + distance * $1 / Float(length) })
        return try gradient().loss
      }
      let difference = (try loss(3e-3) - loss(-3e-3)) / 6e-3
      try model.parameters.set(slice.name, to: start)
      // Single precision: 1e-7 of a loss near 1 over a distance of 6e-3, and the curvature.
      #expect(abs(difference - length) < 2e-4 + 5e-3 * length, "\(slice.name)")
    }
  }

  @Test("Dropout draws the same masks from the same seed, and none when it only looks")
  func dropout() throws {
    var modelCase = Self.modelCases[1]
    modelCase.configuration.dropout = 0.4
    func losses(seed: UInt64) throws -> [Double] {
      let model = try modelCase.model()
      let trainer = try Trainer(model, rate: 1e-3, seed: seed)
      let batch = try PairBatch(modelCase.pairs(seed: 9), for: modelCase.configuration)
      return try (0..<3).map { _ in try trainer.step(batch).loss }
        + [try model.loss(for: batch, pass: model.makePass()).value]
    }
    #expect(try losses(seed: 1) == losses(seed: 1))
    #expect(try losses(seed: 1)[0] != losses(seed: 2)[0])
  }
}
