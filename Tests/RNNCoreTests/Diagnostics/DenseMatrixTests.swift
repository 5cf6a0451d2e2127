import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Dense matrices and their decompositions")
struct DenseMatrixTests {
  private static let closeness = Closeness(
    absolute: 1e-13, relative: 1e-13,
    reason: "some tens of roundings of 1e-16 in Double, of numbers of the order of one")

  private func random(_ rows: Int, _ columns: Int, seed: UInt64) throws -> DenseMatrix {
    var generator = OracleGenerator(seed: seed)
    return try DenseMatrix(
      rows: rows, columns: columns, values: (0..<rows * columns).map { _ in generator.value() })
  }

  @Test("A product is the naive one, whatever the shapes")
  func products() throws {
    for (rows, inner, columns) in [(1, 1, 1), (3, 5, 7), (7, 1, 3), (1, 9, 1)] {
      let a = try random(rows, inner, seed: 1)
      let b = try random(inner, columns, seed: 2)
      let c = try a.multiplied(by: b)
      #expect(c.rows == rows && c.columns == columns)
      for row in 0..<rows {
        for column in 0..<columns {
          let expected = (0..<inner).reduce(0) { $0 + a[row, $1] * b[$1, column] }
          expectClose([c[row, column]], [expected], Self.closeness, "element")
        }
      }
      let unit = DenseMatrix.identity(columns)
      #expect(try c.multiplied(by: unit) == c)
    }
  }

  @Test("A covector's product is a row of the matrix product")
  func covectors() throws {
    let (a, b) = (try random(1, 5, seed: 3), try random(5, 3, seed: 4))
    expectClose(
      b.transposedTimes(a.values), try a.multiplied(by: b).values, .exact, "vᵀ A")
  }

  @Test("Q has orthonormal columns and R a positive diagonal, in Double too")
  func factors() throws {
    let (rows, columns) = (7, 4)
    let a = try random(rows, columns, seed: 5)
    let (q, diagonal) = LAPACK.orthonormal(a.values, rows: rows, columns: columns)
    for first in 0..<columns {
      for second in 0..<columns {
        let dot = (0..<rows).reduce(0) { $0 + q[$1 * columns + first] * q[$1 * columns + second] }
        expectClose([dot], [first == second ? 1 : 0], Self.closeness, "QᵀQ")
        let r = (0..<rows).reduce(0) { $0 + q[$1 * columns + first] * a[$1, second] }
        if first > second { expectClose([r], [0], Self.closeness, "R below the diagonal") }
        if first == second { expectClose([diagonal[first]], [r], Self.closeness, "R's diagonal") }
      }
    }
    #expect(diagonal.allSatisfy { $0 > 0 })
  }

  @Test("Singular values of known matrices, square or not, and of their transposes")
  func singularValues() throws {
    let known: [(rows: Int, columns: Int, values: [Double], expected: [Double])] = [
      (1, 1, [-3], [3]), (2, 2, [0, -2, 5, 0], [5, 2]), (2, 3, [3, 0, 0, 0, 4, 0], [4, 3]),
      (3, 2, [3, 0, 0, 4, 0, 0], [4, 3]), (2, 2, [1, 1, 1, 1], [2, 0]),
      (1, 4, [1, 1, -1, 1], [2]),
    ]
    for (rows, columns, values, expected) in known {
      let matrix = try DenseMatrix(rows: rows, columns: columns, values: values)
      expectClose(
        try matrix.singularValues(), expected, Self.closeness, "singular values of \(values)")
    }
  }

  @Test("Singular values are the spectral radius of a symmetric matrix and multiply to |det|")
  func singularValuesOfRandomMatrices() throws {
    let a = try random(4, 4, seed: 6)
    var symmetric = a
    for row in 0..<4 {
      for column in 0..<4 { symmetric[row, column] = a[row, column] + a[column, row] }
    }
    expectClose(
      [try symmetric.singularValues()[0]], [try symmetric.spectralRadius()], Self.closeness, "σ₁")
    let product = try a.singularValues().reduce(1, *)
    expectClose([product], [abs(determinant(a))], Self.closeness, "Π σ")
  }

  @Test("Spectral radii of known matrices: a rotation, a nilpotent one, a triangular one")
  func spectralRadius() throws {
    let known: [([Double], Int, Double)] = [
      ([0, -2, 2, 0], 2, 2), ([0, 1, 0, 0], 2, 0), ([1, 5, 0, -4], 2, 4),
      ([0, 1, 0, 0, 0, 1, 8, 0, 0], 3, 2),
    ]
    for (values, size, radius) in known {
      let matrix = try DenseMatrix(rows: size, columns: size, values: values)
      expectClose([try matrix.spectralRadius()], [radius], Self.closeness, "radius of \(values)")
    }
  }

  @Test("Taking out a power of two changes no bit of the rest, from tiny to huge")
  func exponents() throws {
    for power in [-1074, -1022, -3, 0, 17, 1023] {
      let scale = Double(sign: .plus, exponent: power, significand: 1)
      var matrix = try DenseMatrix(rows: 1, columns: 2, values: [scale, 0])
      #expect(matrix.takeExponent() == power)
      #expect(matrix.values == [1, 0])
    }
    var mixed = try DenseMatrix(rows: 1, columns: 2, values: [-6.5, 0.3])
    #expect(mixed.takeExponent() == 2)
    #expect(mixed.values == [-1.625, 0.075])
    var zero = DenseMatrix(zeros: 2, 2)
    #expect(zero.takeExponent() == 0)
  }

  @Test("Bad matrices are refused")
  func errors() throws {
    expectError(.shape) { _ = try DenseMatrix(rows: 2, columns: 2, values: [1, 2, 3]) }
    let wide = DenseMatrix(zeros: 2, 3)
    expectError(.shape, about: "product") { _ = try wide.multiplied(by: wide) }
    expectError(.shape, about: "radius") { _ = try wide.spectralRadius() }
    let bad = try DenseMatrix(rows: 1, columns: 1, values: [.nan])
    expectError(.nonFinite, about: "singular") { _ = try bad.singularValues() }
    expectError(.nonFinite, about: "radius") { _ = try bad.spectralRadius() }
  }
}

/// By elimination with pivots, sharing no code with the library.
func determinant(_ matrix: DenseMatrix) -> Double {
  let size = matrix.rows
  var rows = (0..<size).map { row in (0..<size).map { matrix[row, $0] } }
  var result = 1.0
  for column in 0..<size {
    let pivot = (column..<size).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
    if pivot != column {
      rows.swapAt(pivot, column)
      result = -result
    }
    result *= rows[column][column]
    guard rows[column][column] != 0 else { return 0 }
    for row in column + 1..<size {
      let factor = rows[row][column] / rows[column][column]
      for place in column..<size { rows[row][place] -= factor * rows[column][place] }
    }
  }
  return result
}
