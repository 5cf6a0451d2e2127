/// Rows of numbers in one of the library's buffers: a view that can be read and written in place.
///
/// Row r is packed row r of the batch's ``SequenceLayout``. A view keeps its buffer alive, but
/// holds only as long as its source says; using it when its memory belongs to another batch stops
/// the program.
public struct PackedRows: Sendable {
  /// The number of tokens N, or of whatever a row stands for.
  public var rows: Int { matrix.rows }
  /// Floats a row.
  public var columns: Int { matrix.columns }

  let matrix: Matrix
  private let owner: any ViewedMemory
  private let generation: Int

  init(_ matrix: Matrix, owner: any ViewedMemory) {
    self.matrix = matrix
    self.owner = owner
    generation = owner.viewGeneration
  }

  /// A copy of one row, or another one in its place. Stops the program for a row that is not there,
  /// or of another length.
  public subscript(row: Int) -> [Float] {
    get { withRow(row, Array.init) }
    nonmutating set {
      precondition(newValue.count == columns, "a row of \(columns), found \(newValue.count)")
      withRow(row) { target in for column in 0..<columns { target[column] = newValue[column] } }
    }
  }

  /// One row in place.
  public func withRow<R>(
    _ row: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
  ) rethrows -> R {
    precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
    precondition(owner.viewGeneration == generation, "a view of memory that was given away")
    return try withExtendedLifetime(owner) { try body(matrix.row(row)) }
  }

  /// Copies `values`, row-major [rows, columns], into the buffer.
  public func set(to values: [Float]) throws(RNNError) {
    guard values.count == rows * columns else {
      throw RNNError(
        .shape, "values", expected: "\(rows) × \(columns)", found: "\(values.count) numbers")
    }
    for row in 0..<rows {
      withRow(row) { target in
        for column in 0..<columns { target[column] = values[row * columns + column] }
      }
    }
  }

  /// A copy, row-major [rows, columns].
  public func values() -> [Float] { (0..<rows).flatMap { withRow($0, Array.init) } }
}

/// Memory that views look at.
protocol ViewedMemory: AnyObject, Sendable {
  /// Moves on whenever views from before no longer hold.
  var viewGeneration: Int { get }
}
