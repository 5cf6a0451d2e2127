extension GradientProfile {
  /// A way by which the gradient comes from one part of a model to another: through ``Attention``,
  /// through the states that a network begins with, or through rows that the model has named with
  /// ``Rows/path(_:)``.
  public struct Path: Sendable, Hashable {
    /// What the way is called: `decoder.start`, `attention`, or the name that the model gave it.
    public var name: String
    /// ‖dE/dx‖ of all rows x that are read this way, through this way alone.
    public var norm: Double
    /// ‖dE/dx‖ by the steps of the sequences of x, or by the keys of each query's own sequence;
    /// distances are those from the last step. Shares are relative to all steps together: such a
    /// way has no last step from which it could decay. Nil for rows that are one an example.
    public var steps: Series?
    /// Where it looks, over the answers that are probed; nil for a way that is no attention.
    public var focus: AttentionFocus?

    init(_ name: String, norm: Double, steps: Series? = nil, focus: AttentionFocus? = nil) {
      (self.name, self.norm, self.steps, self.focus) = (name, norm, steps, focus)
    }
  }

  /// The way of that name; nil for a model that has none.
  public func path(_ name: String) -> Path? { paths.first { $0.name == name } }
}

extension GradientProfile.Path {
  /// - Parameters:
  ///   - name: of the way.
  ///   - gradient: dE/dx through it, [N, width].
  ///   - steps: the rows of each sequence; nil for rows that are no steps.
  init(_ name: String, _ gradient: Matrix, steps: [[Int]]? = nil) {
    let squares = (0..<gradient.rows).map { row in
      gradient.row(row).reduce(0.0) { $0 + Double($1) * Double($1) }
    }
    self.init(
      name, norm: squares.reduce(0, +).squareRoot(),
      steps: steps.map { GradientProfile.Series(bySource: $0.map { $0.map { squares[$0] } }) })
  }

  /// The way of the gradient to the keys of attention, which are read by the scores and in the
  /// contexts.
  ///
  /// - Parameters:
  ///   - name: of the layer.
  ///   - keys: dE/d(keys) through attention alone, the rows of the tape's plan.
  ///   - tape: after the backward pass.
  ///   - onlyLast: whether each sequence's last query alone tells where attention looks.
  init(attention name: String, keys: Matrix, _ tape: AttentionTape, onlyLast: Bool = false) {
    self.init(name, keys, steps: tape.plan.keys.map { Array($0) })
    focus = GradientProfile.AttentionFocus(tape, onlyLast: onlyLast)
  }

  /// The way of the gradient to the states that a network begins with, all layers of it.
  init(_ name: String, _ states: RecurrentState) {
    let squares = (states.hidden + states.cell).joined().reduce(0.0) {
      $0 + Double($1) * Double($1)
    }
    self.init(name, norm: squares.squareRoot())
  }
}

extension GradientProfile.Series {
  /// - Parameter squares: ‖δ‖² of each step of each source.
  fileprivate init(bySource squares: [[Double]]) {
    var steps = [Double](repeating: 0, count: squares.map(\.count).max() ?? 0)
    var (distances, reference) = (steps, steps)
    for source in squares {
      let total = source.reduce(0, +)
      for (step, value) in source.enumerated() {
        steps[step] += value
        distances[source.count - 1 - step] += value
        reference[step] += total
      }
    }
    self.init(
      byStep: steps.map { $0.squareRoot() }, byDistance: distances.map { $0.squareRoot() },
      reference: reference.map { $0.squareRoot() })
  }
}
