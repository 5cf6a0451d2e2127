internal import CBLAS
internal import CKernels

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
    inRoom {
      cblas_sgemm(
        CblasRowMajor, transposeA.code, transposeB.code, blasint(c.rows), blasint(c.columns),
        blasint(inner), 1, a.pointer, blasint(a.stride), b.pointer, blasint(b.stride), beta,
        c.pointer, blasint(c.stride))
    }
  }

  /// A·B for row-major A [rows, inner] and B [inner, columns], on the calling thread.
  static func multiply(
    _ a: [Double], _ b: [Double], rows: Int, inner: Int, columns: Int
  ) -> [Double] {
    precondition(a.count == rows * inner && b.count == inner * columns)
    var c = [Double](repeating: 0, count: rows * columns)
    guard rows > 0, inner > 0, columns > 0 else { return c }
    inRoom {
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(columns),
        blasint(inner), 1, a, blasint(inner), b, blasint(columns), 0, &c, blasint(columns))
    }
    return c
  }

  /// Calls OpenBLAS or LAPACK: waits, where the process's address space is limited, until there is
  /// the 128 MiB that a call works in beside those of other threads. Stops the program where that
  /// is never there: OpenBLAS would wait for ever.
  static func inRoom<Result>(_ body: () -> Result) -> Result {
    useOneThread()
    guard rnn_blas_begin() else {
      fatalError("OpenBLAS works in 128 MiB, for which the limit of address space has no room")
    }
    defer { rnn_blas_end() }
    return body()
  }

  /// To be called before any use of OpenBLAS: its core is chosen here, and its thread count, which
  /// is a setting of the whole process. The library's own threads divide the work, so OpenBLAS gets
  /// one; a host program that calls OpenBLAS itself may set it again afterwards.
  static func useOneThread() { _ = oneThread }

  private static let oneThread: Void = {
    _ = BLASCore.current
    openblas_set_num_threads(1)
  }()

  /// OpenBLAS's version and build, with the core that is in use.
  static var configuration: String {
    useOneThread()
    return String(cString: openblas_get_config())
  }
}
