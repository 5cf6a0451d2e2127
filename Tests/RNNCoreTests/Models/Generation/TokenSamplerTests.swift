import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("A token sampler")
struct TokenSamplerTests {
  /// Logits of eleven classes, some equal, in no order.
  private static let logits: [Float] = [0.3, -1, 2, 0.3, -4, 1.5, 0.3, 2, -0.5, -2, 0.9]

  struct Options: Sendable, CustomTestStringConvertible {
    var temperature: Float = 1
    var topK: Int?
    var topP: Float?
    var excluded: Set<Int> = []

    var testDescription: String {
      "T \(temperature), k \(topK.map(String.init) ?? "-"), p \(topP.map { "\($0)" } ?? "-"), "
        + "without \(excluded.sorted())"
    }

    func sampler() throws -> TokenSampler {
      var sampler = try TokenSampler(temperature: temperature, topK: topK, topP: topP)
      sampler.excluded = excluded
      return sampler
    }

    /// The distribution by its definition, with a sort.
    func probabilities(_ logits: [Float]) -> [Double] {
      let top = Double(logits.max() ?? 0)
      let weights = logits.map { exp((Double($0) - top) / Double(temperature)) }
      var kept = logits.indices.filter { !excluded.contains($0) }.sorted {
        logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1
      }
      if let topK { kept = Array(kept.prefix(topK)) }
      if let topP {
        let total = kept.reduce(0) { $0 + weights[$1] }
        var sum = 0.0
        let end = kept.firstIndex {
          sum += weights[$0]
          return sum >= Double(topP) * total
        }
        kept = Array(kept.prefix((end ?? kept.count - 1) + 1))
      }
      let total = kept.reduce(0) { $0 + weights[$1] }
      return logits.indices.map { kept.contains($0) ? weights[$0] / total : 0 }
    }
  }

  private static let options = [
    Options(), Options(temperature: 0.4), Options(temperature: 3), Options(topK: 1),
    Options(topK: 4), Options(topK: 11), Options(topK: 400), Options(topP: 0.6),
    Options(topP: 0.95), Options(topP: 1), Options(temperature: 2, topK: 5, topP: 0.7),
    Options(temperature: 0.7, topK: 3, topP: 0.999), Options(topP: 1e-9),
    Options(excluded: [2]), Options(temperature: 2, topK: 2, excluded: [2, 7, 40]),
    Options(topP: 0.6, excluded: [2]), Options(topK: 9, topP: 0.9, excluded: [7, 4, 1]),
  ]

  @Test("draws each class as often as its probability says", arguments: options)
  func distribution(_ options: Options) throws {
    let (sampler, draws) = (try options.sampler(), 20_000)
    var generator = RandomGenerator(seed: 17)
    var workspace = SamplerWorkspace()
    var counts = [Int](repeating: 0, count: Self.logits.count)
    for _ in 0..<draws {
      counts[try sampler.sample(Self.logits, in: &workspace, using: &generator)] += 1
    }
    let expected = options.probabilities(Self.logits).map { $0 * Double(draws) }
    var (square, freedom) = (0.0, -1.0)
    for (count, expected) in zip(counts, expected) {
      if expected == 0 {
        #expect(count == 0, "a class that is cut off is never drawn")
      } else {
        square += (Double(count) - expected) * (Double(count) - expected) / expected
        freedom += 1
      }
    }
    guard freedom > 0 else { return }
    // Wilson and Hilferty's approximation of the 99.9 % quantile: one seed in a thousand is beyond
    // it.
    let spread = 2 / (9 * freedom)
    let bound = freedom * pow(1 - spread + 3.09 * spread.squareRoot(), 3)
    #expect(square < bound, "χ² of \(Int(freedom)) degrees of freedom")
  }

  @Test("takes the largest logit at temperature 0, of equal ones the first, and draws nothing")
  func greedy() throws {
    var generator = RandomGenerator(seed: 1)
    for sampler in [
      TokenSampler.greedy, try TokenSampler(temperature: 0, topK: 3, topP: 0.5),
    ] {
      #expect(try sampler.sample(Self.logits, using: &generator) == 2)
      #expect(try sampler.sample([-3e38, -3.1e38], using: &generator) == 0)
      #expect(try sampler.sample([7], using: &generator) == 0)
    }
    #expect(generator == RandomGenerator(seed: 1))
  }

  @Test("never draws what is excluded, at temperature 0 either")
  func excluded() throws {
    var generator = RandomGenerator(seed: 1)
    var sampler = TokenSampler.greedy
    sampler.excluded = [2]
    #expect(try sampler.sample(Self.logits, using: &generator) == 7)
    sampler.excluded = [2, 7, 0]
    #expect(try sampler.sample(Self.logits, using: &generator) == 5)
    sampler = try TokenSampler(temperature: 3)
    sampler.excluded = [0]
    for _ in 0..<50 { #expect(try sampler.sample([9, -9], using: &generator) == 1) }
    sampler.excluded = [0, 1]
    expectError(.empty, about: "logits") { _ = try sampler.sample([9, -9], using: &generator) }
    sampler.excluded = [0]
    expectError(.nonFinite) { _ = try sampler.sample([.nan, 1], using: &generator) }
  }

  @Test("cuts equal logits off by their index")
  func ties() throws {
    let equal = [Float](repeating: 1.25, count: 10)
    var generator = RandomGenerator(seed: 3)
    for (options, kept) in [
      (Options(topK: 3), 3), (Options(topP: 0.5), 5), (Options(topP: 0.51), 6),
      (Options(topK: 4, topP: 0.5), 2),
    ] {
      let sampler = try options.sampler()
      let drawn = try (0..<400).map { _ in try sampler.sample(equal, using: &generator) }
      #expect(Set(drawn) == Set(0..<kept))
    }
  }

  @Test("gives the same draws whether options that cut nothing are given or not")
  func idleOptions() throws {
    func draws(_ options: Options) throws -> [Int] {
      var generator = RandomGenerator(seed: 5)
      let sampler = try options.sampler()
      return try (0..<100).map { _ in try sampler.sample(Self.logits, using: &generator) }
    }
    let plain = try draws(Options())
    #expect(try draws(Options(topK: 11)) == plain)
    #expect(try draws(Options(topK: 12, topP: 1)) == plain)
    #expect(Set(plain).count > 4)
  }

  @Test("works in a workspace that larger and smaller vocabularies have used")
  func workspace() throws {
    var generators = (RandomGenerator(seed: 6), RandomGenerator(seed: 6))
    var workspace = SamplerWorkspace()
    for (index, size) in [3, 11, 1, 7, 11, 2].enumerated() {
      let sampler = try Self.options[(4 + 2 * index) % Self.options.count].sampler()
      let logits = Array(Self.logits.prefix(size))
      #expect(
        try sampler.sample(logits, in: &workspace, using: &generators.0)
          == sampler.sample(logits, using: &generators.1))
    }
  }

  @Test("reaches the rarest class, and none without probability")
  func ends() throws {
    let sampler = try TokenSampler()
    func draw(_ logits: [Float], _ state: (UInt64, UInt64, UInt64, UInt64)) throws -> Int {
      var generator = RandomGenerator(state: state)
      return try sampler.sample(logits, using: &generator)
    }
    // The first number of such a generator is 2^64 − 1, or 0.
    let (last, first): ((UInt64, UInt64, UInt64, UInt64), (UInt64, UInt64, UInt64, UInt64)) = (
      (0, 0, 0, .max), (0, 1, 0, 0)
    )
    #expect(try draw([0, -30], last) == 1)
    #expect(try draw([0, -30], first) == 0)
    #expect(try draw([0, 0, -1e4], last) == 1)
    #expect(try draw([-1e4, 0, 0], first) == 1)
  }

  @Test("copes with all finite logits and temperatures")
  func extremes() throws {
    var generator = RandomGenerator(seed: 7)
    let far: [Float] = [-.greatestFiniteMagnitude, .greatestFiniteMagnitude]
    let cold = try TokenSampler(temperature: .leastNonzeroMagnitude)
    #expect(try cold.sample(far, using: &generator) == 1)
    #expect(try cold.sample([0, 1e-30], using: &generator) == 1)
    let hot = try TokenSampler(temperature: .greatestFiniteMagnitude, topP: 0.999)
    let drawn = try (0..<200).map { _ in try hot.sample([-50, 0, 50], using: &generator) }
    #expect(Set(drawn) == [0, 1, 2])
  }

  @Test("refuses what has no meaning")
  func errors() throws {
    for temperature in [-0.1, .nan, .infinity, -.infinity] as [Float] {
      expectError(.range, about: "temperature") { _ = try TokenSampler(temperature: temperature) }
    }
    for topK in [0, -1] { expectError(.range, about: "top-k") { _ = try TokenSampler(topK: topK) } }
    for topP in [0, -0.5, 1.0001, .nan, .infinity] as [Float] {
      expectError(.range, about: "top-p") { _ = try TokenSampler(topP: topP) }
    }
    var generator = RandomGenerator(seed: 8)
    for sampler in [TokenSampler.greedy, try TokenSampler(topK: 2)] {
      expectError(.empty, about: "logits") { _ = try sampler.sample([], using: &generator) }
      for bad in [Float.nan, .infinity, -.infinity] {
        expectError(.nonFinite, about: "logits") {
          _ = try sampler.sample([1, bad, 3], using: &generator)
        }
      }
    }
    #expect(generator == RandomGenerator(seed: 8))
  }
}
