/// Attention as a layer of a model.
extension Attention {
  /// For each query [Q, …] its context [Q, E]: what of the keys [K, E] of its own sequence answers
  /// it, in the order of the queries.
  ///
  /// Queries and keys are steps, packed or by sequence, of as many sequences; or the queries are
  /// one row a sequence. Throws `.shape` for others. Costs 4·Q·K·E operations a sentence of Q
  /// queries and K keys.
  public func callAsFunction(_ queries: Rows, over keys: Rows) throws(RNNError) -> Rows {
    let contexts = try look(queries, over: keys).contexts
    if case .packed = queries.order { return try contexts.packed() }
    return contexts
  }

  /// The contexts that attention gives, with the weights α that they are means by.
  public struct Look {
    /// [Q, E], by sequence where the queries were packed.
    public let contexts: Rows
    let record: AttentionRecord

    /// α of each query of a sequence over its keys, 1 in sum, until the pass begins anew. Throws
    /// `.unsupported` after that, and `.range` for a sequence that is not there.
    public func weights(of sequence: Int) throws(RNNError) -> [[Float]] {
      try contexts.check()
      guard (0..<record.tape.plan.sentenceCount).contains(sequence) else {
        throw RNNError(
          .range, "sequence", expected: "0 to \(record.tape.plan.sentenceCount - 1)",
          found: "\(sequence)")
      }
      let weights = record.tape.weights(of: sequence)
      return (0..<weights.rows).map { Array(weights.row($0)) }
    }
  }

  /// The contexts as ``callAsFunction(_:over:)`` finds them, with their weights.
  public func look(_ queries: Rows, over keys: Rows) throws(RNNError) -> Look {
    try queries.check()
    try keys.check(on: queries.pass)
    let (queryLengths, keyLengths) = (queries.lengths, keys.lengths)
    guard queryLengths.count == keyLengths.count, case let widths = (queries.width, keys.width),
      takes(query: widths.0, key: widths.1)
    else {
      throw RNNError(
        .shape, "attention",
        expected: "queries and keys of the same sequences and the layer's widths",
        found: "[\(queryLengths.count), \(queries.width)] and [\(keyLengths.count), \(keys.width)]")
    }
    let (asked, known) = (try queries.bySequence(), try keys.bySequence())
    let pass = queries.pass
    let record = pass.record { AttentionRecord() }
    record.begin(self, asked.source, known.source)
    for (query, key) in zip(queryLengths, keyLengths) {
      record.tape.plan.add(queries: query, keys: key)
    }
    let contexts = record.output.matrix(asked.count, known.width)
    forward(
      asked.matrix, known.matrix, into: contexts, tape: record.tape, parameters: pass.parameters,
      team: pass.team)
    return Look(
      contexts: Rows(contexts, order: asked.order, slope: record.slope, on: pass), record: record)
  }
}

/// One row a sequence: what of its steps matters, by a learned measure (Yang et al. 2016; the
/// additive score of Bahdanau, Cho and Bengio 2015 without a query).
///
///     u_t = tanh(W h_t + b),  α = softmax_t(v · u_t),  c = Σ_t α_t h_t
public struct AttentionPooling: Sendable {
  private let attention: Attention
  private let width: Int

  /// Declares `attention.key.weight` [A, width], `attention.key.bias` [A] and `attention.vector`
  /// [A], all behind `prefix`.
  ///
  /// - Parameters:
  ///   - width: of the steps.
  ///   - size: A, the width of u; nil for that of the steps.
  ///   - prefix: what the names begin with.
  ///   - layout: gets the parameters.
  public init(
    width: Int, size: Int? = nil, prefix: String = "", declaringIn layout: inout ParameterLayout
  ) {
    self.width = width
    attention = Attention(
      poolingOver: width, size: size ?? width, prefix: prefix, declaringIn: &layout)
  }

  /// [B, width] in the caller's order, for steps [N, width]. Throws `.shape` for rows that are
  /// none.
  public func callAsFunction(_ rows: Rows) throws(RNNError) -> Rows {
    try rows.check(width: width, "input of attention pooling")
    let known = try rows.bySequence()
    let (pass, lengths) = (rows.pass, rows.lengths)
    let record = pass.record { AttentionRecord() }
    let none = record.noQueries.matrix(lengths.count, attention.scoreWidth(key: width))
    none.fill(0)
    record.begin(attention, RowSource(matrix: none, slope: nil), known.source)
    for length in lengths { record.tape.plan.add(queries: 1, keys: length) }
    let contexts = record.output.matrix(lengths.count, width)
    attention.forward(
      none, known.matrix, into: contexts, tape: record.tape, parameters: pass.parameters,
      team: pass.team)
    return Rows(contexts, order: .examples, slope: record.slope, on: pass)
  }
}

/// The record of attention: the weights, queries and keys that its backward pass needs.
final class AttentionRecord: LayerRecord {
  let tape = AttentionTape()
  let output = FloatBuffer()
  let noQueries = FloatBuffer()
  private var layer: Attention?
  private var (queries, keys): (RowSource?, RowSource?)
  private let queryGradient = FloatBuffer()
  private let keyGradient = FloatBuffer()

  func begin(_ layer: Attention, _ queries: RowSource, _ keys: RowSource) {
    (self.layer, self.queries, self.keys) = (layer, queries, keys)
    tape.plan.removeAll()
  }

  override var parameterEnd: Int { layer?.parameterEnd ?? 0 }

  override func backward(_ pass: Pass) {
    guard let layer, let queries, let keys, let gradient = slope.matrix else { return }
    let dQueries = queryGradient.matrix(queries.matrix.rows, queries.matrix.columns)
    let dKeys = keyGradient.matrix(keys.matrix.rows, keys.matrix.columns)
    layer.backward(
      gradient, queries.matrix, keys.matrix, queryGradient: dQueries, keyGradient: dKeys,
      tape: tape, parameters: pass.parameters, gradients: pass.recordedGradients, team: pass.team)
    pass.watcher?.cameBack(
      to: dKeys, queries: queries.slope == nil ? nil : dQueries, by: layer.name, tape,
      on: pass)
    queries.slope?.take(dQueries, pass)
    keys.slope?.take(dKeys, pass)
  }
}

// MARK: - Orders

extension Rows {
  /// The same numbers with another ``order``: for rows by sequence that are no time steps. Costs
  /// nothing.
  ///
  /// Throws `.shape` where `order` has another number of rows.
  public func standing(for order: Order) throws(RNNError) -> Rows {
    try check()
    try order.check(count: count)
    return Rows(source, order: order, on: pass)
  }

  /// Some of the rows, in an order of one's own; one may come several times.
  ///
  /// Throws `.range` for a row that is not there, `.shape` for another number of rows than `order`
  /// has.
  ///
  /// - Parameters:
  ///   - indices: of the rows.
  ///   - order: what they stand for then.
  public func gathered(_ indices: [Int], as order: Order) throws(RNNError) -> Rows {
    try check()
    if let bad = indices.first(where: { $0 < 0 || $0 >= count }) {
      throw RNNError(.range, "row", expected: "0 to \(count - 1)", found: "\(bad)")
    }
    try order.check(count: indices.count)
    let record = pass.record { GatherRecord() }
    (record.input, record.indices) = (source, indices)
    let output = record.output.matrix(indices.count, width)
    output.gather(indices, from: matrix, team: pass.team)
    return Rows(output, order: order, slope: record.slope, on: pass)
  }
}

extension Rows.Order {
  /// Throws `.shape` for another number of rows; examples may be any number.
  fileprivate func check(count: Int) throws(RNNError) {
    let expected: Int
    switch self {
    case .packed(let layout), .bySequence(let layout): expected = layout.rowCount
    case .byRank(let layout): expected = layout.sequenceCount
    case .examples: return
    }
    guard count == expected else {
      throw RNNError(.shape, "rows", expected: "\(expected)", found: "\(count)")
    }
  }
}

private final class GatherRecord: LayerRecord {
  var input: RowSource?
  var indices: [Int] = []
  let output = FloatBuffer()
  private var isSeen: [Bool] = []

  override func backward(_ pass: Pass) {
    guard let input, let gradient = slope.matrix else { return }
    let rows = input.matrix.rows
    input.slope?.receive(rows, gradient.columns, pass) { share in
      isSeen.removeAll(keepingCapacity: true)
      for _ in 0..<rows { isSeen.append(false) }
      for (row, index) in indices.enumerated() {
        if isSeen[index] {
          share.rows(index..<index + 1).combine(keep: 1, gradient.rows(row..<row + 1))
        } else {
          share.copyRow(index, from: gradient, row)
          isSeen[index] = true
        }
      }
      for row in 0..<rows where !isSeen[row] { share.rows(row..<row + 1).fill(0) }
    }
  }
}

extension Rows {
  /// How many rows each sequence has, in the caller's order.
  var lengths: [Int] {
    switch order {
    case .packed(let layout), .bySequence(let layout): layout.lengths
    case .examples, .byRank: Array(repeating: 1, count: count)
    }
  }

  /// Packed rows with those of a sequence side by side.
  public func bySequence() throws(RNNError) -> Rows {
    try check()
    guard case .packed(let layout) = order else { return self }
    return reordered(.bySequence(layout), isPacking: false, layout)
  }

  /// Rows by sequence in the packed order of a batch; rows of examples stay as they are.
  public func packed() throws(RNNError) -> Rows {
    try check()
    guard case .bySequence(let layout) = order else { return self }
    return reordered(.packed(layout), isPacking: true, layout)
  }

  private func reordered(_ order: Order, isPacking: Bool, _ layout: SequenceLayout) -> Rows {
    let record = pass.record { ReorderRecord() }
    record.input = source
    record.isPacking = isPacking
    record.places.removeAll(keepingCapacity: true)
    for sequence in layout.lengths.indices {
      for step in 0..<layout.lengths[sequence] {
        record.places.append(layout.stepOffsets[step] + layout.ranks[sequence])
      }
    }
    let output = record.output.matrix(count, width)
    record.move(matrix, into: output, back: false, pass.team)
    return Rows(output, order: order, slope: record.slope, on: pass)
  }
}

private final class ReorderRecord: LayerRecord {
  var input: RowSource?
  var isPacking = false
  /// For each row by sequence the packed one.
  var places: [Int] = []
  let output = FloatBuffer()

  func move(_ source: Matrix, into target: Matrix, back: Bool, _ team: ThreadTeam) {
    if isPacking == back {
      target.gather(places, from: source, team: team)
    } else {
      target.scatterAll(places, from: source, team: team)
    }
  }

  override func backward(_ pass: Pass) {
    guard let input, let gradient = slope.matrix else { return }
    input.slope?.receive(gradient.rows, gradient.columns, pass) {
      move(gradient, into: $0, back: true, pass.team)
    }
  }
}
