import RNNCore

extension TrainingSource {
  /// The same, showing each token as `unknown` with probability `rate`.
  func droppingWords(_ rate: Float, unknown: Int32, seed: UInt64) -> any TrainingSource {
    guard rate > 0 else { return self }
    return droppingWords(
      rate, unknown: unknown, random: RandomGenerator(seed: seed, for: .wordDropout))
  }

  func droppingWords(
    _ rate: Float, unknown: Int32, random: RandomGenerator
  ) -> any TrainingSource {
    TokenDropoutSource(base: self, rate: rate, unknown: unknown, random: random)
  }
}
