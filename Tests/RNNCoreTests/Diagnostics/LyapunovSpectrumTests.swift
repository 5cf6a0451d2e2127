import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Lyapunov exponents where they are known")
struct LyapunovSpectrumTests {
  private static let rounding = Closeness(
    absolute: 1e-12, relative: 1e-12,
    reason:
      "means of logarithms, each of a number that Double rounds by some 1e-15; the directions "
      + "have settled during the warm-up to less than that")

  /// A relu network whose units stay positive, so that it is linear: h_t = U h_{t−1} + b.
  private func linear(_ u: [Float], size: Int) throws -> StateMap {
    try plainMap(
      .irnn, hidden: size,
      ["weight_hh": u, "bias_ih": [Float](repeating: 0.5, count: size)])
  }

  private func autonomous(
    _ map: StateMap, steps: Int, _ options: LyapunovOptions = LyapunovOptions()
  ) throws -> LyapunovSpectrum {
    try .autonomous(
      map: map, initial: [Double](repeating: 0.5, count: map.stateSize), input: [0], steps: steps,
      options: options)
  }

  // MARK: Linear maps

  @Test("Of a linear map they are the logarithms of the eigenvalues", arguments: [1, 4])
  func eigenvalues(interval: Int) throws {
    // Triangular: the diagonal holds the eigenvalues, the singular values are others.
    let u: [Float] = [0.75, 0.5, 0.25, 0, 0.5, 0.75, 0, 0, 0.125]
    let spectrum = try autonomous(
      try linear(u, size: 3), steps: 50, LyapunovOptions(interval: interval, warmUp: 100))
    expectClose(
      spectrum.exponents, [log(0.75), log(0.5), log(0.125)], Self.rounding, "exponents")
    #expect(spectrum.steps == 50 && spectrum.stateSize == 3)
    #expect(spectrum.kaplanYorkeDimension == 0)
  }

  @Test("Of a symmetric linear map they are the logarithms of its singular values")
  func symmetric() throws {
    // 1/4 + 1/8 of ones: eigenvalues 1/4 + 4/8 and three times 1/4.
    let u = (0..<16).map { Float($0 % 5 == 0 ? 0.375 : 0.125) }
    let spectrum = try autonomous(try linear(u, size: 4), steps: 20, LyapunovOptions(warmUp: 60))
    let singular = try DenseMatrix(rows: 4, columns: 4, values: u.map { Double($0) })
      .singularValues()
    expectClose(spectrum.exponents, singular.map { log($0) }, Self.rounding, "exponents")
    expectClose(
      spectrum.exponents, [log(0.75), log(0.25), log(0.25), log(0.25)], Self.rounding, "known")
  }

  @Test("A product of random maps has the exponents that its singular values show")
  func productOfMaps() throws {
    let mapCase = try MapCase(
      OracleNetwork(cell: .elman(.tanh), input: 3, hidden: 5), lengths: [8], seed: 91)
    let map = try mapCase.map()
    let trajectory = try map.run(from: mapCase.state, inputs: mapCase.arguments.sequences[0])
    let spectrum = try LyapunovSpectrum.driven(along: trajectory, map: map)
    let singular = try map.jacobianProduct(along: trajectory).log10SingularValues()
    // Both are the volume's growth: the sums agree for any number of steps.
    expectClose(
      [spectrum.exponents.reduce(0, +)], [singular.reduce(0, +) * log(10) / 8],
      Closeness(
        absolute: 1e-8, relative: 1e-8,
        reason: "the smallest singular value of eight steps is right to 1e-15 of the largest, "
          + "which is a million times as large"), "sums")
  }

  // MARK: Closed forms

  @Test(
    "Of a scalar tanh map it is log w (1 − h²) at the fixed point", arguments: [0.5, 1.5, 2, -2])
  func scalarFixedPoint(w: Double) throws {
    var h = 0.9
    for _ in 0..<1000 { h = tanh(abs(w) * h) }
    let map = try plainMap(.elman(.tanh), hidden: 1, ["weight_hh": [Float(w)]])
    let spectrum = try autonomous(map, steps: 30, LyapunovOptions(warmUp: 200))
    // For w < −1 the state jumps between ±h, where the slopes are the same.
    expectClose(
      spectrum.exponents, [log(abs(w) * (1 - h * h))], Self.rounding, "exponent of w = \(w)")
    #expect(spectrum.runningLargest.count == 30)
    expectClose(
      [spectrum.runningLargest[29]], spectrum.exponents, .exact, "the running mean's end")
  }

  @Test("A tent map in a Jordan cell is chaotic with the logarithm of its slope")
  func tentMap() throws {
    // y ← s y below 1/2, s (1 − y) above: y = s relu(y) − 2 s relu(y − 1/2).
    let s: Float = 1.875
    let map = try plainMap(
      .jordan(.relu, teacherForcing: false), hidden: 2, output: 1,
      [
        "weight_hh": [1, 1], "bias_ih": [0, -0.5], "weight_ho": [s, -2 * s],
      ])
    let spectrum = try LyapunovSpectrum.autonomous(
      map: map, initial: [0.3], input: [0], steps: 1000)
    expectClose(spectrum.exponents, [log(1.875)], Self.rounding, "exponent")
    #expect(spectrum.kaplanYorkeDimension == 1)
    #expect(spectrum.runningLargest.allSatisfy { abs($0 - log(1.875)) < 1e-10 })
    // Chaotic, so that the state is no fixed point: both branches are visited.
    let states = try map.run(from: [0.3], inputs: Array(repeating: [0], count: 1000)).states
    let above = states.count { $0[0] > 0.5 }
    #expect(above > 300 && above < 900)
  }

  @Test("The same tent map in two Elman units has a second exponent of −∞")
  func tentMapOfTwoUnits() throws {
    let s: Float = 1.875
    let map = try plainMap(
      .elman(.relu), hidden: 2,
      ["weight_hh": [s, -2 * s, s, -2 * s], "bias_ih": [0, -0.5]])
    let spectrum = try LyapunovSpectrum.autonomous(
      map: map, initial: [0.3, 0], input: [0], steps: 2000, options: LyapunovOptions(warmUp: 1))
    expectClose(
      [spectrum.exponents[0]], [log(1.875)],
      Closeness(
        absolute: 0.5 / 2000, relative: 0,
        reason: "the difference in y grows by s a step; its image in two units is 1 or √2 as long, "
          + "which shifts the mean of 2000 logarithms by at most log √2 / 2000"), "λ₁")
    #expect(spectrum.exponents[1] < -30, "rank one: rounding or nothing at all")
  }

  @Test("Driven, a scalar map's exponent is the mean logarithm of its slopes")
  func drivenScalar() throws {
    let mapCase = try MapCase(
      OracleNetwork(cell: .elman(.tanh), input: 1, hidden: 1), lengths: [40], seed: 92, scale: 1.5)
    let map = try mapCase.map()
    let trajectory = try map.run(from: [0.2], inputs: mapCase.arguments.sequences[0])
    let w = try #require(mapCase.arguments.parameters["weight_hh_l0"])[0]
    let slopes = trajectory.states.dropFirst().map { log(abs(w * (1 - $0[0] * $0[0]))) }
    let spectrum = try LyapunovSpectrum.driven(
      along: trajectory, map: map, options: LyapunovOptions(warmUp: 10))
    expectClose(
      spectrum.exponents, [slopes.dropFirst(10).reduce(0, +) / 30], Self.rounding, "exponent")
    #expect(spectrum.steps == 30)
  }

  // MARK: What holds for every map

  @Test(
    "All exponents together are the mean of log |det J|",
    arguments: OracleCell.all.filter { $0.hasInvertibleSteps })
  func determinants(_ cell: OracleCell) throws {
    let mapCase = try MapCase(
      OracleNetwork(cell: cell, input: 2, hidden: 4, output: cell.isJordan ? 3 : 0),
      lengths: [12], seed: 93)
    let map = try mapCase.map()
    let trajectory = try map.run(from: mapCase.state, inputs: mapCase.arguments.sequences[0])
    let expected = try (0..<12).reduce(0.0) {
      $0 + log(abs(determinant(try map.jacobian(along: trajectory, step: $1)))) / 12
    }
    for seed in 1...3 {
      let spectrum = try LyapunovSpectrum.driven(
        along: trajectory, map: map, options: LyapunovOptions(seed: UInt64(seed)))
      #expect(spectrum.exponents == spectrum.exponents.sorted(by: >))
      expectClose(
        [spectrum.exponents.reduce(0, +)], [expected],
        Closeness(
          absolute: 1e-11, relative: 1e-11,
          reason: "a determinant is right to 1e-15 times the condition number, which is some "
            + "thousands in one step"), "sum of the exponents from seed \(seed)")
    }
  }

  @Test(
    "At a fixed point the largest is the logarithm of the Jacobian's spectral radius",
    arguments: OracleCell.all)
  func fixedPoints(_ cell: OracleCell) throws {
    let mapCase = try MapCase(
      OracleNetwork(cell: cell, input: 3, hidden: 5, output: cell.isJordan ? 7 : 0), seed: 94,
      scale: 0.5)
    let map = try mapCase.map()
    let inputs = Array(repeating: mapCase.input, count: 500)
    let fixed = try map.run(from: mapCase.state, inputs: inputs).states[500]
    let (next, jacobian) = try map.linearized(state: fixed, input: mapCase.input)
    expectClose(next, fixed, Self.rounding, "the state has settled")
    let radius = try jacobian.spectralRadius()
    let spectrum = try LyapunovSpectrum.autonomous(
      map: map, initial: fixed, input: mapCase.input, steps: 2000,
      options: LyapunovOptions(count: 2, warmUp: 500))
    expectClose(
      [spectrum.exponents[0]], [log(radius)],
      Closeness(
        absolute: 1e-3, relative: 0,
        reason: "with a complex pair the growth turns with the direction, by a factor of the order "
          + "of ten at most, which in the mean of 2000 logarithms is log 10 / 2000 or so"),
      "λ₁")
  }

  @Test("Factorising every step or every third one is the same")
  func intervals() throws {
    let mapCase = try MapCase(
      OracleNetwork(cell: .lstm(peephole: true, coupled: false), input: 3, hidden: 5),
      lengths: [40], seed: 95)
    let map = try mapCase.map()
    let trajectory = try map.run(from: mapCase.state, inputs: mapCase.arguments.sequences[0])
    func spectrum(_ interval: Int) throws -> LyapunovSpectrum {
      try .driven(
        along: trajectory, map: map,
        options: LyapunovOptions(count: 4, interval: interval, warmUp: 5))
    }
    let (often, seldom) = (try spectrum(1), try spectrum(3))
    expectClose(seldom.exponents, often.exponents, Self.rounding, "exponents")
    #expect(often.runningLargest.count == 35)
    #expect(seldom.runningLargest.count == 12, "eleven of three steps and one of two")
    expectClose(
      seldom.runningLargest, (0..<12).map { often.runningLargest[min(3 * $0 + 2, 34)] },
      Self.rounding, "running means")
  }

  @Test("The leading exponents do not depend on how many are asked for")
  func leading() throws {
    let mapCase = try MapCase(
      OracleNetwork(cell: .gru(resetAfter: true), input: 3, hidden: 5), lengths: [30], seed: 96)
    let map = try mapCase.map()
    let trajectory = try map.run(from: mapCase.state, inputs: mapCase.arguments.sequences[0])
    func spectrum(_ count: Int?) throws -> LyapunovSpectrum {
      try .driven(
        along: trajectory, map: map, options: LyapunovOptions(count: count, warmUp: 10))
    }
    let all = try spectrum(nil)
    #expect(all.exponents.count == 5)
    for count in 1...4 {
      expectClose(
        try spectrum(count).exponents, Array(all.exponents.prefix(count)), Self.rounding,
        "the first \(count)")
    }
  }

  @Test("Renumbering the units changes nothing")
  func permutation() throws {
    let u: [Float] = [0.5, 0.25, 0.125, 0.375, 0.75, 0.0625, 0.25, 0.125, 0.3125]
    let order = [2, 0, 1]
    let turned = (0..<9).map { u[order[$0 / 3] * 3 + order[$0 % 3]] }
    func spectrum(_ u: [Float]) throws -> [Double] {
      let map = try plainMap(
        .elman(.tanh), hidden: 3, ["weight_hh": u, "bias_hh": [0.25, 0.25, 0.25]])
      return try autonomous(map, steps: 50, LyapunovOptions(warmUp: 400)).exponents
    }
    expectClose(try spectrum(turned), try spectrum(u), Self.rounding, "exponents")
  }

  // MARK: Dimension and errors

  @Test("The Kaplan-Yorke dimension interpolates where the sum becomes negative")
  func dimension() {
    func dimension(_ exponents: [Double], of size: Int) -> Double? {
      LyapunovSpectrum(exponents: exponents, stateSize: size, steps: 1, runningLargest: [])
        .kaplanYorkeDimension
    }
    #expect(dimension([0.5, 0, -2], of: 3) == 2.25)
    #expect(dimension([-0.1, -0.2], of: 2) == 0)
    #expect(dimension([0.3, 0.1], of: 2) == 2)
    #expect(dimension([0.3, 0.1], of: 5) == nil)
    #expect(dimension([0.5, -.infinity], of: 2) == 1)
  }

  @Test("What cannot be measured is refused")
  func errors() throws {
    let map = try plainMap(.irnn, hidden: 2, ["weight_hh": [1e30, 0, 0, 1e30]])
    let trajectory = try map.run(from: [1e-200, 1e-200], inputs: Array(repeating: [0], count: 12))
    func driven(_ options: LyapunovOptions) throws {
      _ = try LyapunovSpectrum.driven(along: trajectory, map: map, options: options)
    }
    expectError(.range, about: "exponents") { try driven(LyapunovOptions(count: 3)) }
    expectError(.range, about: "exponents") { try driven(LyapunovOptions(count: 0)) }
    expectError(.range, about: "interval") { try driven(LyapunovOptions(interval: 0)) }
    expectError(.range, about: "warm-up") { try driven(LyapunovOptions(warmUp: -1)) }
    expectError(.range, about: "warm-up") { try driven(LyapunovOptions(warmUp: 12)) }
    expectError(.nonFinite, about: "Lyapunov") { try driven(LyapunovOptions(interval: 12)) }
    try driven(LyapunovOptions(interval: 3))
    expectError(.range, about: "steps") { _ = try autonomous(map, steps: 0) }
    expectError(.shape, about: "state") {
      _ = try LyapunovSpectrum.autonomous(map: map, initial: [], input: [0], steps: 1)
    }
  }
}

extension OracleCell {
  /// Whether no step takes a direction away: relu may, the elements of a softmax add up to one, and
  /// both parts of a hybrid's state are made of the same H units.
  fileprivate var hasInvertibleSteps: Bool {
    switch self {
    case .elman(.relu), .jordan(.relu, _, _), .jordan(_, .softmax, _), .jordan(_, _, hybrid: true):
      false
    default: true
    }
  }
}
