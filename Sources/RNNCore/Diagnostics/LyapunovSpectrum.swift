internal import CLibrary

/// The Lyapunov exponents of a layer's state: how fast small differences between two states grow,
/// in nats a step, in each of k directions.
///
/// λ_i = lim 1/T Σ_t log |R_ii(t)|,  where J_t Q_{t−1} = Q_t R_t  is a QR factorisation with
/// orthonormal Q_t [n, k] (Benettin et al. 1980; for recurrent networks Vogt et al. 2020, Engelken
/// 2023).
///
/// λ_1 < 0: differences, and gradients on their way back, shrink by e^λ_1 a step: they vanish. λ_1
/// > 0: they grow, gradients explode, and a state that stays bounded without input is chaotic. The
/// singular values of a product of T Jacobians spread like e^(λ_i T), its condition number grows
/// like e^(T (λ_1 − λ_n)).
///
/// A spectrum of T steps differs from the limit by O(1/T), most of which a warm-up takes away. The
/// sum of **all** n exponents is the mean of log |det J_t| for any T and any start. A direction
/// that the map takes away (a dead relu, the sum of a softmax) has −∞, or what rounding makes of
/// it: an exponent 36 nats below λ_1, divided by the steps between two factorisations, is not told
/// from it.
public struct LyapunovSpectrum: Sendable, Hashable {
  /// λ_1 ≥ λ_2 ≥ … ≥ λ_k, in nats a step.
  public let exponents: [Double]
  /// n, the number of exponents that there are.
  public let stateSize: Int
  /// T, the steps that they are the mean of.
  public let steps: Int
  /// The mean so far of the first direction's growth after each factorisation, in nats a step:
  /// settles to λ_1.
  public let runningLargest: [Double]

  /// The number of dimensions in which volumes neither grow nor shrink:
  /// j + Σ_{i≤j} λ_i / |λ_{j+1}|, with j the most exponents whose sum is not negative (Kaplan and
  /// Yorke 1979). 0 when λ_1 < 0, n when no sum is negative; nil when too few exponents were
  /// computed to tell.
  public var kaplanYorkeDimension: Double? {
    var sum = 0.0
    for (index, exponent) in exponents.enumerated() {
      if sum + exponent < 0 { return Double(index) + sum / -exponent }
      sum += exponent
    }
    return exponents.count == stateSize ? Double(stateSize) : nil
  }
}

// MARK: - Measuring

/// How a spectrum is measured.
public struct LyapunovOptions: Sendable, Hashable {
  /// k, the number of leading exponents; nil for all n.
  public var count: Int?
  /// m, the steps between two factorisations. More are cheaper, and resolve fewer exponents: within
  /// m steps directions may grow apart by 10¹⁵ at most.
  public var interval: Int
  /// Steps before those that count, while the directions turn to where growth is.
  public var warmUp: Int
  /// Of the directions at the start, drawn uniformly.
  public var seed: UInt64

  /// Makes options.
  ///
  /// - Parameters:
  ///   - count: exponents wanted, the largest first; nil for all of them.
  ///   - interval: steps from one orthonormalisation to the next.
  ///   - warmUp: steps at the beginning that turn the directions and do not count.
  ///   - seed: of the directions at the start.
  public init(count: Int? = nil, interval: Int = 1, warmUp: Int = 0, seed: UInt64 = 1) {
    self.count = count
    self.interval = interval
    self.warmUp = warmUp
    self.seed = seed
  }

  func validate(stateSize: Int) throws(RNNError) {
    try requirePositive(interval, "interval")
    guard warmUp >= 0 else {
      throw RNNError(.range, "warm-up", expected: "0 or more steps", found: "\(warmUp)")
    }
    if let count, !(1...stateSize).contains(count) {
      throw RNNError(.range, "exponents", expected: "1 to \(stateSize)", found: "\(count)")
    }
  }
}

extension LyapunovSpectrum {
  /// The spectrum of the map driven by a trajectory's inputs, along its states; the warm-up are its
  /// first steps.
  ///
  /// Throws `.range` for options out of range or a warm-up that leaves no step, `.shape` for a
  /// trajectory of another map, `.nonFinite` when products between two factorisations overflow.
  /// Costs the Jacobians and, a step, 2 n² k operations, with each factorisation 4 n k².
  public static func driven(
    along trajectory: StateTrajectory, map: StateMap, options: LyapunovOptions = LyapunovOptions()
  ) throws(RNNError) -> LyapunovSpectrum {
    try options.validate(stateSize: map.stateSize)
    let steps = trajectory.stepCount - options.warmUp
    guard steps > 0 else {
      throw RNNError(
        .range, "warm-up", expected: "fewer than the trajectory's \(trajectory.stepCount) steps",
        found: "\(options.warmUp)")
    }
    return try measure(map, steps: steps, options) { (step) throws(RNNError) in
      try map.jacobian(along: trajectory, step: step)
    }
  }

  /// The spectrum of the map with the same input at every step, from a state on.
  ///
  /// Throws and costs as ``driven(along:map:options:)``.
  ///
  /// - Parameters:
  ///   - map: what is repeated.
  ///   - initial: s_0, [n].
  ///   - input: x, [I].
  ///   - steps: how many count, after the warm-up, in which the state settles as the directions do.
  ///   - options: how many exponents, and how they are measured.
  public static func autonomous(
    map: StateMap, initial: [Double], input: [Double], steps: Int,
    options: LyapunovOptions = LyapunovOptions()
  ) throws(RNNError) -> LyapunovSpectrum {
    try options.validate(stateSize: map.stateSize)
    try requirePositive(steps, "steps")
    var state = initial
    return try measure(map, steps: steps, options) { (_) throws(RNNError) in
      let (next, jacobian) = try map.linearized(state: state, input: input)
      state = next
      return jacobian
    }
  }

  private static func measure(
    _ map: StateMap, steps: Int, _ options: LyapunovOptions,
    jacobian: (_ step: Int) throws(RNNError) -> DenseMatrix
  ) throws(RNNError) -> LyapunovSpectrum {
    let count = options.count ?? map.stateSize
    var frame = OrthonormalFrame(size: map.stateSize, count: count, seed: options.seed)
    var sums = [Double](repeating: 0, count: count)
    var running: [Double] = []
    for step in 0..<options.warmUp + steps {
      frame.advance(by: try jacobian(step))
      let isCounted = step >= options.warmUp
      let done = isCounted ? step + 1 - options.warmUp : step + 1
      let isLast = done == (isCounted ? steps : options.warmUp)
      guard isLast || done.isMultiple(of: options.interval) else { continue }
      let growth = try frame.factorize()
      guard isCounted else { continue }
      sums = zip(sums, growth).map { $0 + log($1) }
      running.append(sums[0] / Double(done))
    }
    return LyapunovSpectrum(
      exponents: sums.map { $0 / Double(steps) }.sorted(by: >), stateSize: map.stateSize,
      steps: steps, runningLargest: running)
  }
}

/// k directions that Jacobians turn and stretch: Q [n, k], orthonormal after each factorisation.
private struct OrthonormalFrame {
  private var q: DenseMatrix

  /// Uniformly distributed directions; the first ones do not depend on how many there are.
  init(size: Int, count: Int, seed: UInt64) {
    var generator = RandomGenerator(seed: seed, for: .directions)
    q = DenseMatrix(zeros: size, count)
    for column in 0..<count {
      for row in 0..<size { q[row, column] = Double(generator.normal()) }
    }
    orthonormalize()
  }

  mutating func advance(by jacobian: DenseMatrix) { q = jacobian.times(q) }

  /// Makes the directions orthonormal again. Returns R's diagonal: how much each has grown, 0 or
  /// more.
  mutating func factorize() throws(RNNError) -> [Double] {
    guard q.isFinite else {
      throw RNNError(
        .nonFinite, "Lyapunov exponents",
        expected: "finite Jacobians, and a shorter interval between factorisations",
        found: "an overflow")
    }
    return orthonormalize()
  }

  @discardableResult
  private mutating func orthonormalize() -> [Double] {
    let factors = LAPACK.orthonormal(q.values, rows: q.rows, columns: q.columns)
    q = DenseMatrix(q.rows, q.columns, factors.q)
    return factors.diagonal
  }
}
