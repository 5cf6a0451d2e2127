/// The shortest example of vanishing and exploding gradients: one linear unit, one input at the
/// start.
///
///     h_1 = x_1 = 1,   h_t = w h_{t−1},   y = h_T = w^(T−1),   dy/dw = (T−1) w^(T−2)
///
/// With T = 1000: w = 1 gives 1, w = 1.01 gives 20,752, w = 0.99 gives 0.00004, w = 0.01 gives
/// nothing. The first two differ by 0.01 in w, and their slopes by a factor of 20,000: no learning
/// rate suits both.
public struct LinearChain: Sendable, Hashable {
  /// T.
  public let steps: Int

  /// Throws `.range` for fewer than two steps: one has no recurrence.
  public init(steps: Int = 1000) throws(RNNError) {
    guard steps >= 2 else {
      throw RNNError(.range, "steps", expected: "at least 2", found: "\(steps)")
    }
    self.steps = steps
  }

  /// y and dy/dw by a forward and a backward pass over the steps, as BPTT makes them.
  public func response(to w: Double) -> Response {
    var states = [1.0]
    for _ in 1..<steps { states.append(w * states[states.count - 1]) }
    var (delta, slope) = (1.0, 0.0)
    for state in states.dropLast().reversed() {
      slope += delta * state
      delta *= w
    }
    return Response(weight: w, output: states[steps - 1], slope: slope)
  }

  /// What one weight gives.
  public struct Response: Sendable, Hashable {
    /// w.
    public var weight: Double
    /// y.
    public var output: Double
    /// dy/dw.
    public var slope: Double
  }
}
