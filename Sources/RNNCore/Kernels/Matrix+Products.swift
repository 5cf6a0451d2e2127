/// Products by the whole team.
extension ProductWeights {
  /// C = A·W or C += A·W, rows divided among the threads.
  func multiply(_ a: Matrix, add: Bool, into c: Matrix, team: ThreadTeam) {
    team.split(a.rows, grain: ProductWeights.rowGrain) { rows in
      multiply(a.rows(rows), add: add, into: c.rows(rows))
    }
  }

  /// A multiple of the rows of most tiles.
  private static let rowGrain = 6
}

extension Matrix {
  /// Adds Aᵀ·B to this matrix [m, n], for A [N, m] and B [N, n]; threads divide its rows.
  ///
  /// With our kernels each element is the sum over the rows of A and B in their order, for any number of
  /// threads. OpenBLAS takes over where it is faster: for wide B with AVX2, and without vector kernels.
  func addOuterProducts(_ a: Matrix, _ b: Matrix, team: ThreadTeam) {
    assert(a.rows == b.rows && rows == a.columns && columns == b.columns)
    guard columns <= Matrix.widestOuterProduct else {
      BLAS.multiply(a, .yes, b, into: self, beta: 1, team: team)
      return
    }
    team.split(rows, grain: Matrix.outerGrain) { range in
      self.rows(range).addOuterProducts(a.columns(range), b)
    }
  }

  /// The same by our kernels, on the calling thread.
  func addOuterProducts(_ a: Matrix, _ b: Matrix) {
    kernels.add_outer_products(
      a.rows, a.pointer, a.stride, a.columns, b.pointer, b.stride, b.columns, pointer, stride)
  }

  /// A multiple of the rows of most tiles.
  private static let outerGrain = 6

  /// Columns of B up to which our kernels are faster (`Benchmarks/results`, products).
  private static var widestOuterProduct: Int {
    switch InstructionSet.current {
    case .avx512: .max
    case .avx2: 192
    case .portable: 0
    }
  }
}
