/// Moving rows about: how batches are mirrored in time, and how last steps are picked out.
extension Matrix {
  /// Row i becomes row `indices[i]` of `source`.
  func gather(_ indices: [Int], from source: Matrix, team: ThreadTeam) {
    assert(indices.count == rows)
    team.split(rows) { range in
      for index in range { copyRow(index, from: source, indices[index]) }
    }
  }

  /// Adds row `indices[i]` of `source` to row i.
  func addGathered(_ indices: [Int], from source: Matrix, team: ThreadTeam) {
    assert(indices.count == rows && source.columns == columns)
    team.split(rows) { range in
      for index in range {
        let from = source.pointer + indices[index] * source.stride
        kernels.combine(1, columns, 1, from, 0, nil, 0, pointer + index * stride, 0)
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
      let (from, by, to) = (source.rows(range), mask.rows(range), self.rows(range))
      kernels.combine(
        range.count, columns, 0, from.pointer, from.stride, by.pointer, by.stride, to.pointer,
        to.stride)
    }
  }

  /// Adds the sum of the rows to `total`, one addition a row in the order of the rows, however many
  /// threads there are.
  func addColumnSums(to total: UnsafeMutablePointer<Float>, team: ThreadTeam) {
    team.split(columns, grain: 16) { range in
      let part = self.columns(range)
      kernels.column_sum(
        rows, range.count, part.pointer, part.stride, nil, 0, total + range.lowerBound)
    }
  }

  /// Fills with inverted dropout: 0 with probability `rate`, else 1 / (1 − rate) (Srivastava 2014).
  func fillDropout(rate: Float, using generator: inout RandomGenerator) {
    let kept = 1 / (1 - rate)
    for index in 0..<rows {
      let row = self.row(index)
      for column in 0..<columns { row[column] = generator.uniform() < rate ? 0 : kept }
    }
  }
}
