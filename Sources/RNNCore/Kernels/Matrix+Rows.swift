/// Moving rows about: how batches are mirrored in time, and how last steps are picked out.
extension Matrix {
  /// Adds ‖x + y‖² of each row to one number a row.
  func addRowSquares(plus extra: Matrix?, to squares: UnsafeMutablePointer<Double>) {
    kernels.add_row_squares(
      rows, columns, pointer, stride, extra?.pointer, extra?.stride ?? 0, squares)
  }

  /// Divides one row by its Euclidean length; a row without a finite length above 0 stays.
  func normalize() {
    assert(rows == 1)
    var length = kernels.sum_of_squares(columns, pointer).squareRoot()
    guard length > 0, length.isFinite else { return }
    if length < 1e-30 {
      // 1 / length might leave `Float`'s range: the row is brought near 1 before.
      kernels.scale(columns, 0x1p100, pointer)
      length = kernels.sum_of_squares(columns, pointer).squareRoot()
    }
    kernels.scale(columns, Float(1 / length), pointer)
  }

  /// Becomes keep · self + x ⊙ mask, elementwise; keep = 0 does not read what was there.
  func combine(keep: Float, _ x: Matrix, mask: Matrix? = nil) {
    assert(x.rows == rows && x.columns == columns)
    kernels.combine(
      rows, columns, keep, x.pointer, x.stride, mask?.pointer, mask?.stride ?? 0, pointer, stride)
  }

  /// Adds Σ over rows of self (⊙ other) to `total`, in the order of the rows.
  func addColumnSums(of other: Matrix?, to total: UnsafeMutablePointer<Float>) {
    kernels.column_sum(
      rows, columns, pointer, stride, other?.pointer, other?.stride ?? 0, total)
  }

  /// Row i becomes row `indices[i]` of `source`.
  func gather(_ indices: [Int], from source: Matrix, team: ThreadTeam) {
    assert(indices.count == rows)
    team.split(rows) { range in
      for index in range { copyRow(index, from: source, indices[index]) }
    }
  }

  /// Row `indices[i]` becomes row i of `source`, all others zero.
  func scatter(_ indices: [Int], from source: Matrix) {
    assert(indices.count == source.rows)
    fill(0)
    for (index, row) in indices.enumerated() { copyRow(row, from: source, index) }
  }

  /// Row `indices[i]` becomes row i of `source`, for an order of all rows.
  func scatterAll(_ indices: [Int], from source: Matrix, team: ThreadTeam) {
    assert(indices.count == source.rows && rows == source.rows)
    team.split(rows) { range in
      for index in range { copyRow(indices[index], from: source, index) }
    }
  }

  /// Adds row i of `source` to row `indices[i]`; no index comes twice.
  func addScattered(_ indices: [Int], from source: Matrix) {
    assert(indices.count == source.rows && source.columns == columns)
    for (index, row) in indices.enumerated() {
      rows(row..<row + 1).combine(keep: 1, source.rows(index..<index + 1))
    }
  }

  /// Adds row `indices[i]` of `source` to row i.
  func addGathered(_ indices: [Int], from source: Matrix, team: ThreadTeam) {
    assert(indices.count == rows && source.columns == columns)
    team.split(rows) { range in
      for index in range {
        rows(index..<index + 1).combine(keep: 1, source.rows(indices[index]..<indices[index] + 1))
      }
    }
  }

  /// Copies a matrix of the same shape.
  func copy(from source: Matrix, team: ThreadTeam) {
    assert(source.rows == rows && source.columns == columns)
    team.split(rows) { range in
      for index in range { copyRow(index, from: source, index) }
    }
  }

  /// Becomes `source` ⊙ `mask`.
  func multiply(_ source: Matrix, by mask: Matrix, team: ThreadTeam) {
    team.split(rows) { range in
      self.rows(range).combine(keep: 0, source.rows(range), mask: mask.rows(range))
    }
  }

  /// Adds the sum of the rows to `total`, one addition a row in the order of `groups`, or without
  /// these in their own, however many threads there are.
  func addColumnSums(
    to total: UnsafeMutablePointer<Float>, in groups: TokenGroups? = nil, team: ThreadTeam
  ) {
    team.split(columns, grain: 16) { range in
      let part = self.columns(range)
      (groups ?? .one(rows: rows)).forEachGroup {
        part.rows($0).addColumnSums(of: nil, to: total + range.lowerBound)
      }
    }
  }
}
