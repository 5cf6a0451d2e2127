import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Matrix products and decompositions")
struct LinearAlgebraTests {
  private static let closeness = Closeness(
    absolute: 2e-5, relative: 1e-6,
    reason: "up to 100 products in [-1, 1] are added in Float: 100 roundings of 6e-8 of 3 or so")

  struct Product: Sendable {
    let (rows, inner, columns): (Int, Int, Int)

    static let all = [
      (1, 1, 1), (1, 7, 5), (5, 7, 1), (49, 3, 50), (97, 100, 2), (3, 100, 145), (48, 17, 96),
    ].map { Product(rows: $0, inner: $1, columns: $2) }
  }

  @Test("A product with either side transposed is the naive one", arguments: Product.all)
  func products(_ size: Product) throws {
    var generator = OracleGenerator(seed: 81)
    for index in 0..<8 {
      let (left, right): (BLAS.Transpose, BLAS.Transpose) = (
        index & 1 == 0 ? .no : .yes, index & 2 == 0 ? .no : .yes
      )
      let beta: Float = index & 4 == 0 ? 0 : 1
      let a = KernelMatrix(
        left == .no ? size.rows : size.inner, left == .no ? size.inner : size.rows,
        using: &generator)
      let b = KernelMatrix(
        right == .no ? size.inner : size.columns, right == .no ? size.columns : size.inner,
        using: &generator)
      var c = KernelMatrix(size.rows, size.columns) { _ in beta == 0 ? .nan : 2 }
      let (x, y) = (a.doubles, b.doubles)
      var expected: [Double] = []
      for row in 0..<size.rows {
        for column in 0..<size.columns {
          var sum = beta == 0 ? 0.0 : 2
          for k in 0..<size.inner {
            sum +=
              x[left == .no ? row * a.columns + k : k * a.columns + row]
              * y[right == .no ? k * b.columns + column : column * b.columns + k]
          }
          expected.append(sum)
        }
      }
      a.withMatrix { a in
        b.withMatrix { b in
          c.withMutableMatrix { c in
            BLAS.multiply(a, left, b, right, into: c, beta: beta)
          }
        }
      }
      expectClose(c.doubles, expected, Self.closeness, "product \(index)")
      #expect(c.gapsAreIntact)
    }
  }

  @Test("An orthonormal factor has orthonormal columns", arguments: [(1, 1), (5, 5), (20, 7)])
  func orthonormal(_ rows: Int, _ columns: Int) {
    var generator = OracleGenerator(seed: 82)
    let a = (0..<rows * columns).map { _ in Float(generator.value()) }
    let q = LAPACK.orthonormal(a, rows: rows, columns: columns).q.map { Double($0) }
    for first in 0..<columns {
      for second in 0..<columns {
        let dot = (0..<rows).reduce(0.0) {
          $0 + q[$1 * columns + first] * q[$1 * columns + second]
        }
        expectClose([dot], [first == second ? 1 : 0], Self.closeness, "QᵀQ")
        // R = QᵀA is upper triangular with a positive diagonal.
        let r = (0..<rows).reduce(0.0) {
          $0 + q[$1 * columns + first] * Double(a[$1 * columns + second])
        }
        if first > second { expectClose([r], [0], Self.closeness, "R below the diagonal") }
        if first == second { #expect(r > 0) }
      }
    }
  }

  @Test("An orthonormal matrix is its own factor, its negative loses its signs")
  func knownFactors() {
    let identity: [Float] = [1, 0, 0, 1]
    #expect(LAPACK.orthonormal([3, 0, 0, 2], rows: 2, columns: 2).q == identity)
    #expect(LAPACK.orthonormal([-3, 0, 0, -2], rows: 2, columns: 2).q.map { -$0 } == identity)
  }

  @Test("Spectral radii of known matrices")
  func spectralRadius() throws {
    let known: [([Float], Int, Double)] = [
      ([], 0, 0), ([-3], 1, 3), ([0, -2, 2, 0], 2, 2), ([1, 5, 0, -4], 2, 4), ([0, 1, 0, 0], 2, 0),
      ([2, 1, 1, 2], 2, 3), ([0, 1, 0, 0, 0, 1, 8, 0, 0], 3, 2),
    ]
    for (values, size, radius) in known {
      let found = try #require(LAPACK.spectralRadius(values, size: size))
      expectClose([Double(found)], [radius], Self.closeness, "radius of \(values)")
    }
    #expect(LAPACK.spectralRadius([Float.nan], size: 1).map { !$0.isFinite } ?? true)
  }
}

extension KernelMatrix {
  func withMatrix(_ body: (Matrix) -> Void) {
    var copy = self
    copy.withMutableMatrix(body)
  }

  mutating func withMutableMatrix(_ body: (Matrix) -> Void) {
    let (rows, columns, stride) = (rows, columns, stride)
    storage.withUnsafeMutableBufferPointer { buffer in
      guard let pointer = buffer.baseAddress else { return }
      body(Matrix(pointer, rows: rows, columns: columns, stride: stride))
    }
  }
}
