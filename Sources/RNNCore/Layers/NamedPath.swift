extension Rows {
  /// The same rows under a name, by which a profile tells what of the gradient comes back this way: where several layers
  /// read the same rows, each may read them by a name of its own.
  ///
  /// ```swift
  /// let answer = try combination(.sideBySide(context, state.path("direct"), context * state.path("product")))
  /// ```
  ///
  /// Costs nothing but in ``Model/profile(for:pass:)``.
  public func path(_ name: String) -> Rows {
    guard pass.watcher != nil else { return self }
    let record = pass.record { PathRecord() }
    (record.input, record.name, record.steps) = (source, name, nil)
    if case .bySequence(let layout) = order {
      var first = 0
      record.steps = layout.lengths.map { length in
        defer { first += length }
        return first..<first + length
      }
    }
    return giving(matrix, slope: record.slope, in: source.memory)
  }
}

private final class PathRecord: LayerRecord {
  var input: RowSource?
  var name = ""
  var steps: [Range<Int>]?

  override func backward(_ pass: Pass) {
    guard let gradient = slope.matrix else { return }
    pass.watcher?.cameBack(by: name, gradient, steps: steps)
    input?.slope?.take(gradient, pass)
  }
}
