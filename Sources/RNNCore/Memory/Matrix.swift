/// A row-major view of floats that somebody else owns: pointer, rows, columns and the distance
/// between rows. It keeps nothing alive; it never leaves the module.
struct Matrix: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let rows: Int
  let columns: Int
  /// Floats from one row to the next.
  let stride: Int

  init(_ pointer: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
    self.pointer = pointer
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
  }

  /// Rows `range`, all columns.
  func rows(_ range: Range<Int>) -> Matrix {
    assert(range.lowerBound >= 0 && range.upperBound <= rows)
    return Matrix(
      pointer + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
  }

  /// All rows, columns `range`.
  func columns(_ range: Range<Int>) -> Matrix {
    assert(range.lowerBound >= 0 && range.upperBound <= columns)
    return Matrix(pointer + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }

  func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    assert(index >= 0 && index < rows)
    return UnsafeMutableBufferPointer(start: pointer + index * stride, count: columns)
  }

  func fill(_ value: Float) {
    if stride == columns {
      pointer.update(repeating: value, count: rows * columns)
    } else {
      for index in 0..<rows { row(index).update(repeating: value) }
    }
  }

  /// Copies row `index` of `source` to row `target` of this matrix.
  func copyRow(_ target: Int, from source: Matrix, _ index: Int) {
    assert(source.columns == columns)
    (pointer + target * stride).update(from: source.pointer + index * source.stride, count: columns)
  }
}
