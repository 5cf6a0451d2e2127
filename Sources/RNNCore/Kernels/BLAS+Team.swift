extension BLAS {
  /// The same product by the whole team. Each worker computes its own rows or columns of C over the
  /// whole inner dimension. OpenBLAS rounds by the shape of each part, so bits depend on their
  /// number.
  static func multiply(
    _ a: Matrix, _ transposeA: Transpose = .no, _ b: Matrix, _ transposeB: Transpose = .no,
    into c: Matrix, beta: Float, team: ThreadTeam
  ) {
    if c.rows >= c.columns {
      team.split(c.rows, grain: splitGrain) { range in
        let part = transposeA == .no ? a.rows(range) : a.columns(range)
        multiply(part, transposeA, b, transposeB, into: c.rows(range), beta: beta)
      }
    } else {
      team.split(c.columns, grain: splitGrain) { range in
        let part = transposeB == .no ? b.columns(range) : b.rows(range)
        multiply(a, transposeA, part, transposeB, into: c.columns(range), beta: beta)
      }
    }
  }

  /// A multiple of every sgemm tile's side, so that a border leaves no partial tile behind.
  private static let splitGrain = 48
}
