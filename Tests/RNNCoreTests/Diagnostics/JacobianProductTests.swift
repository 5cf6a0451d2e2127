import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Products of Jacobians over a window")
struct JacobianProductTests {
  private static let rounding = Closeness(
    absolute: 1e-12, relative: 1e-12,
    reason: "tens of products in Double, each rounding by 1e-16 of elements of the order of one")

  /// A rotation in the plane of two axes.
  private func rotation(_ angle: Double, _ first: Int, _ second: Int, size: Int) -> DenseMatrix {
    var result = DenseMatrix.identity(size)
    result[first, first] = cos(angle)
    result[second, second] = cos(angle)
    result[first, second] = -sin(angle)
    result[second, first] = sin(angle)
    return result
  }

  private func diagonal(_ values: [Double]) -> DenseMatrix {
    var result = DenseMatrix(zeros: values.count, values.count)
    result.addDiagonal(values)
    return result
  }

  @Test("It multiplies in the order of time")
  func order() throws {
    let first = try DenseMatrix(rows: 2, columns: 2, values: [1, 2, 3, 4])
    let second = try DenseMatrix(rows: 2, columns: 2, values: [0, 1, -1, 5])
    var product = JacobianProduct(size: 2)
    try product.append(first)
    try product.append(second)
    #expect(product.steps == 2)
    let expected = try second.multiplied(by: first)
    let scale = pow(2, Double(product.exponent))
    #expect(product.matrix.values.map { $0 * scale } == expected.values)
  }

  @Test("Thousands of steps neither overflow nor underflow", arguments: [1e-9, 0.5, 3, 1e9])
  func longWindows(_ factor: Double) throws {
    var product = JacobianProduct(size: 2)
    for _ in 0..<5000 { try product.append(diagonal([factor, factor / 1.001])) }
    let found = try product.log10SingularValues()
    let expected = [5000 * log10(factor), 5000 * log10(factor / 1.001)]
    expectClose(
      found, expected,
      Closeness(
        absolute: 1e-11, relative: 1e-12,
        reason: "5000 factors that are each rounded by 1e-16 or, by the exponent, not at all"),
      "log₁₀ σ")
  }

  @Test("Turned directions keep their singular values down to the resolution")
  func turnedDirections() throws {
    // J_t = Q_t D Q_{t−1}ᵀ, so that the product is Q_T Dᵀ… Q_0ᵀ with singular values d^T.
    let d = [2.0, 1.0, 0.25, 0.01]
    let turns = (0...12).map { step in
      rotation(0.3 + Double(step), 0, 1, size: 4)
        .times(rotation(0.7 * Double(step), 1, 2, size: 4))
        .times(rotation(1.1 * Double(step), 2, 3, size: 4))
    }
    var product = JacobianProduct(size: 4)
    for step in 1...12 {
      var back = turns[step - 1]
      for row in 0..<4 { for column in 0..<4 { back[row, column] = turns[step - 1][column, row] } }
      try product.append(turns[step].times(diagonal(d)).times(back))
    }
    let found = try product.log10SingularValues()
    let expected = d.map { 12 * log10($0) }
    let floor = expected[0] + product.resolution
    for (place, value) in expected.enumerated() where value > floor {
      // Errors are absolute, `resolution` of the largest: relative to this one they are that much
      // more.
      let bound = pow(10, floor - value)
      expectClose(
        [found[place]], [value],
        Closeness(absolute: bound, relative: 1e-13, reason: "rounding relative to the largest"),
        "log₁₀ σ \(place)")
    }
    #expect(expected[2] > floor, "three of four are resolved")
    #expect(expected[3] < floor - 10, "the last one is far below rounding")
    #expect(found[3] < floor + 1, "and shows as noise at the floor")
  }

  @Test("A zero Jacobian leaves nothing")
  func zero() throws {
    var product = JacobianProduct(size: 2)
    try product.append(diagonal([1, 2]))
    try product.append(DenseMatrix(zeros: 2, 2))
    try product.append(diagonal([1, 2]))
    #expect(try product.log10SingularValues() == [-.infinity, -.infinity])
  }

  @Test("The product along a trajectory is the derivative of its end by its start")
  func alongTrajectory() throws {
    let mapCase = try MapCase(
      OracleNetwork(cell: .lstm(peephole: true, coupled: false), input: 3, hidden: 5),
      lengths: [6], seed: 81)
    let (map, inputs) = (try mapCase.map(), mapCase.arguments.sequences[0])
    let trajectory = try map.run(from: mapCase.state, inputs: inputs)
    let product = try map.jacobianProduct(along: trajectory, steps: 1..<5)
    #expect(product.steps == 4)
    let (probe, scale) = (1e-5, pow(2, Double(product.exponent)))
    for column in 0..<10 {
      func end(_ distance: Double) throws -> [Double] {
        var start = trajectory.states[1]
        start[column] += distance
        return try map.run(from: start, inputs: Array(inputs[1..<5])).states[4]
      }
      let slopes = zip(try end(probe), try end(-probe)).map { ($0 - $1) / (2 * probe) }
      expectClose(
        (0..<10).map { product.matrix[$0, column] * scale }, slopes,
        Closeness(
          absolute: 1e-9, relative: 1e-8,
          reason: "a central difference in Double errs by about 1e-10, times four steps' slopes"),
        "column \(column)")
    }
  }

  @Test("Retention is what each step leaves of a gradient, and together what the window does")
  func retention() throws {
    let mapCase = try MapCase(
      OracleNetwork(cell: .gru(resetAfter: true), input: 3, hidden: 5), lengths: [6], seed: 82)
    let map = try mapCase.map()
    let trajectory = try map.run(from: mapCase.state, inputs: mapCase.arguments.sequences[0])
    let delta = [1e-3, -2e-3, 0, 5e-4, 1e-3]
    let retention = try map.retention(of: delta, along: trajectory, steps: 2..<6)
    #expect(retention.factors.count == 4)
    func length(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    var current = delta
    for step in (2..<6).reversed() {
      let next = try map.jacobian(along: trajectory, step: step).transposedTimes(current)
      expectClose(
        [retention.factors[step - 2]], [length(next) / length(current)], Self.rounding,
        "ρ of step \(step)")
      current = next
    }
    expectClose(
      [retention.log10Total], [log10(length(current) / length(delta))], Self.rounding, "total")
    let largest = try map.jacobianProduct(along: trajectory, steps: 2..<6).log10SingularValues()[0]
    #expect(retention.log10Total <= largest + 1e-12)
  }

  @Test("A gradient of a thousand shrinking steps is followed to the end")
  func longRetention() throws {
    let map = try plainMap(.irnn, hidden: 2, ["weight_hh": [0.125, 0, 0, 0.125]])
    let trajectory = try map.run(
      from: [1e300, 1e300], inputs: Array(repeating: [0], count: 600))
    let retention = try map.retention(of: [3, 4], along: trajectory)
    expectClose(
      retention.factors, [Double](repeating: 0.125, count: 600), Self.rounding, "ρ")
    expectClose([retention.log10Total], [600 * log10(0.125)], Self.rounding, "total")
  }

  @Test("What does not fit is refused")
  func errors() throws {
    var product = JacobianProduct(size: 2)
    expectError(.shape, about: "Jacobian") { try product.append(DenseMatrix(zeros: 2, 3)) }
    expectError(.nonFinite, about: "Jacobian") { try product.append(diagonal([1, .nan])) }
    let map = try plainMap(.irnn, hidden: 2, [:])
    let trajectory = try map.run(from: [1, 1], inputs: [[0], [0]])
    expectError(.empty, about: "steps") {
      _ = try map.jacobianProduct(along: trajectory, steps: 1..<1)
    }
    expectError(.range, about: "steps") {
      _ = try map.jacobianProduct(along: trajectory, steps: 1..<3)
    }
    expectError(.shape, about: "covector") { _ = try map.retention(of: [1], along: trajectory) }
    expectError(.nonFinite, about: "covector") {
      _ = try map.retention(of: [1, .nan], along: trajectory)
    }
  }
}
