import Testing

@testable import RNNCore

/// What samplers draw, by Pearson's χ² against probabilities from NumPy, with quantiles from SciPy.
/// One test in a million would fail by chance, so that any stream of random numbers passes.
///
/// Recipe (NumPy 2.4.6, SciPy 1.17.1):
///
///     z = numpy.float32([0.3, -1, 2, 0.3, -4, 1.5, 0.7, 1.75]).astype(float)
///     w = numpy.exp((z - z.max()) / T)
///     o = numpy.argsort(-z, kind="stable")[:k]
///     o = o[: numpy.searchsorted(numpy.cumsum(w[o] / w[o].sum()), p) + 1]
///     w[o] / w[o].sum()                       # the other classes have 0
///     scipy.stats.chi2.isf(1e-6, freedom)
@Suite("Samplers by χ²")
struct SamplerChiSquareTests {
  private static let logits: [Float] = [0.3, -1, 2, 0.3, -4, 1.5, 0.7, 1.75]

  struct Golden: Sendable, CustomTestStringConvertible {
    var temperature: Float
    var topK: Int?
    var topP: Float?
    var probabilities: [Double]

    var testDescription: String { "T \(temperature), k \(topK ?? 8), p \(topP ?? 1)" }

    func sampler() throws -> TokenSampler {
      try TokenSampler(temperature: temperature, topK: topK, topP: topP)
    }
  }

  static let golden = [
    Golden(
      temperature: 1,
      probabilities: [
        0.0593996936, 0.0161883048, 0.325150794, 0.0593996936, 0.000805968238, 0.197213925,
        0.0886139278, 0.253227693,
      ]),
    Golden(
      temperature: 0.5,
      probabilities: [
        0.0157576054, 0.00117037371, 0.472162455, 0.0157576054, 2.90106639e-06, 0.17369886,
        0.0350691942, 0.286381005,
      ]),
    Golden(
      temperature: 2,
      probabilities: [
        0.0991431121, 0.0517572427, 0.231959869, 0.0991431121, 0.0115486018, 0.180650527,
        0.121093669, 0.204703866,
      ]),
    Golden(
      temperature: 1, topK: 3,
      probabilities: [0, 0, 0.419228952, 0, 0, 0.254275213, 0, 0.326495836]),
    Golden(
      temperature: 1, topP: 0.75,
      probabilities: [0, 0, 0.419228952, 0, 0, 0.254275213, 0, 0.326495836]),
    Golden(
      temperature: 2, topK: 6, topP: 0.8,
      probabilities: [
        0.118372621, 0, 0.276950128, 0, 0, 0.215688977, 0.144580644, 0.24440763,
      ]),
  ]

  /// scipy.stats.chi2.isf(1e-6, freedom)
  private static let bounds = [
    2: 27.631, 3: 30.665, 4: 33.377, 5: 35.888, 6: 38.258, 7: 40.522, 8: 42.701, 63: 131.37,
  ]

  /// χ² over its bound; infinite where something was drawn that cannot be. The rarest classes are
  /// counted as one until five draws are expected of them, as is usual: below, χ² is no longer what
  /// its table says.
  private static func excess(_ counts: [Int], _ probabilities: [Double]) throws -> Double {
    let draws = Double(counts.reduce(0, +))
    guard zip(counts, probabilities).allSatisfy({ $1 > 0 || $0 == 0 }) else { return .infinity }
    var cells: [(count: Double, expected: Double)] = []
    for index in probabilities.indices.sorted(by: { probabilities[$0] < probabilities[$1] })
    where probabilities[index] > 0 {
      let cell = (count: Double(counts[index]), expected: probabilities[index] * draws)
      if let last = cells.last, last.expected < 5 {
        cells[cells.count - 1] = (last.count + cell.count, last.expected + cell.expected)
      } else {
        cells.append(cell)
      }
    }
    let square = cells.reduce(0) { sum, cell in
      sum + (cell.count - cell.expected) * (cell.count - cell.expected) / cell.expected
    }
    return square / (try #require(Self.bounds[cells.count - 1]))
  }

  @Test("Each class comes as often as NumPy says", arguments: golden)
  func distribution(_ golden: Golden) throws {
    var generator = RandomGenerator(seed: 1)
    var (counts, workspace) = ([Int](repeating: 0, count: 8), SamplerWorkspace())
    let sampler = try golden.sampler()
    for _ in 0..<20_000 {
      counts[try sampler.sample(Self.logits, in: &workspace, using: &generator)] += 1
    }
    #expect(try Self.excess(counts, golden.probabilities) < 1)
    // The test has the power to tell the options apart: T 1 and 2 differ in every class.
    for other in Self.golden where other.probabilities != golden.probabilities {
      #expect(try Self.excess(counts, other.probabilities) > 1)
    }
  }

  @Test("A draw knows nothing of the one before it")
  func pairs() throws {
    let golden = Self.golden[2]
    var generator = RandomGenerator(seed: 2)
    var (counts, workspace) = ([Int](repeating: 0, count: 64), SamplerWorkspace())
    let sampler = try golden.sampler()
    for _ in 0..<40_000 {
      let first = try sampler.sample(Self.logits, in: &workspace, using: &generator)
      counts[8 * first + (try sampler.sample(Self.logits, in: &workspace, using: &generator))] += 1
    }
    let expected = golden.probabilities.flatMap { p in golden.probabilities.map { p * $0 } }
    #expect(try Self.excess(counts, expected) < 1)
  }

  @Test(
    "A generator whose model always says the same draws just that", arguments: [6, 7] as [UInt64])
  func generator(seed: UInt64) throws {
    let golden = Self.golden[2]
    let model = try SequenceModel(
      ModelConfiguration(
        input: .tokens(vocabulary: 8, embedding: 2), body: .recurrent(.gru()), hiddenSize: 3,
        outputs: 8), seed: 1, team: ThreadTeam(count: 1))
    model.parameters.setToZero()
    try model.parameters.set("readout.bias", to: Self.logits)
    let generator = try SequenceGenerator(model, sampler: golden.sampler(), seed: seed)
    try generator.prime(with: [0])
    var counts = [Int](repeating: 0, count: 8)
    for _ in 0..<2000 { counts[Int(try generator.next())] += 1 }
    #expect(try Self.excess(counts, golden.probabilities) < 1)
  }
}
