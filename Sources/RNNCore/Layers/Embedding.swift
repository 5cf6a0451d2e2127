/// A table of learned vectors, one a token: row r of the output is the vector of row r's token.
public struct Embedding: Sendable {
  /// [V, E]
  let table: ParameterLayout.Slice

  /// V.
  public var vocabulary: Int { table.rows }
  /// E.
  public var width: Int { table.columns }

  /// Declares `embedding.weight` [V, E].
  ///
  /// - Parameters:
  ///   - vocabulary: V, the number of tokens.
  ///   - width: E, the width of a vector.
  ///   - prefix: what the name begins with where a model has several tables.
  ///   - layout: gets the parameter.
  public init(
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

  /// The vectors of a batch's tokens, packed [N, E].
  ///
  /// Throws `.shape` for a batch of numbers, `.vocabulary` for a token that is not in the table.
  public func callAsFunction(_ batch: SequenceBatch, in pass: Pass) throws(RNNError) -> Rows {
    guard case .tokens(let ids) = batch.content else {
      throw RNNError(.shape, "input", expected: "tokens", found: "features")
    }
    if let bad = ids.first(where: { $0 < 0 || $0 >= vocabulary }) {
      throw RNNError(.vocabulary, "token", expected: "0 to \(vocabulary - 1)", found: "\(bad)")
    }
    let record = pass.record(
      { $0.layer.table.offset == table.offset }, { EmbeddingRecord(self) })
    // Who gives one token at a time writes it into the same array, which must have no other holder
    // then.
    record.tokens = pass.isRecorded ? ids : []
    record.layout = batch.layout
    let output = record.buffer.matrix(ids.count, width)
    forward(ids, into: output, parameters: pass.parameters, team: pass.team)
    let rows = tableRows(ids, of: pass.part?.count ?? ids.count, parameters: pass.parameters)
    return Rows(
      output, order: .packed(batch.layout), slope: record.slope,
      table: rows.map { TableSource(rows: $0, slice: table) }, in: record.buffer, on: pass)
  }

  /// Divides every vector by its length, as Mesnil et al. (2013) do after each update; zeros stay
  /// zeros.
  ///
  /// All V vectors, since decay and momentum move those whose tokens a batch has not: 2·V·E
  /// operations.
  func normalize(_ parameters: ParameterStore, team: ThreadTeam) {
    let vectors = parameters.matrix(table)
    team.split(vectors.rows, grain: 16) { range in
      for row in range { vectors.rows(row..<row + 1).normalize() }
    }
    parameters.markChanged()
  }

  /// The tokens as rows of the table, when that is less to multiply than the rows themselves.
  ///
  /// - Parameter count: of the tokens of the whole batch.
  func tableRows(
    _ tokens: [Int32], of count: Int, parameters: ParameterStore
  ) -> TableRows? {
    guard count >= 2 * table.rows else { return nil }
    return TableRows(table: parameters.matrix(table), ids: tokens)
  }

  /// Adds each row's gradient to its token's vector.
  func backward(
    _ tokens: [Int32], _ layout: SequenceLayout, outputGradient: Matrix, gradients: ParameterStore,
    team: ThreadTeam
  ) {
    let vectors = gradients.matrix(table)
    TableRows(table: vectors, ids: tokens)
      .addSums(of: outputGradient, to: vectors, in: .steps(layout), team: team)
  }
}

private final class EmbeddingRecord: LayerRecord {
  let layer: Embedding
  var tokens: [Int32] = []
  var layout = SequenceLayout(longestFirst: [1])
  let buffer = FloatBuffer()

  init(_ layer: Embedding) { self.layer = layer }

  // Layers that read the table's rows in place of the vectors add to it as well, before this one.
  override var parameterEnd: Int { layer.table.range.upperBound }

  override func backward(_ pass: Pass) {
    guard let gradient = slope.matrix else { return }
    layer.backward(
      tokens, layout, outputGradient: gradient, gradients: pass.recordedGradients, team: pass.team)
  }
}
