internal import CLibrary

/// The product of a window's Jacobians, P = J_t J_{t−1} ⋯ J_{t−k+1} = ∂s_t/∂s_{t−k}, which neither
/// overflows nor underflows: P = ``matrix`` · 2^``exponent``.
///
/// It is what a gradient is multiplied by on its way back through the window: its largest singular
/// value says how much the luckiest gradient keeps, its smallest what the unluckiest does.
///
/// **How small a singular value can be trusted.** A product is rounded relative to its largest
/// elements, so that a singular value below about n · k · 2·10⁻¹⁶ of the largest (``resolution``)
/// is noise: it says "not more than this". Since the spread grows exponentially with k, long
/// windows show a few true values above a floor of noise; ``LyapunovSpectrum``, which divides the
/// growth out as it goes, resolves the small ones.
///
/// Memory: n² `Double`s.
public struct JacobianProduct: Sendable, Hashable {
  /// k, the number of Jacobians multiplied.
  public private(set) var steps = 0
  /// P / 2^exponent: the largest element's size is in [1, 2), unless all are zero. [n, n]
  public private(set) var matrix: DenseMatrix
  /// The power of two that was taken out of the product so that it neither overflows nor
  /// underflows.
  public private(set) var exponent = 0

  /// The identity: a window without steps.
  public init(size: Int) { matrix = .identity(size) }

  /// P ← J P: the window becomes one step longer at its late end. Costs 2 n³ operations.
  ///
  /// Throws `.shape` for a Jacobian of another size, `.nonFinite` for one that is not finite.
  public mutating func append(_ jacobian: DenseMatrix) throws(RNNError) {
    let size = matrix.rows
    guard jacobian.rows == size, jacobian.columns == size else {
      throw RNNError(
        .shape, "Jacobian", expected: "\(size) × \(size)",
        found: "\(jacobian.rows) × \(jacobian.columns)")
    }
    try jacobian.requireFinite("Jacobian")
    var factor = jacobian
    exponent += factor.takeExponent()
    matrix = factor.times(matrix)
    exponent += matrix.takeExponent()
    steps += 1
  }

  /// log₁₀ of the singular values of P, largest first; −∞ for zeros. Those more than
  /// −``resolution`` below the first are rounding error. Throws and costs as
  /// ``DenseMatrix/singularValues()``.
  public func log10SingularValues() throws(RNNError) -> [Double] {
    let shift = Double(exponent) * log10(2)
    return try matrix.singularValues().map { log10($0) + shift }
  }

  /// log₁₀ of the smallest trustworthy singular value over the largest: log₁₀(n · k · 2.2·10⁻¹⁶).
  public var resolution: Double {
    log10(Double(matrix.rows) * Double(max(steps, 1)) * Double.ulpOfOne)
  }
}

/// How much of one gradient each step of a window passes on to the step before it.
public struct GradientRetention: Sendable, Hashable {
  /// ρ = ‖δ J‖ / ‖δ‖ of each step, in the order of the steps; 0 where no gradient arrives.
  public let factors: [Double]

  /// log₁₀ of what the whole window passes on: ‖δ before its first step‖ / ‖δ after its last‖. −∞
  /// when nothing arrives.
  public var log10Total: Double { factors.reduce(0) { $0 + log10($1) } }
}

extension StateMap {
  /// The product of the Jacobians along a trajectory.
  ///
  /// Throws `.range` or `.empty` for steps that the trajectory has not, `.shape` for one of another
  /// map. Costs the Jacobians and 2 n³ operations a step.
  ///
  /// - Parameters:
  ///   - trajectory: where the Jacobians are taken.
  ///   - steps: which steps of it; nil for all.
  public func jacobianProduct(
    along trajectory: StateTrajectory, steps: Range<Int>? = nil
  ) throws(RNNError) -> JacobianProduct {
    var product = JacobianProduct(size: stateSize)
    for step in try window(steps, of: trajectory) {
      try product.append(try jacobian(along: trajectory, step: step))
    }
    return product
  }

  /// What becomes of the gradient `covector` = dE/ds after the last of `steps` on its way back to
  /// before the first: ρ_t = ‖δ_t J_t‖ / ‖δ_t‖, δ_{t−1} = δ_t J_t (Pascanu, Mikolov and Bengio
  /// 2013, without their regulariser).
  ///
  /// δ is brought to length 1 after each step, so that the factors stay exact however little is
  /// left. Throws as ``jacobianProduct(along:steps:)``, and `.shape` or `.nonFinite` for a bad
  /// covector. Costs the Jacobians and 2 n² operations a step.
  ///
  /// - Parameters:
  ///   - covector: δ, [n]; only its direction matters.
  ///   - trajectory: where the Jacobians are taken.
  ///   - steps: which steps of it; nil for all.
  public func retention(
    of covector: [Double], along trajectory: StateTrajectory, steps: Range<Int>? = nil
  ) throws(RNNError) -> GradientRetention {
    try require(covector.count, stateSize, "covector")
    guard covector.allSatisfy(\.isFinite) else {
      throw RNNError(.nonFinite, "covector", expected: "finite numbers", found: "others")
    }
    let window = try window(steps, of: trajectory)
    var factors = [Double](repeating: 0, count: window.count)
    var delta = covector
    _ = makeUnit(&delta)
    for (place, step) in window.enumerated().reversed() {
      delta = try jacobian(along: trajectory, step: step).transposedTimes(delta)
      factors[place] = makeUnit(&delta)
    }
    return GradientRetention(factors: factors)
  }
}

/// Divides a vector by its length, which is returned; a zero vector stays.
private func makeUnit(_ vector: inout [Double]) -> Double {
  // By way of the largest element, so that no square overflows or underflows.
  let largest = vector.reduce(0) { max($0, $1.magnitude) }
  guard largest > 0 else { return 0 }
  let length = vector.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
  vector = vector.map { $0 / largest / length }
  return largest * length
}
