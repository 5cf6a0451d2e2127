internal import CLibrary

/// A matrix of `Double`s, row-major: the Jacobians of a ``StateMap`` and their products.
public struct DenseMatrix: Sendable, Hashable {
  /// How many rows there are.
  public let rows: Int
  /// How many columns there are.
  public let columns: Int
  /// All elements, row by row: [rows, columns].
  public private(set) var values: [Double]

  /// Throws `.shape` unless there are rows · columns values.
  public init(rows: Int, columns: Int, values: [Double]) throws(RNNError) {
    guard rows >= 0, columns >= 0, values.count == rows * columns else {
      throw RNNError(
        .shape, "matrix", expected: "\(rows) × \(columns)", found: "\(values.count) values")
    }
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  init(zeros rows: Int, _ columns: Int) {
    self.init(rows, columns, [Double](repeating: 0, count: rows * columns))
  }

  /// Values that are known to be as many as they must.
  init(_ rows: Int, _ columns: Int, _ values: [Double]) {
    precondition(values.count == rows * columns)
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// The identity, [size, size].
  public static func identity(_ size: Int) -> DenseMatrix {
    var matrix = DenseMatrix(zeros: size, size)
    matrix.addDiagonal([Double](repeating: 1, count: size))
    return matrix
  }

  /// One element; both indices are checked.
  public subscript(row: Int, column: Int) -> Double {
    get { values[index(row, column)] }
    set { values[index(row, column)] = newValue }
  }

  private func index(_ row: Int, _ column: Int) -> Int {
    precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
    precondition(column >= 0 && column < columns, "column \(column) of \(columns)")
    return row * columns + column
  }

  /// Whether no element is infinite or NaN.
  public var isFinite: Bool { values.allSatisfy(\.isFinite) }
}

// MARK: - Products

extension DenseMatrix {
  /// Rows `range`, all columns.
  func rows(_ range: Range<Int>) -> DenseMatrix {
    let elements = values[range.lowerBound * columns..<range.upperBound * columns]
    return DenseMatrix(range.count, columns, Array(elements))
  }

  /// A·B, [rows, B's columns]. Throws `.shape` unless B has as many rows as A has columns.
  ///
  /// Costs 2 · rows · columns · (B's columns) operations.
  public func multiplied(by other: DenseMatrix) throws(RNNError) -> DenseMatrix {
    guard columns == other.rows else {
      throw RNNError(
        .shape, "matrix product", expected: "\(columns) rows", found: "\(other.rows)")
    }
    return times(other)
  }

  /// The same for shapes that are known to fit.
  func times(_ other: DenseMatrix) -> DenseMatrix {
    DenseMatrix(
      rows, other.columns,
      BLAS.multiply(values, other.values, rows: rows, inner: columns, columns: other.columns))
  }

  /// A v, [rows].
  func times(_ vector: [Double]) -> [Double] {
    BLAS.multiply(values, vector, rows: rows, inner: columns, columns: 1)
  }

  /// vᵀ A, [columns].
  func transposedTimes(_ vector: [Double]) -> [Double] {
    BLAS.multiply(vector, values, rows: 1, inner: rows, columns: columns)
  }
}

// MARK: - Decompositions

extension DenseMatrix {
  /// The singular values, largest first: min(rows, columns) of them.
  ///
  /// Each is right to about 10⁻¹⁶ of the **largest**, so that one smaller than that is rounding
  /// error. Throws `.nonFinite` for a matrix with such an element, `.unsupported` when LAPACK's
  /// iteration (gesdd) does not converge. Costs about 8/3 · n³ operations for a square matrix.
  public func singularValues() throws(RNNError) -> [Double] {
    try requireFinite("singular values")
    guard let result = LAPACK.singularValues(values, rows: rows, columns: columns) else {
      throw RNNError(
        .unsupported, "singular values", expected: "an iteration that converges", found: "none")
    }
    return result
  }

  /// The largest absolute value of an eigenvalue.
  ///
  /// Throws `.shape` for a matrix that is not square, `.nonFinite` for one with such an element,
  /// `.unsupported` when LAPACK's iteration (geev) does not converge. Costs about 10 · n³
  /// operations.
  public func spectralRadius() throws(RNNError) -> Double {
    guard rows == columns else {
      throw RNNError(
        .shape, "spectral radius", expected: "a square matrix", found: "\(rows) × \(columns)")
    }
    try requireFinite("spectral radius")
    guard let result = LAPACK.spectralRadius(values, size: rows) else {
      throw RNNError(
        .unsupported, "spectral radius", expected: "an iteration that converges", found: "none")
    }
    return result
  }

  func requireFinite(_ name: String) throws(RNNError) {
    guard let bad = values.firstIndex(where: { !$0.isFinite }) else { return }
    throw RNNError(
      .nonFinite, name, expected: "finite elements",
      found: "\(values[bad]) in row \(bad / columns), column \(bad % columns)")
  }
}

// MARK: - Assembling

extension DenseMatrix {
  /// Adds diag(d) S to the first columns of the rows from `target` on, with S the rows of `source`
  /// from `first` on, as many as `d` has elements.
  mutating func addRows(
    of source: DenseMatrix, from first: Int = 0, scaledBy d: [Double], toRow target: Int = 0
  ) {
    precondition(first + d.count <= source.rows && target + d.count <= rows)
    precondition(source.columns <= columns)
    let (width, stride) = (source.columns, columns)
    values.withUnsafeMutableBufferPointer { own in
      source.values.withUnsafeBufferPointer { other in
        for (row, factor) in d.enumerated() {
          let (to, from) = ((target + row) * stride, (first + row) * width)
          for column in 0..<width { own[to + column] += factor * other[from + column] }
        }
      }
    }
  }

  /// Adds diag(d) to the block that begins at `row`, `column`.
  mutating func addDiagonal(_ d: [Double], row: Int = 0, column: Int = 0) {
    for (place, value) in d.enumerated() { self[row + place, column + place] += value }
  }

  /// Divides by the power of two that brings the largest element's size into [1, 2), without
  /// rounding.
  ///
  /// - Returns: the exponent of that power; 0 for a zero matrix, which stays.
  mutating func takeExponent() -> Int {
    let largest = values.reduce(0) { max($0, $1.magnitude) }
    guard largest > 0, largest.isFinite else { return 0 }
    let exponent = Int(largest.exponent)
    values = values.map { scalbn($0, -exponent) }
    return exponent
  }
}
