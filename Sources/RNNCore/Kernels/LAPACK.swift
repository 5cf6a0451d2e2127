internal import CBLAS

/// The only place that calls LAPACKE. All matrices are row-major and dense.
enum LAPACK {
  /// A = QR for A [rows, columns] with rows >= columns: Q with orthonormal columns, and R's
  /// diagonal, with the signs that make it positive (so that Q of a Gaussian matrix is uniformly
  /// distributed: Mezzadri 2007).
  static func orthonormal<Scalar: LAPACKScalar>(
    _ values: [Scalar], rows: Int, columns: Int
  ) -> (q: [Scalar], diagonal: [Scalar]) {
    precondition(rows >= columns && values.count == rows * columns)
    var a = values
    var tau = [Scalar](repeating: 0, count: columns)
    let (m, n) = (lapack_int(rows), lapack_int(columns))
    var info = BLAS.inRoom { Scalar.geqrf(m, n, &a, &tau) }
    precondition(info == 0, "geqrf rejects argument \(-info)")
    let diagonal = (0..<columns).map { a[$0 * columns + $0] }
    info = BLAS.inRoom { Scalar.orgqr(m, n, &a, tau) }
    precondition(info == 0, "orgqr rejects argument \(-info)")
    for row in 0..<rows {
      for column in 0..<columns where diagonal[column] < 0 { a[row * columns + column].negate() }
    }
    return (a, diagonal.map(\.magnitude))
  }

  /// The largest absolute eigenvalue of a square matrix; nil when the iteration does not converge.
  static func spectralRadius<Scalar: LAPACKScalar>(_ values: [Scalar], size: Int) -> Scalar? {
    precondition(values.count == size * size)
    guard size > 0 else { return 0 }
    var a = values
    var real = [Scalar](repeating: 0, count: size)
    var imaginary = real
    let info = BLAS.inRoom { Scalar.geev(lapack_int(size), &a, &real, &imaginary) }
    guard info == 0 else { return nil }
    return zip(real, imaginary).map { ($0 * $0 + $1 * $1).squareRoot() }.max()
  }

  /// The singular values of a matrix [rows, columns], largest first; nil when the iteration does
  /// not converge.
  static func singularValues(_ values: [Double], rows: Int, columns: Int) -> [Double]? {
    precondition(values.count == rows * columns)
    guard !values.isEmpty else { return [] }
    var a = values
    var result = [Double](repeating: 0, count: min(rows, columns))
    var (left, right) = ([0.0], [0.0])
    let n = lapack_int(columns)
    // Row-major LAPACKE checks the leading dimensions of the unwanted singular vectors as well.
    let info = BLAS.inRoom {
      LAPACKE_dgesdd(
        LAPACK_ROW_MAJOR, none, lapack_int(rows), n, &a, n, &result, &left, n, &right, n)
    }
    return info == 0 ? result : nil
  }

  fileprivate static let none = CChar(UInt8(ascii: "N"))
}

/// The types of numbers that LAPACK's routines exist for; each function returns LAPACK's `info`.
protocol LAPACKScalar: BinaryFloatingPoint {
  /// A [m, n] becomes R and Householder's vectors, `tau` their factors.
  static func geqrf(
    _ m: lapack_int, _ n: lapack_int, _ a: inout [Self], _ tau: inout [Self]
  ) -> lapack_int
  /// What geqrf left becomes Q [m, n].
  static func orgqr(
    _ m: lapack_int, _ n: lapack_int, _ a: inout [Self], _ tau: [Self]
  ) -> lapack_int
  /// The eigenvalues of A [n, n], whose content is lost.
  static func geev(
    _ n: lapack_int, _ a: inout [Self], _ real: inout [Self], _ imaginary: inout [Self]
  ) -> lapack_int
}

// Row-major LAPACKE checks the leading dimensions of unwanted eigenvectors as well.

extension Float: LAPACKScalar {
  static func geqrf(
    _ m: lapack_int, _ n: lapack_int, _ a: inout [Float], _ tau: inout [Float]
  ) -> lapack_int {
    LAPACKE_sgeqrf(LAPACK_ROW_MAJOR, m, n, &a, n, &tau)
  }

  static func orgqr(
    _ m: lapack_int, _ n: lapack_int, _ a: inout [Float], _ tau: [Float]
  ) -> lapack_int {
    LAPACKE_sorgqr(LAPACK_ROW_MAJOR, m, n, n, &a, n, tau)
  }

  static func geev(
    _ n: lapack_int, _ a: inout [Float], _ real: inout [Float], _ imaginary: inout [Float]
  ) -> lapack_int {
    var (left, right) = ([Float](repeating: 0, count: 1), [Float](repeating: 0, count: 1))
    return LAPACKE_sgeev(
      LAPACK_ROW_MAJOR, LAPACK.none, LAPACK.none, n, &a, n, &real, &imaginary, &left, n, &right, n)
  }
}

extension Double: LAPACKScalar {
  static func geqrf(
    _ m: lapack_int, _ n: lapack_int, _ a: inout [Double], _ tau: inout [Double]
  ) -> lapack_int {
    LAPACKE_dgeqrf(LAPACK_ROW_MAJOR, m, n, &a, n, &tau)
  }

  static func orgqr(
    _ m: lapack_int, _ n: lapack_int, _ a: inout [Double], _ tau: [Double]
  ) -> lapack_int {
    LAPACKE_dorgqr(LAPACK_ROW_MAJOR, m, n, n, &a, n, tau)
  }

  static func geev(
    _ n: lapack_int, _ a: inout [Double], _ real: inout [Double], _ imaginary: inout [Double]
  ) -> lapack_int {
    var (left, right) = ([0.0], [0.0])
    return LAPACKE_dgeev(
      LAPACK_ROW_MAJOR, LAPACK.none, LAPACK.none, n, &a, n, &real, &imaginary, &left, n, &right, n)
  }
}
