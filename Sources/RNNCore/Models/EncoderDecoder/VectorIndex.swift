/// Vectors to be searched for the nearest ones by the cosine of the angle between them.
///
/// What all vectors have in common says nothing of which are alike, and hides the rest where it is
/// large, as in the states of one network after different texts. A centred index measures angles
/// from the mean of its vectors (Mu and Viswanath 2018).
///
/// A search is one product with all vectors: 2·N·D operations. Needs 4·N·D bytes.
public struct VectorIndex: Sendable {
  /// N, the number of vectors.
  public let count: Int
  /// D, the numbers of a vector.
  public let width: Int
  /// [N, D], each row of length 1; rows of zeros stay.
  private let rows: [Float]
  /// [D], what is taken from every vector; nil for nothing.
  private let center: [Float]?

  /// Throws ``RNNError/Kind/shape`` for vectors of several widths, ``RNNError/Kind/empty`` for
  /// none, ``RNNError/Kind/nonFinite`` for a value that is infinite or not a number.
  ///
  /// - Parameters:
  ///   - vectors: all of the same width.
  ///   - isCentered: whether angles are those from the mean of `vectors`; one vector alone is then
  ///     like no other.
  public init(_ vectors: [[Float]], isCentered: Bool = false) throws(RNNError) {
    guard let width = vectors.first?.count, width > 0 else {
      throw RNNError(.empty, "vectors", expected: "at least one", found: "none")
    }
    var rows: [Float] = []
    rows.reserveCapacity(vectors.count * width)
    for vector in vectors { try Self.check(vector, width: width) }
    let center = isCentered ? Self.mean(of: vectors, width: width) : nil
    for vector in vectors { rows += Self.unit(vector, from: center) }
    (count, self.width, self.rows, self.center) = (vectors.count, width, rows, center)
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
    try Self.check(vector, width: width)
    var query = Self.unit(vector, from: center)
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

  private static func check(_ vector: [Float], width: Int) throws(RNNError) {
    guard vector.count == width else {
      throw RNNError(
        .shape, "vector", expected: "\(width) numbers", found: "\(vector.count)")
    }
    guard vector.allSatisfy(\.isFinite) else {
      throw RNNError(.nonFinite, "vector", expected: "finite numbers", found: "others")
    }
  }

  private static func mean(of vectors: [[Float]], width: Int) -> [Float] {
    var sums = [Double](repeating: 0, count: width)
    for vector in vectors {
      for (column, value) in vector.enumerated() { sums[column] += Double(value) }
    }
    return sums.map { Float($0 / Double(vectors.count)) }
  }

  /// The vector from `center`, nil for the origin, with length 1; zeros stay.
  private static func unit(_ vector: [Float], from center: [Float]?) -> [Float] {
    var moved = vector.map(Double.init)
    if let center { moved = zip(moved, center).map { $0 - Double($1) } }
    let length = moved.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return moved.map { Float(length == 0 ? $0 : $0 / length) }
  }
}

extension EncoderDecoder {
  /// All that the decoder starts from, a vector a source: its hidden states, then its cell states
  /// where the cell has some, layer by layer. Without attention a target is written from these
  /// numbers alone.
  ///
  /// Throws `.vocabulary` and `.shape` for sources that do not fit, `.empty` for none.
  public func vectors(
    of sources: [Example.Input], pass: EncoderDecoderPass
  ) throws(RNNError) -> [[Float]] {
    let batch = try SequenceBatch(
      inputs: sources.map { configuration.reversesSource ? $0.reversed : $0 })
    try check(batch)
    try pass.layers.begin()
    let state = try encode(batch, pass: pass).start.state
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
