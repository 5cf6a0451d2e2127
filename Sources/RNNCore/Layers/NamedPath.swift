extension Rows {
  /// These rows under a name, by which a profile tells what of the gradient comes back this way. Where several
  /// layers read the same rows, each may read them by a name of its own.
  ///
  /// ```swift
  /// let answer = try combination(.sideBySide(context, state.path("direct"), context * state.path("product")))
  /// ```
  ///
  /// Costs nothing but in ``Model/profile(for:pass:)``.
  public func path(_ name: String) -> Rows {
    guard pass.watcher != nil else { return self }
    precondition((try? check()) != nil, "rows of a pass that has begun anew")
    let record = pass.record { PathRecord() }
    (record.input, record.name, record.steps) = (source, name, order.steps)
    return giving(matrix, slope: record.slope, in: source.memory)
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

private final class PathRecord: LayerRecord {
  var input: RowSource?
  var name = ""
  var steps: [[Int]]?

  override func backward(_ pass: Pass) {
    guard let gradient = slope.matrix else { return }
    pass.watcher?.cameBack(by: name, gradient, steps: steps)
    input?.slope?.take(gradient, pass)
  }
}
