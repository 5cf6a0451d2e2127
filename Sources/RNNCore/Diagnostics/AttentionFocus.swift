internal import CLibrary

extension GradientProfile {
  /// How many of its keys (steps of a source, regions of an image) attention looks at.
  public struct AttentionFocus: Sendable, Hashable {
    /// The mean of −Σ_j α_tj ln α_tj over the queries that are looked at, in nats.
    public var entropy: Double
    /// The mean of ln S over the same queries: the entropy of looking at all S keys alike.
    public var uniformEntropy: Double

    /// e^``entropy``: as many keys looked at alike would have that entropy.
    public var keysLookedAt: Double { exp(entropy) }
  }
}

extension GradientProfile.AttentionFocus {
  /// - Parameters:
  ///   - tape: after a forward pass.
  ///   - onlyLast: whether each sentence's last query alone counts.
  init(_ tape: AttentionTape, onlyLast: Bool = false) {
    var (sum, uniform, count) = (0.0, 0.0, 0.0)
    for sentence in 0..<tape.plan.sentenceCount {
      let weights = tape.weights(of: sentence)
      for query in (onlyLast ? weights.rows - 1 : 0)..<weights.rows {
        sum += Self.entropy(weights.row(query))
        uniform += log(Double(weights.columns))
        count += 1
      }
    }
    (entropy, uniformEntropy) = (sum / max(1, count), uniform / max(1, count))
  }

  private static func entropy(_ weights: some Sequence<Float>) -> Double {
    weights.reduce(0.0) { $1 > 0 ? $0 - Double($1) * log(Double($1)) : $0 }
  }
}
