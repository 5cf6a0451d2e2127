/// Vectors to be searched for the nearest ones by the cosine of the angle between them.
///
/// A search is one product with all vectors: 2·N·D operations. Needs 4·N·D bytes.
public struct VectorIndex: Sendable {
  public let count: Int
  public let width: Int
  /// [N, D], each row of length 1; rows of zeros stay.
  private let rows: [Float]

  /// Throws ``RNNError/Kind/shape`` for vectors of several widths, ``RNNError/Kind/empty`` for none,
  /// ``RNNError/Kind/nonFinite`` for a value that is infinite or not a number.
  public init(_ vectors: [[Float]]) throws(RNNError) {
    guard let width = vectors.first?.count, width > 0 else {
      throw RNNError(.empty, "vectors", expected: "at least one", found: "none")
    }
    var rows: [Float] = []
    rows.reserveCapacity(vectors.count * width)
    for vector in vectors { rows += try Self.unit(vector, width: width) }
    (count, self.width, self.rows) = (vectors.count, width, rows)
  }

  /// The vectors nearest to `vector`, nearest first; of equal ones the earlier first.
  ///
  /// Throws ``RNNError/Kind/shape`` and ``RNNError/Kind/nonFinite`` for a vector that does not fit,
  /// ``RNNError/Kind/range`` for a number below 1.
  ///
  /// - Parameters:
  ///   - vector: of the index's width.
  ///   - most: how many; fewer are given where there are no more.
  public func nearest(
    to vector: [Float], most: Int
  ) throws(RNNError) -> [(index: Int, similarity: Float)] {
    try requirePositive(most, "neighbours")
    var query = try Self.unit(vector, width: width)
    var similarities = [Float](repeating: 0, count: count)
    rows.withUnsafeBufferPointer { rows in
      query.withUnsafeMutableBufferPointer { query in
        similarities.withUnsafeMutableBufferPointer { result in
          guard let rows = rows.baseAddress, let query = query.baseAddress,
            let result = result.baseAddress
          else { return }
          BLAS.multiply(
            Matrix(query, rows: 1, columns: width), .no,
            Matrix(UnsafeMutablePointer(mutating: rows), rows: count, columns: width), .yes,
            into: Matrix(result, rows: 1, columns: count), beta: 0)
        }
      }
    }
    let order = similarities.indices.sorted {
      (-similarities[$0], $0) < (-similarities[$1], $1)
    }
    return order.prefix(most).map { ($0, similarities[$0]) }
  }

  private static func unit(_ vector: [Float], width: Int) throws(RNNError) -> [Float] {
    guard vector.count == width else {
      throw RNNError(
        .shape, "vector", expected: "\(width) numbers", found: "\(vector.count)")
    }
    let length = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard length.isFinite else {
      throw RNNError(.nonFinite, "vector", expected: "finite numbers", found: "others")
    }
    return length == 0 ? vector : vector.map { Float(Double($0) / length) }
  }
}

extension EncoderDecoder {
  /// All that the decoder starts from, a vector a source: its hidden states, then its cell states where the cell has
  /// some, layer by layer. Without attention a target is written from these numbers alone.
  ///
  /// Throws `.vocabulary` and `.shape` for sources that do not fit, `.empty` for none.
  public func vectors(
    of sources: [Example.Input], pass: EncoderDecoderPass
  ) throws(RNNError) -> [[Float]] {
    let batch = try SequenceBatch(
      inputs: sources.map { configuration.reversesSource ? $0.reversed : $0 })
    try check(batch)
    var noDropout: RandomGenerator?
    pass.usedDropout = false
    _ = encode(batch, batch.layout.rowsBySequence, pass: pass, false, &noDropout)
    let state = pass.decoderState
    return sources.indices.map { sequence in
      var vector: [Float] = []
      for (parts, width) in [(state.hidden, state.stateWidth), (state.cell, state.cellWidth)] {
        for part in parts where width > 0 {
          vector += part[sequence * width..<(sequence + 1) * width]
        }
      }
      return vector
    }
  }
}
