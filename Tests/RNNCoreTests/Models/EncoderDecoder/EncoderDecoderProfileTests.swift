import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Profile of an encoder-decoder")
struct EncoderDecoderProfileTests {
  private func profile(
    _ modelCase: EncoderDecoderCase, _ probing: ProfiledLoss, threads: Int = 1
  ) throws -> (profile: GradientProfile, differences: EncoderDecoderDifferences) {
    let (model, pairs) = (try modelCase.model(threads: threads), modelCase.pairs(seed: 3))
    let profile = try model.profile(
      for: PairBatch(pairs, for: modelCase.configuration), probing: probing)
    return (profile, try EncoderDecoderDifferences(model, pairs, probing))
  }

  /// Expects norms of gradients [sequence][step as the caller counts][width].
  private func expect(
    _ series: GradientProfile.Series, _ gradients: [[[Double]]], readsFromEnd: Bool = false,
    _ name: String
  ) {
    let steps = gradients.map(\.count).max() ?? 0
    func norms(_ pick: ([[Double]], Int) -> [Double]?) -> [Double] {
      (0..<steps).map { index in
        gradients.compactMap { pick($0, index) }.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
    }
    let byStep = norms { $1 < $0.count ? $0[$1] : nil }
    let byDistance = norms { $1 < $0.count ? $0[readsFromEnd ? $1 : $0.count - 1 - $1] : nil }
    expectClose(series.byStep, byStep, .float(of: byStep), "\(name) by step")
    expectClose(series.byDistance, byDistance, .float(of: byDistance), "\(name) by distance")
  }

  @Test(
    "What attention and the initial states pass on to the encoder are differences of the loss",
    arguments: EncoderDecoderCase.all, ProfiledLoss.allCases)
  func paths(_ modelCase: EncoderDecoderCase, probing: ProfiledLoss) throws {
    let (profile, differences) = try profile(modelCase, probing, threads: 2)
    expectClose(
      [profile.loss ?? .nan], [differences.loss], oracleCloseness, "loss")
    let bridge = differences.bridge.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
    expectClose(
      [profile.path("decoder.start")?.norm ?? .nan], [bridge], .float(of: [bridge]), "bridge")
    #expect(
      (profile.path("attention") == nil) == (modelCase.configuration.attention == nil))
    guard let attention = profile.path("attention") else { return }
    let keys = differences.keys
    expect(try #require(attention.steps), keys, "attention")
    let norm = flattened(keys).reduce(0) { $0 + $1 * $1 }.squareRoot()
    expectClose([attention.norm], [norm], .float(of: [norm]), "attention")
    let query = flattened(differences.queries).reduce(0) { $0 + $1 * $1 }.squareRoot()
    expectClose(
      [profile.path("attention.query")?.norm ?? .nan], [query], .float(of: [norm]), "query")
    // Shares of one sentence's steps add up to one.
    let alone = try modelCase.model().profile(
      for: PairBatch(Array(modelCase.pairs(seed: 3)[..<1]), for: modelCase.configuration))
    let shares = try #require(alone.path("attention")?.steps)
    let sum = (0..<3).reduce(0) { $0 + pow(shares.share(at: $1) ?? .nan, 2) }
    #expect(abs(sum - 1) < 1e-12)
  }

  /// Models of one layer, whose states can be followed by hand.
  private static let flat = [
    (nil, AttentionFeeding.none), (AttentionScore.concat, .none), (.general, .answer),
    (.concat, .context),
  ].flatMap { attention, feeding in
    Directions.allCases.flatMap { directions in
      [CellKind.gru(), .lstm()].map { cell in
        EncoderDecoderCase(
          configuration: EncoderDecoderConfiguration(
            source: .tokens(vocabulary: 7, embedding: 3), targetVocabulary: 6, targetEmbedding: 5,
            cell: cell, hiddenSize: 4, directions: directions, attention: attention,
            reversesSource: directions == .summed, start: 5, end: 2, feeding: feeding))
      }
    }
  }

  @Test(
    "Layers have the norms of dE/dh and dE/dc, found by moving one state at a time",
    arguments: flat, ProfiledLoss.allCases)
  func layers(_ modelCase: EncoderDecoderCase, probing: ProfiledLoss) throws {
    let (profile, differences) = try profile(modelCase, probing)
    let directions = modelCase.configuration.directions.count
    #expect(
      profile.layers.map(\.name)
        == ["encoder.l0", "encoder.l0_reverse"].prefix(directions) + ["decoder.l0"])
    for (direction, layer) in profile.layers.prefix(directions).enumerated() {
      func callersOrder(_ gradients: [[[Double]]]) -> [[[Double]]] {
        direction == 0 ? gradients : gradients.map { $0.reversed() }
      }
      expect(
        layer.hidden, callersOrder(differences.encoder(direction: direction)),
        readsFromEnd: direction == 1, layer.name)
      guard let cell = layer.cell else { continue }
      expect(
        cell, callersOrder(differences.encoder(direction: direction, cell: true)),
        readsFromEnd: direction == 1, "cell of \(layer.name)")
    }
    expect(profile.layers[directions].hidden, differences.decoder, "decoder.l0")
    let isLSTM = modelCase.configuration.cell == .lstm()
    for layer in profile.layers {
      #expect((layer.cell != nil) == isLSTM)
      #expect(layer.gates.count == (isLSTM ? 4 : 3))
      let width = layer.name == "decoder.l0" ? 4 : modelCase.configuration.encoderHidden
      #expect(layer.units == width)
    }
  }

  @Test(
    "A profiler that watches training takes the model's own profile and changes no bit of it",
    arguments: [AttentionFeeding.none, .answer, .context], ProfiledLoss.allCases)
  func training(_ feeding: AttentionFeeding, probing: ProfiledLoss) throws {
    let modelCase = EncoderDecoderCase(
      configuration: EncoderDecoderConfiguration(
        source: .tokens(vocabulary: 7, embedding: 3), targetVocabulary: 6, targetEmbedding: 5,
        cell: .gru(), layers: 2, hiddenSize: 4, directions: .concatenated, attention: .general,
        start: 5, end: 2, feeding: feeding))
    let batch = try PairBatch(modelCase.pairs(seed: 3), for: modelCase.configuration)
    let history = try watchedTraining(on: batch, probing: probing) { try modelCase.model() }
    var expected = try modelCase.model().profile(for: batch, probing: probing)
    let all = try modelCase.model().profile(for: batch, probing: .allAnswers)
    // Loss and parameters are those that training sees.
    (expected.loss, expected.parameters) = (all.loss, all.parameters)
    #expect(withoutUpdate(history[0]) == expected)
    #expect(
      history[0].paths.map(\.name) == ["decoder.start", "attention", "attention.query"])
  }

  @Test("Watched training draws the same masks and own tokens")
  func disturbedTraining() throws {
    var configuration = EncoderDecoderCase.all[EncoderDecoderCase.all.count - 1].configuration
    (configuration.dropout, configuration.sampling) = (0.4, .constant(0.9))
    let modelCase = EncoderDecoderCase(configuration: configuration)
    let batch = try PairBatch(modelCase.pairs(seed: 3), for: configuration)
    for probing in [ProfiledLoss.allAnswers, .step(2), .step(99)] {
      let history = try watchedTraining(on: batch, probing: probing) { try modelCase.model() }
      let isBeyond = probing == .step(99)
      #expect(history[0].layers.isEmpty == isBeyond && history[0].paths.isEmpty == isBeyond)
      #expect(history.allSatisfy { $0.probe == probing })
    }
  }

  @Test("A profile of all answers holds the norms of training's gradients, and leaves no trace")
  func parameters() throws {
    let modelCase = EncoderDecoderCase.all[EncoderDecoderCase.all.count - 1]
    let (model, pairs) = (try modelCase.model(), modelCase.pairs(seed: 3))
    let (batch, pass) = (try PairBatch(pairs, for: modelCase.configuration), model.makePass())
    func gradient() throws -> ParameterStore {
      let gradients = ParameterStore(layout: model.parameters.layout)
      var noDropout: RandomGenerator?
      try model.addGradient(for: batch, pass: pass, dropout: &noDropout, to: gradients)
      return gradients
    }
    let before = try gradient()
    let profile = try model.profile(for: batch, probing: .allAnswers, pass: pass)
    let tapes = [try #require(pass.encoder), try #require(pass.decoder)]
    #expect(tapes.flatMap(\.layers).allSatisfy { $0.probe == nil })
    let after = try gradient()
    #expect(profile.parameters.map(\.name) == model.parameters.layout.slices.map(\.name))
    for parameter in profile.parameters {
      let values = try before.values(of: parameter.name)
      #expect(try after.values(of: parameter.name) == values)
      let norm = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      expectClose([parameter.gradientNorm], [norm], .float(of: [norm]), parameter.name)
      // The peephole LSTM's four gates, in both networks.
      let isByGate = parameter.name.contains("weight_ih") || parameter.name.contains("bias_hh")
      if isByGate { #expect(parameter.gates.count == 4) }
    }
    #expect(profile.parameters.contains { $0.name == "attention.vector" && $0.gradientNorm > 0 })
  }

  @Test("The entropy of attention is that of its weights, over the probed answers")
  func entropy() throws {
    for modelCase in EncoderDecoderCase.all where modelCase.configuration.attention != nil {
      let (model, pairs) = (try modelCase.model(), modelCase.pairs(seed: 3))
      let (batch, pass) = (try PairBatch(pairs, for: modelCase.configuration), model.makePass())
      for probing in ProfiledLoss.allCases {
        let profile = try model.profile(for: batch, probing: probing, pass: pass)
        let rows = pairs.indices.flatMap { index -> [[Float]] in
          let rows = model.alignment(ofSentence: index, in: pass) ?? []
          return probing == .lastAnswer ? rows.suffix(1) : rows
        }
        let entropies = rows.map { row in row.reduce(0) { $0 - Double($1) * log(Double($1)) } }
        let attention = try #require(profile.path("attention")?.focus)
        #expect(abs(attention.entropy - entropies.reduce(0, +) / Double(rows.count)) < 1e-12)
        let uniform = rows.reduce(0) { $0 + log(Double($1.count)) } / Double(rows.count)
        #expect(abs(attention.uniformEntropy - uniform) < 1e-12)
        #expect(attention.entropy < attention.uniformEntropy)
        #expect(abs(log(attention.keysLookedAt) - attention.entropy) < 1e-12)
      }
    }
  }

  @Test("Attention brings the gradient to a far source step, where without it has vanished")
  func reach() throws {
    func share(_ attention: AttentionScore?) throws -> (encoder: Double, attention: Double?) {
      let configuration = EncoderDecoderConfiguration(
        source: .tokens(vocabulary: 5, embedding: 4), targetVocabulary: 5, targetEmbedding: 4,
        cell: .elman(.sigmoid), hiddenSize: 12, directions: .forward, attention: attention)
      let model = try EncoderDecoder(configuration, seed: 1)
      let source = (0..<40).map { Int32($0 * $0 % 5) }
      let batch = try PairBatch(
        [SequencePair(source: .tokens(source), target: Array(source.prefix(20)))],
        for: configuration)
      let profile = try model.profile(for: batch)
      return (
        profile.layers[0].hidden.share(at: 39) ?? .nan,
        profile.path("attention")?.steps?.share(at: 39)
      )
    }
    let (without, with) = (try share(nil), try share(.general))
    // A sigmoid's slope is at most 1/4.
    #expect(without.encoder < 1e-12 && without.attention == nil)
    #expect(with.encoder > 0.1)
    #expect(with.attention ?? 0 > 0.05)
  }

  @Test("A batch that does not fit the model is refused")
  func errors() throws {
    let modelCase = EncoderDecoderCase.all[0]
    let model = try modelCase.model()
    expectError(.vocabulary) {
      let batch = try PairBatch(
        [SequencePair(source: .tokens([7]), target: [1])], for: modelCase.configuration)
      _ = try model.profile(for: batch)
    }
  }
}
