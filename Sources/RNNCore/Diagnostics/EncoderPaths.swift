extension GradientProfile {
  /// The two ways by which the gradient comes from the decoder of an ``EncoderDecoder`` to its encoder.
  public struct EncoderPaths: Sendable, Hashable {
    /// ‖dE/d(h_0, c_0)‖ of the decoder's initial states of all layers, which are the encoder's final ones.
    public var bridge: Double
    /// Nil without attention.
    public var attention: AttentionPath?
  }

  /// What attention passes on, and where it looks.
  public struct AttentionPath: Sendable, Hashable {
    /// δ = dE/de_j through attention alone (as a key and in the contexts), by the source's steps as the encoder
    /// reads them; distances are those from the last one. Shares are relative to all steps together: attention
    /// has no last step from which it could decay.
    public var gradient: Series
    /// ‖dE/de‖ of all steps.
    public var norm: Double
    /// Where it looks, over the answers that are probed.
    public var focus: AttentionFocus
  }
}

extension GradientProfile.AttentionPath {
  /// - Parameters:
  ///   - keyGradient: dE/de through attention alone, [S, H], the rows of the tape's plan.
  ///   - tape: after the backward pass.
  ///   - probing: which queries' weights are looked at.
  init(_ keyGradient: Matrix, _ tape: AttentionTape, probing: ProfiledLoss) {
    let squares = tape.plan.keys.map { rows in
      rows.map { row in keyGradient.row(row).reduce(0.0) { $0 + Double($1) * Double($1) } }
    }
    gradient = GradientProfile.Series(bySource: squares)
    norm = squares.joined().reduce(0, +).squareRoot()
    focus = GradientProfile.AttentionFocus(tape, onlyLast: probing == .lastAnswer)
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
