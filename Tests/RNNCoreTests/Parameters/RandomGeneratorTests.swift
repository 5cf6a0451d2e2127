import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Random numbers are the published generator's")
struct RandomGeneratorTests {
  /// xoshiro256++ from its definition: an array of state words, rotations written as products.
  private struct Reference {
    var words: [UInt64]

    private func rotated(_ x: UInt64, _ count: Int) -> UInt64 {
      let (high, low) = x.multipliedFullWidth(by: 1 << UInt64(count))
      return high | low
    }

    mutating func next() -> UInt64 {
      let result = rotated(words[0] &+ words[3], 23) &+ words[0]
      let shifted = words[1] << 17
      for (target, source) in [(2, 0), (3, 1), (1, 2), (0, 3)] { words[target] ^= words[source] }
      words[2] ^= shifted
      words[3] = rotated(words[3], 45)
      return result
    }
  }

  @Test("From state 1, 2, 3, 4 the first number is 2^23 * 5 + 1")
  func byHand() {
    var generator = RandomGenerator(state: (1, 2, 3, 4))
    #expect(generator.next() == 41_943_041)
  }

  @Test("Ten thousand numbers agree with another implementation", arguments: [0, 1, 42, .max])
  func reference(_ seed: UInt64) {
    var generator = RandomGenerator(seed: seed)
    let (a, b, c, d) = generator.state
    var reference = Reference(words: [a, b, c, d])
    #expect((0..<10_000).allSatisfy { _ in generator.next() == reference.next() })
  }

  @Test("Seed 0 is expanded to SplitMix64's first four numbers")
  func seeding() {
    let (a, b, c, d) = RandomGenerator(seed: 0).state
    #expect(
      [a, b, c, d] == [
        0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F, 0xF88B_B8A8_724C_81EC,
      ])
  }

  private static let draws = 100_000

  private func moments(_ draw: () -> Float) -> (mean: Double, variance: Double) {
    let values = (0..<Self.draws).map { _ in Double(draw()) }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.map { ($0 - mean) * ($0 - mean) }
    return (mean, squares.reduce(0, +) / Double(values.count))
  }

  private static let closeness = Closeness(
    absolute: 0.02, relative: 0,
    reason: "four standard deviations of the mean and variance of 100000 draws are below 0.02")

  @Test("Uniform numbers lie in [0, 1) with mean 1/2 and variance 1/12")
  func uniform() {
    var generator = RandomGenerator(seed: 1)
    var inside = true
    let (mean, variance) = moments {
      let value = generator.uniform()
      inside = inside && value >= 0 && value < 1
      return value
    }
    #expect(inside)
    expectClose([mean, variance], [0.5, 1 / 12.0], Self.closeness, "moments")
    #expect((0..<1000).allSatisfy { _ in (-2..<3).contains(generator.uniform(-2, 3)) })
  }

  @Test("Normal numbers have mean 0 and variance 1")
  func normal() {
    var generator = RandomGenerator(seed: 2)
    let (mean, variance) = moments { generator.normal() }
    expectClose([mean, variance], [0, 1], Self.closeness, "moments")
  }

  @Test("Whole numbers below a bound are all drawn, equally often", arguments: [1, 2, 7])
  func integers(_ bound: Int) {
    var generator = RandomGenerator(seed: 3)
    var counts = [Double](repeating: 0, count: bound)
    for _ in 0..<Self.draws { counts[generator.integer(below: bound)] += 1 }
    expectClose(
      counts.map { $0 / Double(Self.draws) }, counts.map { _ in 1 / Double(bound) },
      Self.closeness, "shares")
  }

  @Test("A stream repeats, and is another for another seed, name or number")
  func streams() {
    let names: [RandomStream] = ["a", "b", "ab", "", "weights", .dropout, .generation]
    let seeds: [UInt64] = [0, 1, 2, 1 << 63, .max]
    let all = seeds.flatMap { seed in names.map { RandomGenerator(seed: seed, for: $0) } }
    #expect(Set(all + seeds.map { RandomGenerator(seed: $0) }).count == all.count + seeds.count)
    #expect(RandomGenerator(seed: 2, for: "ab") == all[2 * names.count + 2])
  }

  /// A value of SplitMix64 and FNV-1a in Python: derived data must not change with the library.
  @Test("A stream is derived from seed and name as it always was")
  func derivation() {
    var generator = RandomGenerator(seed: 7, for: "dropout masks")
    #expect(
      (0..<2).map { _ in generator.next() } == [0xbf6a_5571_1740_a5e1, 0x2cdf_03be_43cc_dd6b])
  }

  @Test("What numbered streams gave to saved data stays")
  func numberedStreams() {
    var generator = RandomGenerator(seed: 4).numberedStream(2)
    #expect(
      (0..<2).map { _ in generator.next() } == [0xef2e_4243_e3e9_9025, 0x354b_9960_b3c0_157a])
  }
}
