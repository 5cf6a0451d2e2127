/// A table of learned vectors, one a token: row r of the output is the vector of row r's token.
struct Embedding: Sendable {
  /// [V, E]
  let table: ParameterLayout.Slice

  var width: Int { table.columns }

  init(
    vocabulary: Int, width: Int, prefix: String = "", declaringIn layout: inout ParameterLayout
  ) {
    table = layout.add(
      "\(prefix)embedding.weight", layer: "\(prefix)embedding", rows: vocabulary, columns: width,
      role: .embedding)
  }

  func forward(_ tokens: [Int32], into output: Matrix, parameters: ParameterStore, team: ThreadTeam)
  {
    let vectors = parameters.matrix(table)
    team.split(tokens.count) { range in
      for row in range { output.copyRow(row, from: vectors, Int(tokens[row])) }
    }
  }

  /// Divides every vector by its length, as Mesnil et al. (2013) do after each update; zeros stay zeros.
  ///
  /// All V vectors, since decay and momentum move those whose tokens a batch has not: 2·V·E operations.
  func normalize(_ parameters: ParameterStore, team: ThreadTeam) {
    let vectors = parameters.matrix(table)
    team.split(vectors.rows, grain: 16) { range in
      for row in range { vectors.rows(row..<row + 1).normalize() }
    }
    parameters.markChanged()
  }

  /// The tokens as rows of the table, when that is less to multiply than the rows themselves.
  func tableRows(_ tokens: [Int32], parameters: ParameterStore) -> TableRows? {
    guard tokens.count >= 2 * table.rows else { return nil }
    return TableRows(table: parameters.matrix(table), ids: tokens)
  }

  /// Adds each row's gradient to its token's vector.
  func backward(
    _ tokens: [Int32], outputGradient: Matrix, gradients: ParameterStore, team: ThreadTeam
  ) {
    let vectors = gradients.matrix(table)
    TableRows(table: vectors, ids: tokens).addSums(of: outputGradient, to: vectors, team: team)
  }
}
