internal import CBLAS

/// The only place that calls OpenBLAS.
enum BLAS {
  enum Transpose: Sendable {
    case no, yes

    fileprivate var code: CBLAS_TRANSPOSE { self == .no ? CblasNoTrans : CblasTrans }
  }

  /// C = A·B + beta·C on the calling thread, with A and B transposed on request.
  static func multiply(
    _ a: Matrix, _ transposeA: Transpose = .no, _ b: Matrix, _ transposeB: Transpose = .no,
    into c: Matrix, beta: Float
  ) {
    let inner = transposeA == .no ? a.columns : a.rows
    assert(c.rows == (transposeA == .no ? a.rows : a.columns))
    assert(inner == (transposeB == .no ? b.rows : b.columns))
    assert(c.columns == (transposeB == .no ? b.columns : b.rows))
    guard c.rows > 0, c.columns > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, transposeA.code, transposeB.code, blasint(c.rows), blasint(c.columns),
      blasint(inner), 1, a.pointer, blasint(a.stride), b.pointer, blasint(b.stride), beta,
      c.pointer,
      blasint(c.stride))
  }

  /// The same product by the whole team. Each worker computes its own rows or columns of C over the
  /// whole inner dimension. OpenBLAS rounds by the shape of each part, so bits depend on their number.
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

  /// OpenBLAS's thread count is a setting of the whole process. The library's own threads divide the
  /// work, so OpenBLAS gets one; a host program that calls OpenBLAS itself may set it again afterwards.
  static func useOneThread() { _ = oneThread }

  private static let oneThread: Void = openblas_set_num_threads(1)

  static var configuration: String { String(cString: openblas_get_config()) }
  static var coreName: String { String(cString: openblas_get_corename()) }
}
