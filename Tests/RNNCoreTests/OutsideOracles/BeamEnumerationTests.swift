import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

/// The search of an encoder-decoder against every target that there is, each scored in `Double` by
/// ``EncoderDecoderOracle``: which tokens a beam of all beginnings finds, in which order, and that
/// what narrow beams find is never worth more or less than the oracle says of just these tokens.
@Suite("Beams against all targets")
struct BeamEnumerationTests {
  private static let most = 4

  static let modelCases: [EncoderDecoderCase] = [
    (CellKind.elman(.tanh), AttentionScore?.none, AttentionFeeding.none), (.gru(), .dot, .none),
    (.lstm(), .general, .answer), (.gru(.before), .concat, .context),
  ].map { cell, attention, feeding in
    EncoderDecoderCase(
      configuration: EncoderDecoderConfiguration(
        source: .tokens(vocabulary: 7, embedding: 3), targetVocabulary: 4, targetEmbedding: 3,
        cell: cell, layers: 1, hiddenSize: 4, attention: attention, start: 0, end: 1,
        feeding: feeding))
  }

  /// log p of every target of at most `most` tokens; one of as many has no end.
  private func all(_ modelCase: EncoderDecoderCase, _ source: Example.Input) throws
    -> [[Int32]: Double]
  {
    let parameters = try modelCase.model().parameters.named().mapValues { $0.map(Double.init) }
    let oracle = EncoderDecoderOracle(configuration: modelCase.configuration)
    let encoded = oracle.encode(parameters, oracle.read(source))
    var result: [[Int32]: Double] = [:]
    var open: [[Int32]] = [[]]
    while let tokens = open.popLast() {
      // One row of logits for each token, and one for what follows them.
      let rows = oracle.decode(parameters, [0] + tokens, encoded).logits
      let steps = rows.map { row in row.softmax().map { log($0) } }
      let own = zip(steps, tokens).reduce(0) { $0 + $1.0[Int($1.1)] }
      guard tokens.count < Self.most else {
        result[tokens] = own
        continue
      }
      result[tokens] = own + steps[tokens.count][1]
      for token in [0, 2, 3] as [Int32] { open.append(tokens + [token]) }
    }
    return result
  }

  private static let closeness = Closeness(
    absolute: 2e-5, relative: 0,
    reason: "logits of five steps in Float, each right to some 1e-6 after products and tanh")

  @Test("Every beam's targets are worth what the oracle says", arguments: modelCases)
  func scores(_ modelCase: EncoderDecoderCase) throws {
    let model = try modelCase.model()
    let sources = Array(modelCase.pairs(seed: 16).map(\.source).prefix(2))
    let expected = try sources.map { try all(modelCase, $0) }
    for (width, normalization) in [(1, 1.0), (2, 0), (3, 1), (200, 0), (200, 0.7)] {
      let search = try BeamSearch(
        width: width, lengthNormalization: normalization, mostTokens: Self.most)
      let found = try model.decode(sources, search: search, pass: model.makePass())
      for (hypotheses, scores) in zip(found, expected) {
        #expect(Set(hypotheses.map(\.tokens)).count == hypotheses.count)
        let probabilities = try hypotheses.map { try #require(scores[$0.tokens]) }
        expectClose(hypotheses.map(\.logProbability), probabilities, Self.closeness, "log p")
        let ranks = zip(hypotheses, probabilities).map { Self.rank($0.tokens, $1, normalization) }
        expectClose(hypotheses.map(\.score), ranks, Self.closeness, "score")
        #expect(ranks.indices.dropFirst().allSatisfy { ranks[$0] <= ranks[$0 - 1] + 4e-5 })
        if width == 200 {
          // 1 + 3 + 9 + 27 that end, and 81 that are cut: all there are.
          #expect(Set(hypotheses.map(\.tokens)) == Set(scores.keys) && scores.count == 121)
        }
      }
    }
  }

  @Test("The widest beam finds the best target by name", arguments: modelCases)
  func best(_ modelCase: EncoderDecoderCase) throws {
    let model = try modelCase.model()
    for source in modelCase.pairs(seed: 17).map(\.source).prefix(2) {
      let scores = try all(modelCase, source)
      for normalization in [0, 1.0] {
        let ranking = scores.map { ($0.key, Self.rank($0.key, $0.value, normalization)) }
          .sorted { $0.1 > $1.1 }
        try #require(ranking[0].1 - ranking[1].1 > 1e-4, "a winner that rounding cannot unseat")
        let search = try BeamSearch(
          width: 121, lengthNormalization: normalization, mostTokens: Self.most)
        let found = try model.decode([source], search: search, pass: model.makePass())[0]
        #expect(found[0].tokens == ranking[0].0)
      }
    }
  }

  /// log p over ((5 + length) / 6)^α, the end counted (Wu et al. 2016, equation 14).
  private static func rank(_ tokens: [Int32], _ log: Double, _ alpha: Double) -> Double {
    log / pow(Double(5 + min(tokens.count + 1, most)) / 6, alpha)
  }
}
