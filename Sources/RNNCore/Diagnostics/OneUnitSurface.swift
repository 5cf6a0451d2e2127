/// The error surface of a network of one unit, on which exploding gradients can be seen (Pascanu,
/// Mikolov and Bengio 2013, figure 6):
///
///     x_t = w σ(x_{t−1}) + b,   E(w, b) = (σ(x_T) − target)²
///
/// u is w, v is b. For large w the unit has two states it can settle in; where the start falls from
/// one to the other, E has a cliff, whose slope grows with T.
public struct OneUnitSurface: LossSurface2D, Sendable, Hashable {
  /// x_0.
  public let start: Double
  /// T.
  public let steps: Int
  /// What the last state is wanted to be, after the logistic function.
  public let target: Double

  /// The paper's x_0 = 0.5, T = 50 and target 0.7 unless others are given. Throws `.range` for
  /// fewer than one step, `.nonFinite` for a start or target that is not finite.
  public init(start: Double = 0.5, steps: Int = 50, target: Double = 0.7) throws(RNNError) {
    guard steps >= 1 else {
      throw RNNError(.range, "steps", expected: "at least 1", found: "\(steps)")
    }
    for (name, number) in [("start", start), ("target", target)] {
      guard number.isFinite else {
        throw RNNError(.nonFinite, name, expected: "a finite number", found: "\(number)")
      }
    }
    (self.start, self.steps, self.target) = (start, steps, target)
  }

  public func value(_ w: Double, _ b: Double) -> Double {
    var x = start
    for _ in 0..<steps { x = w * logistic(x) + b }
    let error = logistic(x) - target
    return error * error
  }

  /// BPTT: with y_t = σ(x_t) and δ_T = 2 (y_T − target) y_T (1 − y_T),
  /// δ_{t−1} = δ_t w y_{t−1} (1 − y_{t−1}), ∂E/∂w = Σ_t δ_t y_{t−1}, ∂E/∂b = Σ_t δ_t.
  public func point(_ w: Double, _ b: Double) -> SurfacePoint {
    var outputs = [logistic(start)]
    for _ in 0..<steps { outputs.append(logistic(w * outputs[outputs.count - 1] + b)) }
    let last = outputs[steps]
    var delta = 2 * (last - target) * last * (1 - last)
    var (slopeW, slopeB) = (0.0, 0.0)
    for y in outputs.dropLast().reversed() {
      slopeW += delta * y
      slopeB += delta
      delta *= w * y * (1 - y)
    }
    let error = last - target
    return SurfacePoint(u: w, v: b, value: error * error, slopeU: slopeW, slopeV: slopeB)
  }
}
