/// Rows of numbers on their way through a model, [N, width]: what layers read and give.
///
/// They lie in memory of their ``Pass`` and hold until it begins anew; layers refuse rows of
/// another pass, or of an earlier one. What a row stands for is its ``Order``.
public struct Rows {
  /// What rows stand for.
  public enum Order: Sendable, Hashable {
    /// The steps of sequences, packed as a batch is: see ``SequenceLayout``.
    case packed(SequenceLayout)
    /// The steps of sequences, all of one side by side, in the caller's order.
    case bySequence(SequenceLayout)
    /// One row a sequence or example, in the caller's order.
    case examples
    /// One row a sequence, the longest first as in a packed batch.
    case byRank(SequenceLayout)
  }

  /// What the rows stand for and in which order they lie.
  public let order: Order
  /// The pass on which they lie.
  public let pass: Pass
  /// What records keep of them.
  let source: RowSource
  private let generation: Int

  /// N.
  public var count: Int { matrix.rows }
  /// Numbers of a row.
  public var width: Int { matrix.columns }
  var matrix: Matrix { source.matrix }

  init(
    _ matrix: Matrix, order: Order, slope: Slope?, table: TableSource? = nil,
    in memory: FloatBuffer? = nil, on pass: Pass
  ) {
    self.init(
      RowSource(matrix: matrix, slope: slope, table: table, memory: memory), order: order, on: pass)
  }

  init(_ source: RowSource, order: Order, on pass: Pass) {
    self.source = source
    self.order = order
    self.pass = pass
    generation = pass.generation
  }

  /// A copy of one row. Stops the program for a row that is not there, and for rows of an earlier
  /// pass.
  public subscript(row: Int) -> [Float] {
    precondition(generation == pass.generation, "rows of a pass that has begun anew")
    precondition((0..<count).contains(row), "row \(row) of \(count)")
    return Array(matrix.row(row))
  }

  /// A copy of all rows, in their order.
  public var values: [[Float]] { (0..<count).map { self[$0] } }

  // MARK: - What layers check

  /// Throws `.unsupported` for rows of another pass than `pass`, or of an earlier one.
  func check(on pass: Pass? = nil) throws(RNNError) {
    guard generation == self.pass.generation, pass === self.pass || pass == nil else {
      throw RNNError(
        .unsupported, "rows", expected: "rows of the running pass", found: "those of another")
    }
  }

  /// Throws `.shape` for rows of another width.
  func check(width expected: Int, _ name: String) throws(RNNError) {
    try check()
    guard width == expected else {
      throw RNNError(.shape, name, expected: "rows of \(expected)", found: "\(width)")
    }
  }

  /// The layout of packed rows. Throws `.shape` for others.
  func packedLayout(_ name: String) throws(RNNError) -> SequenceLayout {
    try check()
    guard case .packed(let layout) = order else {
      throw RNNError(
        .shape, name, expected: "rows of the steps of sequences", found: "\(order.name)")
    }
    return layout
  }

  /// Rows of the same order and pass that a layer gives for these.
  func giving(_ matrix: Matrix, slope: Slope, in memory: FloatBuffer? = nil) -> Rows {
    Rows(matrix, order: order, slope: slope, in: memory, on: pass)
  }

  /// The same numbers in memory of their own, for a loss to write over.
  func copied() -> Rows {
    let record = pass.record { CopyRecord() }
    record.input = source
    let copy = record.output.matrix(count, width)
    copy.copy(from: matrix, team: pass.team)
    return giving(copy, slope: record.slope)
  }

  /// Says that a loss has written dE/d(rows) over the rows. Only for rows that nothing else reads:
  /// see ``copied()``.
  func becomeGradient() {
    if pass.isRecorded { source.slope?.take(matrix, pass) }
  }
}

extension Rows.Order {
  var name: String {
    switch self {
    case .packed: "packed steps"
    case .bySequence: "steps by sequence"
    case .examples: "one row an example"
    case .byRank: "one row a sequence by length"
    }
  }
}

/// Rows without their pass, which records would keep alive in a circle.
struct RowSource {
  let matrix: Matrix
  /// Their gradient; nil for rows that no parameter has made.
  let slope: Slope?
  /// The same as rows of a table of parameters, where they are nothing else and that is less to
  /// multiply.
  var table: TableSource?
  /// What holds the matrix, to be kept alive by who reads it later.
  var memory: FloatBuffer?
}

private final class CopyRecord: LayerRecord {
  var input: RowSource?
  let output = FloatBuffer()

  override func backward(_ pass: Pass) {
    if let gradient = slope.matrix { input?.slope?.take(gradient, pass) }
  }
}

/// Rows of a table of parameters.
struct TableSource {
  let rows: TableRows
  let slice: ParameterLayout.Slice
}
