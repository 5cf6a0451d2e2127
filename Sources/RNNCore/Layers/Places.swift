/// Learned vectors of R places, added to rows that come in groups of R: row i gets that of place i
/// mod R.
public struct Places: Sendable {
  /// [R, width]
  private let table: ParameterLayout.Slice

  /// Declares `name.weight` [R, width].
  ///
  /// - Parameters:
  ///   - name: of the layer.
  ///   - count: R.
  ///   - width: of the rows.
  ///   - layout: gets the parameter.
  public init(
    _ name: String, count: Int, width: Int, declaringIn layout: inout ParameterLayout
  ) {
    table = layout.add(
      "\(name).weight", layer: name, rows: count, columns: width,
      role: .denseWeight(fanIn: width))
  }

  /// The rows with the vectors of their places. Throws `.shape` for rows of another width or of no
  /// whole groups.
  public func callAsFunction(_ rows: Rows) throws(RNNError) -> Rows {
    try rows.check(width: table.columns, "input of places")
    guard rows.count.isMultiple(of: table.rows) else {
      throw RNNError(
        .shape, "input of places", expected: "groups of \(table.rows) rows",
        found: "\(rows.count) rows")
    }
    let pass = rows.pass
    let record = pass.record { PlacesRecord() }
    (record.input, record.table) = (rows.source, table)
    let (output, places) = (
      record.output.matrix(rows.count, rows.width), pass.parameters.matrix(table)
    )
    pass.team.split(rows.count / table.rows) { groups in
      for index in groups {
        let group = index * table.rows..<(index + 1) * table.rows
        output.rows(group).combine(keep: 0, rows.matrix.rows(group))
        output.rows(group).combine(keep: 1, places)
      }
    }
    return rows.giving(output, slope: record.slope, in: record.output)
  }
}

private final class PlacesRecord: LayerRecord {
  var input: RowSource?
  var table: ParameterLayout.Slice?
  let output = FloatBuffer()

  override var parameterEnd: Int { table?.range.upperBound ?? 0 }

  override func backward(_ pass: Pass) {
    guard let table, let gradient = slope.matrix else { return }
    let sums = pass.recordedGradients.matrix(table)
    pass.team.split(table.rows) { range in
      for first in stride(from: 0, to: gradient.rows, by: table.rows) {
        sums.rows(range).combine(
          keep: 1, gradient.rows(first + range.lowerBound..<first + range.upperBound))
      }
    }
    input?.slope?.take(gradient, pass)
  }
}
