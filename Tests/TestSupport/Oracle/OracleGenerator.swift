/// SplitMix64 (Steele, Lea & Flood 2014): the same numbers on every machine and in every run.
struct OracleGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// Uniform in [0, 1).
  mutating func unit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Uniform in [-scale, scale], rounded to `Float` so that an engine in `Float` sees the same.
  mutating func value(scale: Double = 1) -> Double {
    Double(Float(scale * (2 * unit() - 1)))
  }
}
