import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Initialisation of one block")
struct InitializationTests {
  private func values(
    _ initialization: Initialization, _ rows: Int, _ columns: Int, seed: UInt64 = 1
  ) throws -> [Double] {
    var generator = RandomGenerator(seed: seed)
    return try initialization.values(rows: rows, columns: columns, hidden: 16, using: &generator)
      .map(Double.init)
  }

  @Test(
    "Every text gives its value, and the value gives the text back",
    arguments: [
      ("uniform", Initialization.uniform(bound: nil)), ("uniform=0.08", .uniform(bound: 0.08)),
      ("normal=0.1", .normal(deviation: 0.1)), ("xavier", .xavier),
      ("orthogonal", .orthogonal(gain: 1)), ("orthogonal=1.2", .orthogonal(gain: 1.2)),
      ("identity", .identity(scale: 1)), ("identity=0.5", .identity(scale: 0.5)),
      ("sparse=0.9", .sparse(connections: 15, spectralRadius: 0.9)),
    ])
  func text(text: String, value: Initialization) throws {
    #expect(try Initialization(text) == value)
    #expect(value.description == text)
  }

  @Test("Sparse has a radius of 0.95 unless told")
  func sparseDefault() throws {
    #expect(try Initialization("sparse") == .sparse(connections: 15, spectralRadius: 0.95))
  }

  @Test(
    "Text without meaning is refused",
    arguments: [
      "", "gauss", "normal", "normal=", "normal=x", "normal=0", "uniform=-1", "uniform=nan",
      "uniform=inf", "xavier=1", "orthogonal=1=2", "=1", "Uniform", "sparse=0",
    ])
  func badText(text: String) {
    expectError(.format, about: "initialisation") { _ = try Initialization(text) }
  }

  @Test("Uniform numbers fill their interval")
  func uniform() throws {
    for (initialization, bound) in [
      (Initialization.uniform(bound: 0.08), 0.08), (.uniform(bound: nil), 0.25),
    ] {
      let numbers = try values(initialization, 100, 100)
      #expect(numbers.allSatisfy { abs($0) <= bound + 1e-9 })
      expectMoments(numbers, deviation: bound / 3.0.squareRoot())
    }
  }

  @Test("Xavier's bound is that of its fan-in and fan-out")
  func xavier() throws {
    let numbers = try values(.xavier, 60, 90)
    #expect(numbers.allSatisfy { abs($0) <= 0.2 + 1e-7 })
    expectMoments(numbers, deviation: 0.2 / 3.0.squareRoot())
  }

  @Test("Normal numbers have their deviation")
  func normal() throws {
    expectMoments(try values(.normal(deviation: 0.3), 100, 100), deviation: 0.3)
  }

  private func expectMoments(_ numbers: [Double], deviation: Double) {
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    let square = numbers.reduce(0) { $0 + $1 * $1 } / Double(numbers.count)
    let error = deviation / Double(numbers.count).squareRoot()
    expectClose(
      [mean], [0],
      Closeness(absolute: 5 * error, relative: 0, reason: "5 standard errors of the mean"), "mean")
    expectClose(
      [square.squareRoot()], [deviation],
      Closeness(
        absolute: 5 * error, relative: 0,
        reason: "the standard error of a deviation is below that of the mean; 5 of them"),
      "deviation")
  }

  @Test(
    "Orthogonal rows or columns are orthonormal, times the gain",
    arguments: [(8, 8), (9, 4), (4, 9), (1, 5), (5, 1), (40, 40)], [1, 1.5] as [Float])
  func orthogonal(shape: (Int, Int), gain: Float) throws {
    let (rows, columns) = shape
    let numbers = try values(.orthogonal(gain: gain), rows, columns)
    let isTall = rows >= columns
    let (short, long) = (min(rows, columns), max(rows, columns))
    func element(_ vector: Int, _ index: Int) -> Double {
      isTall ? numbers[index * columns + vector] : numbers[vector * columns + index]
    }
    let products = (0..<short).flatMap { a in
      (0..<short).map { b in (0..<long).reduce(0) { $0 + element(a, $1) * element(b, $1) } }
    }
    let expected = (0..<short * short).map {
      $0 / short == $0 % short ? Double(gain) * Double(gain) : 0
    }
    let closeness = Closeness(
      absolute: 2e-6, relative: 0, reason: "LAPACK's QR in Float, at most 40 reflections")
    expectClose(products, expected, closeness, "products of vectors")
  }

  @Test("The identity is scaled and may be rectangular")
  func identity() throws {
    #expect(try values(.identity(scale: 0.5), 2, 2) == [0.5, 0, 0, 0.5])
    #expect(try values(.identity(scale: 1), 2, 3) == [1, 0, 0, 0, 1, 0])
    #expect(try values(.identity(scale: 1), 3, 2) == [1, 0, 0, 1, 0, 0])
  }

  @Test("Sparse rows have their connections, and the largest eigenvalue its size")
  func sparse() throws {
    for seed in 1...5 as ClosedRange<UInt64> {
      let numbers = try values(.sparse(connections: 4, spectralRadius: 0.9), 30, 30, seed: seed)
      for row in 0..<30 {
        #expect(numbers[row * 30..<(row + 1) * 30].filter { $0 != 0 }.count == 4)
      }
      // ‖Aᵏ x‖ grows like radiusᵏ for the sum over many k, whatever the largest eigenvalues are.
      var matrix = numbers
      var logarithm = 0.0
      var weight = 1.0
      for _ in 0..<12 {
        matrix = square(matrix, 30)
        weight /= 2
        let size = matrix.map(abs).max() ?? 0
        logarithm += weight * log(size)
        matrix = matrix.map { $0 / size }
      }
      let closeness = Closeness(
        absolute: 0.01, relative: 0,
        reason: "the root of a norm of the 4096th power: constants to the power 1 / 4096")
      expectClose([exp(logarithm)], [0.9], closeness, "spectral radius")
    }
  }

  private func square(_ a: [Double], _ size: Int) -> [Double] {
    (0..<size * size).map { index in
      (0..<size).reduce(0) { $0 + a[index / size * size + $1] * a[$1 * size + index % size] }
    }
  }

  @Test("A spectral radius is asked of squares only")
  func sparseRectangle() {
    expectError(.unsupported, about: "sparse") {
      _ = try values(.sparse(connections: 2, spectralRadius: 1), 3, 4)
    }
  }

  @Test("Connections that can form no cycle are refused")
  func sparseNothing() {
    expectError(.range, about: "sparse") {
      _ = try values(.sparse(connections: 0, spectralRadius: 1), 4, 4)
    }
  }
}
