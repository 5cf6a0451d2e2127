/// Input rows that all are rows of one table, as those of an embedding without dropout are.
///
/// A table with fewer rows than the batch is cheaper to multiply than the batch: with V rows for N
/// tokens the three products of a layer with its input cost V / N of what they would, and each
/// token a copy on the way forward and an addition on the way back.
struct TableRows: Sendable {
  /// [V, I]
  let table: Matrix
  /// The table's row of each packed row, N of them.
  let ids: [Int32]

  /// The same rows in another order: row r is row `order[r]` of these.
  func reordered(_ order: [Int]) -> TableRows {
    TableRows(table: table, ids: order.map { ids[$0] })
  }

  /// Row r of `target` becomes row `ids[first + r]` of `values` [V, …].
  func copy(_ values: Matrix, from first: Int, into target: Matrix, team: ThreadTeam) {
    team.split(target.rows) { range in
      for row in range { target.copyRow(row, from: values, Int(ids[first + row])) }
    }
  }

  /// Adds row r of `rows` [N, …] to row `ids[r]` of `sums`. Threads divide the columns, so that the
  /// order of additions is that of `groups`.
  func addSums(of rows: Matrix, to sums: Matrix, in groups: TokenGroups, team: ThreadTeam) {
    team.split(rows.columns, grain: 16) { columns in
      let (source, target) = (rows.columns(columns), sums.columns(columns))
      groups.forEachGroup { group in
        for row in group {
          let id = Int(ids[row])
          target.rows(id..<id + 1).combine(keep: 1, source.rows(row..<row + 1))
        }
      }
    }
  }
}
