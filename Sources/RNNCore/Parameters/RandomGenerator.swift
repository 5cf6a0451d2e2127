internal import CLibrary

/// A seeded generator whose sequence is the same on every machine: xoshiro256++ (Blackman and
/// Vigna, 2019), seeded through SplitMix64.
///
/// All randomness in the library comes from a seed that the caller passes in, and from what the
/// numbers are for: ``init(seed:for:)`` derives one generator for each ``RandomStream``, so that
/// drawing more numbers in one place never shifts another, and no two places draw the same numbers
/// from one seed.
public struct RandomGenerator: RandomNumberGenerator, Hashable, Sendable {
  /// The four state words, never all zero.
  public private(set) var state: (UInt64, UInt64, UInt64, UInt64)

  /// A generator whose numbers depend on the seed alone. For a purpose of its own use
  /// ``init(seed:for:)``.
  public init(seed: UInt64) {
    var mixer = SplitMix64(state: seed)
    state = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
  }

  /// The generator of what is drawn for one purpose under that seed.
  ///
  /// Seed and name go through a hash each time, so that neighbouring seeds and similar names have
  /// nothing in common.
  public init(seed: UInt64, for stream: RandomStream) {
    var seeds = SplitMix64(state: seed)
    var mixer = SplitMix64(state: seeds.next() &+ stream.hash)
    self.init(seed: mixer.next())
  }

  /// A generator that starts from four given state words, not all of them zero.
  public init(state: (UInt64, UInt64, UInt64, UInt64)) {
    precondition(state.0 | state.1 | state.2 | state.3 != 0, "an all-zero state never leaves zero")
    self.state = state
  }

  /// The state as four hexadecimal words with colons between them, which ``init(text:)`` reads.
  public var text: String {
    [state.0, state.1, state.2, state.3].map { String($0, radix: 16) }.joined(separator: ":")
  }

  /// Nil for what is no state.
  public init?(text: String) {
    let words = text.split(separator: ":", omittingEmptySubsequences: false)
      .map { UInt64($0, radix: 16) }
    guard words.count == 4, let a = words[0], let b = words[1], let c = words[2], let d = words[3],
      a | b | c | d != 0
    else { return nil }
    state = (a, b, c, d)
  }

  public mutating func next() -> UInt64 {
    let result = rotate(state.0 &+ state.3, by: 23) &+ state.0
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotate(state.3, by: 45)
    return result
  }

  /// The generator that streams with a number for a name had before ``init(seed:for:)``. Data that
  /// were split or generated with it for a saved model keep it; its small labels meant different
  /// things in different places.
  package func numberedStream(_ label: UInt64) -> RandomGenerator {
    var mixer = SplitMix64(state: label)
    return RandomGenerator(seed: state.0 ^ rotate(state.2, by: 31) ^ mixer.next())
  }

  /// Uniform in [0, 1), a multiple of 2^-24.
  public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// Uniform in [`low`, `high`).
  public mutating func uniform(_ low: Float, _ high: Float) -> Float {
    low + (high - low) * uniform()
  }

  /// Standard normal by Box and Muller's transform (1958); uses two draws and gives one number.
  public mutating func normal() -> Float {
    let radius = (-2 * log(Double((next() >> 11) + 1) * 0x1p-53)).squareRoot()
    let angle = 2 * Double.pi * (Double(next() >> 11) * 0x1p-53)
    return Float(radius * cos(angle))
  }

  /// A whole number in 0..<`bound`, every one equally likely.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "an empty range has no number")
    return Int.random(in: 0..<bound, using: &self)
  }

  public static func == (a: RandomGenerator, b: RandomGenerator) -> Bool { a.state == b.state }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(state.0)
    hasher.combine(state.1)
    hasher.combine(state.2)
    hasher.combine(state.3)
  }
}

extension RandomGenerator: Codable {
  /// Reads ``text``.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let generator = RandomGenerator(text: text) else {
      throw RNNError(
        .format, "generator", expected: "the state of a generator", found: text.excerpt)
    }
    self = generator
  }

  /// Writes ``text``.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

/// Steele, Lea and Flood's generator (2014), which turns any seed into well-mixed words.
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

private func rotate(_ x: UInt64, by count: UInt64) -> UInt64 { (x << count) | (x >> (64 - count)) }
