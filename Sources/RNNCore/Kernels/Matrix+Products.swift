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
  /// With vector kernels each element is the sum over the rows of A and B in their order, for any
  /// number of threads. Without them OpenBLAS is faster.
  func addOuterProducts(_ a: Matrix, _ b: Matrix, team: ThreadTeam) {
    assert(a.rows == b.rows && rows == a.columns && columns == b.columns)
    guard InstructionSet.current != .portable else {
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
}
