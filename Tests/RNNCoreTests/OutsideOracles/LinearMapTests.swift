import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

/// Lyapunov exponents, products of Jacobians and retention where each cell is a linear recurrence
/// that a textbook solves: an Elman network with the identity, s_t = U s_{t−1} + …, whose Jacobians
/// are U and their products its powers (Fibonacci's numbers, Jordan blocks, turning similarities),
/// and gated cells whose gates see nothing, so that an LSTM's cell state keeps its forget gate f,
/// and a GRU's state its update gate z, of every difference.
@Suite("Linear recurrences: exponents, Jacobians, retention")
struct LinearMapTests {
  private static let rounding = Closeness(
    absolute: 1e-12, relative: 1e-12,
    reason: "tens of products or a mean of logarithms in Double, each rounded by 1e-16 or so")

  /// Of numbers that may be small.
  private static let powers = Closeness(
    absolute: 0, relative: 1e-12, reason: "thirty products in Double; what is zero is so exactly")

  private static func elman(_ u: [Float], size: Int) throws -> StateMap {
    try plainMap(
      .elman(.identity), hidden: size,
      ["weight_ih": [Float](repeating: 0.5, count: size), "weight_hh": u])
  }

  /// r (cos θ, −sin θ; sin θ, cos θ) with r = 5/8, beside −1/2, and all seen from axes that are not
  /// at right angles: the third is moved towards the first.
  private static let turning: [Float] = [
    0.375, -0.5, -0.875,
    0.5, 0.375, -0.5,
    0, 0, -0.5,
  ]

  /// Inputs that differ from step to step, which a linear map's Jacobian does not see.
  private static let inputs = (0..<260).map { [ClosedForm.value(tensor: 2, index: $0)] }

  @Test("Of a linear map the exponents are log |eigenvalue|, twice for a complex pair")
  func complexPair() throws {
    let map = try Self.elman(Self.turning, size: 3)
    let trajectory = try map.run(from: [1, -1, 0.5], inputs: Self.inputs)
    for seed in 1...3 as ClosedRange<UInt64> {
      let spectrum = try LyapunovSpectrum.driven(
        along: trajectory, map: map, options: LyapunovOptions(warmUp: 200, seed: seed))
      expectClose(
        spectrum.exponents, [log(0.5), log(0.625), log(0.625)].sorted(by: >), Self.rounding,
        "exponents")
    }
  }

  @Test("Exponents of gated cells are the logarithms of their gates")
  func gates() throws {
    func sigmoid(_ a: Double) -> Double { 1 / (1 + exp(-a)) }
    let lstm: [Float] = [0.5, -0.25, 2, -0.5, 1, 0.75, 0.25, 1.5]
    let gru: [Float] = [0.25, 1, 2, -0.5, 0.5, -1]
    let cases: [(cell: CellKind, bias: [Float], kept: [Double])] = [
      (.lstm(), lstm, [sigmoid(2), sigmoid(-0.5)]),
      (.lstm(linear: [.input, .output]), lstm, [sigmoid(2), sigmoid(-0.5)]),
      // Coupled, f = 1 − i, and there is no bias for it.
      (.lstm(coupled: true), [0.5, -0.25, 1, 0.75, 0.25, 1.5], [sigmoid(-0.5), sigmoid(0.25)]),
      (.gru(.after), gru, [sigmoid(2), sigmoid(-0.5)]),
      (.gru(.before), gru, [sigmoid(2), sigmoid(-0.5)]),
    ]
    for (cell, bias, kept) in cases {
      let map = try plainMap(cell, hidden: 2, ["bias_ih": bias])
      let spectrum = try LyapunovSpectrum.autonomous(
        map: map, initial: [Double](repeating: 0.25, count: map.stateSize), input: [0], steps: 40,
        options: LyapunovOptions(count: 2, warmUp: 400))
      expectClose(spectrum.exponents, kept.sorted(by: >).map { log($0) }, Self.rounding, "\(cell)")

      // What h keeps is not much, since only c is carried on; c itself keeps fᵏ of a difference.
      let trajectory = try map.run(
        from: [Double](repeating: 0.5, count: map.stateSize),
        inputs: Array(repeating: [0], count: 30))
      let product = try map.jacobianProduct(along: trajectory)
      let (first, scale) = (map.stateSize - 2, pow(2, Double(product.exponent)))
      expectClose(
        (0..<4).map { product.matrix[first + $0 / 2, first + $0 % 2] * scale },
        [pow(kept[0], 30), 0, 0, pow(kept[1], 30)], Self.powers, "J³⁰ of \(cell)")
    }
  }

  @Test("Fibonacci's numbers are the product of 60 Jacobians")
  func fibonacci() throws {
    let map = try Self.elman([1, 1, 1, 0], size: 2)
    let trajectory = try map.run(from: [1, 0], inputs: Array(Self.inputs.prefix(60)))
    let product = try map.jacobianProduct(along: trajectory)
    let scale = pow(2, Double(product.exponent))
    #expect(
      product.matrix.values.map { $0 * scale }
        == [2_504_730_781_961, 1_548_008_755_920, 1_548_008_755_920, 956_722_026_041])
    // The eigenvalues are the golden section and −1 over it; for a symmetric U they are singular
    // values.
    let golden = 60 * log10((1 + 5.0.squareRoot()) / 2)
    expectClose([try product.log10SingularValues()[0]], [golden], Self.rounding, "log₁₀ σ₁")
  }

  @Test("A turning similarity keeps all singular values at rᵏ", arguments: [1, 10, 60])
  func similarity(_ steps: Int) throws {
    let map = try Self.elman([0.375, -0.5, 0.5, 0.375], size: 2)
    let trajectory = try map.run(from: [1, 0], inputs: Array(Self.inputs.prefix(steps)))
    let product = try map.jacobianProduct(along: trajectory)
    let found = try product.log10SingularValues()
    expectClose(
      found, [Double](repeating: Double(steps) * log10(0.625), count: 2),
      Closeness(
        absolute: 1e-12, relative: 1e-12, reason: "both are the largest, and right to 1e-16 a step"),
      "log₁₀ σ")
    // Re (r e^{iθ})ᵏ / rᵏ in the corner.
    let scale = pow(2, Double(product.exponent)) / pow(0.625, Double(steps))
    expectClose(
      [product.matrix[0, 0] * scale], [cos(Double(steps) * atan2(0.5, 0.375))], Self.rounding,
      "corner")
  }

  /// U = (λ, 1; 0, λ), so that (1, 0) Uᵏ = (λᵏ, k λᵏ⁻¹): it grows before it vanishes.
  @Test("A Jordan block's gradient is (λᵏ, k λᵏ⁻¹)", arguments: [0.5, 0.875, -0.75, 1.0])
  func jordanBlock(_ lambda: Double) throws {
    let map = try Self.elman([Float(lambda), 1, 0, Float(lambda)], size: 2)
    let trajectory = try map.run(from: [1, -1], inputs: Array(Self.inputs.prefix(50)))
    let product = try map.jacobianProduct(along: trajectory)
    let scale = pow(2, Double(product.exponent))
    let power = pow(lambda, 50)
    expectClose(
      product.matrix.values.map { $0 * scale / power }, [1, 50 / lambda, 0, 1], Self.rounding,
      "U⁵⁰ / λ⁵⁰")
    func length(_ k: Int) -> Double {
      pow(abs(lambda), Double(k)) * (1 + pow(Double(k) / lambda, 2)).squareRoot()
    }
    let retention = try map.retention(of: [1, 0], along: trajectory)
    expectClose(
      retention.factors.reversed(), (1...50).map { length($0) / length($0 - 1) }, Self.rounding,
      "ρ, from the end on")
    expectClose([retention.log10Total], [log10(length(50))], Self.rounding, "log₁₀ of the whole")
  }
}
