internal import CBLAS

/// The only place that calls LAPACKE. All matrices are row-major and dense.
enum LAPACK {
  /// Q of A = QR for A [rows, columns] with rows >= columns: orthonormal columns, with the signs that
  /// make R's diagonal positive (so that Q of a Gaussian matrix is uniformly distributed: Mezzadri 2007).
  static func orthonormal(_ values: [Float], rows: Int, columns: Int) -> [Float] {
    precondition(rows >= columns && values.count == rows * columns)
    BLAS.useOneThread()
    var a = values
    var tau = [Float](repeating: 0, count: columns)
    let (m, n) = (lapack_int(rows), lapack_int(columns))
    var info = LAPACKE_sgeqrf(LAPACK_ROW_MAJOR, m, n, &a, n, &tau)
    precondition(info == 0, "sgeqrf rejects argument \(-info)")
    let negative = (0..<columns).map { a[$0 * columns + $0] < 0 }
    info = LAPACKE_sorgqr(LAPACK_ROW_MAJOR, m, n, n, &a, n, tau)
    precondition(info == 0, "sorgqr rejects argument \(-info)")
    for row in 0..<rows {
      for column in 0..<columns where negative[column] { a[row * columns + column].negate() }
    }
    return a
  }

  /// The largest absolute eigenvalue of a square matrix; nil when the iteration does not converge.
  static func spectralRadius(_ values: [Float], size: Int) -> Float? {
    precondition(values.count == size * size)
    guard size > 0 else { return 0 }
    BLAS.useOneThread()
    var a = values
    var (real, imaginary) = ([Float](repeating: 0, count: size), [Float](repeating: 0, count: size))
    var (left, right) = ([Float](repeating: 0, count: 1), [Float](repeating: 0, count: 1))
    let n = lapack_int(size)
    // Row-major LAPACKE checks the leading dimensions of the unwanted eigenvectors as well.
    let none = CChar(UInt8(ascii: "N"))
    let info = LAPACKE_sgeev(
      LAPACK_ROW_MAJOR, none, none, n, &a, n, &real, &imaginary, &left, n, &right, n)
    guard info == 0 else { return nil }
    return zip(real, imaginary).map { ($0 * $0 + $1 * $1).squareRoot() }.max()
  }
}
