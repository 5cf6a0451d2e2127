extension Rows {
  /// These rows under a name, by which a profile tells what of the gradient comes back this way.
  /// Where several layers read the same rows, each may read them by a name of its own.
  ///
  /// ```swift
  /// let answer = try combination(
  ///   .sideBySide(context, state.path("direct"), context * state.path("product")))
  /// ```
  ///
  /// Costs nothing but in a profile (``Model/profile(for:pass:)``, ``Trainer/profiler``), and
  /// changes no bit of training. A profiled training step tells nothing of embedded rows that are
  /// multiplied as a table.
  public func path(_ name: String) -> Rows {
    guard let watcher = pass.watcher else { return self }
    precondition((try? check()) != nil, "rows of a pass that has begun anew")
    let slope = NamedSlope(of: source.slope)
    watcher.willComeBack(by: name, slope, steps: order.steps, on: pass)
    return Rows(
      RowSource(
        matrix: matrix, slope: slope, table: watcher.keepsBits ? source.table : nil,
        memory: source.memory),
      order: order, on: pass)
  }
}

extension Rows.Order {
  /// The rows of each sequence, step by step; nil where rows are no steps.
  fileprivate var steps: [[Int]]? {
    switch self {
    case .packed(let layout):
      return layout.lengths.enumerated().map { sequence, length in
        (0..<length).map { layout.row(sequence: sequence, step: $0) }
      }
    case .bySequence(let layout):
      var first = 0
      return layout.lengths.map { length in
        defer { first += length }
        return Array(first..<first + length)
      }
    case .examples, .byRank: return nil
    }
  }
}

/// The gradient of rows by one named way: hands on each share at once, as if the way had no name,
/// and adds up its own.
private final class NamedSlope: Slope {
  private let rows: Slope?

  /// - Parameter rows: of the rows themselves; nil where they have none.
  init(of rows: Slope?) { self.rows = rows }

  override func lend(_ rows: Int, _ columns: Int, _ pass: Pass) -> Matrix {
    self.rows?.lend(rows, columns, pass) ?? super.lend(rows, columns, pass)
  }

  override func add(_ share: Matrix, times mask: Matrix?, _ pass: Pass) {
    rows?.add(share, times: mask, pass)
    super.add(share, times: mask, pass)
  }

  override func take(_ share: Matrix, _ pass: Pass) {
    super.add(share, times: nil, pass)
    rows?.take(share, pass)
  }
}
