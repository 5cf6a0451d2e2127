internal import CLibrary

/// The linear recurrent unit (Orvieto, Smith, Gu, Fernando, Gulcehre, Pascanu and De 2023,
/// "Resurrecting recurrent neural networks for long sequences"): a complex diagonal recurrence,
/// linear in its inputs.
///
/// h_t = λ ⊙ h_{t−1} + γ ⊙ B x_t,  y_t = Re(C h_t) + D x_t,  λ = exp(−exp(ν) + i exp(θ)),  γ =
/// exp(γ_log).
///
/// Its state are H/2 complex numbers (rounded down, at least one), for a real recurrent matrix [H,
/// H] has as many pairs of conjugate eigenvalues; its output are H real ones. |λ| < 1 whatever ν
/// is. At the start |λ|² is uniform between the squares of two radii, the angle uniform up to a
/// largest one, and γ = √(1 − |λ|²) keeps the variance of h at that of its input.
struct LRU: Cell {
  var ring = Ring()

  static let names = ["lru"]
  static let usage = ["lru[:r-min=N+r-max=N+phase=N]"]

  /// Where λ starts in the complex plane.
  struct Ring: Hashable, Sendable {
    var inner: Float = 0
    var outer: Float = 1
    /// The largest angle, in radians.
    var angle: Float = 2 * .pi
  }
}

extension CellKind {
  /// The linear recurrent unit (Orvieto et al. 2023) with λ anywhere in the unit circle at the
  /// start.
  public static let lru = CellKind(LRU())

  /// The linear recurrent unit (Orvieto et al. 2023): h_t = λ ⊙ h_{t−1} + γ ⊙ B x_t with complex
  /// numbers, of which the layer gives Re(C h_t) + D x_t.
  ///
  /// Throws `.range` unless 0 ≤ inner < outer ≤ 1 and 0 < angle ≤ 2π.
  ///
  /// - Parameters:
  ///   - inner: the smallest |λ| at the start.
  ///   - outer: the largest.
  ///   - angle: the largest angle of λ at the start, in radians.
  public static func lru(
    inner: Float, outer: Float = 1, angle: Float = 2 * .pi
  ) throws(RNNError) -> CellKind {
    CellKind(LRU(ring: try LRU.Ring(inner: inner, outer: outer, checkingAngle: angle)))
  }
}

extension LRU.Ring {
  init(inner: Float, outer: Float, checkingAngle angle: Float) throws(RNNError) {
    guard inner >= 0, inner < outer, outer <= 1 else {
      throw RNNError(
        .range, "ring of lru", expected: "0 ≤ r-min < r-max ≤ 1", found: "\(inner) and \(outer)")
    }
    // The nearest Float to 2π is above it.
    guard angle > 0, angle <= 2 * .pi else {
      throw RNNError(.range, "phase of lru", expected: "above 0, at most 2π", found: "\(angle)")
    }
    (self.inner, self.outer, self.angle) = (inner, outer, angle)
  }
}

// MARK: - Text

extension LRU {
  init(named name: String, options: inout CellOptions) throws(RNNError) {
    let inner = try options.takeNumber("r-min")
    let outer = try options.takeNumber("r-max")
    let angle = try options.takeNumber("phase")
    ring = try Ring(
      inner: inner ?? ring.inner, outer: outer ?? ring.outer, checkingAngle: angle ?? ring.angle)
  }

  var description: String {
    let standard = Ring()
    func text(_ name: String, _ value: KeyPath<Ring, Float>) -> String? {
      let given = ring[keyPath: value]
      return CellOptions.text(name, number: given == standard[keyPath: value] ? nil : given)
    }
    return CellOptions.text(
      "lru", [text("r-min", \.inner), text("r-max", \.outer), text("phase", \.angle)])
  }

  var equations: String {
    "h = λ h' + γ B x, complex, its real parts before its imaginary ones, of which the layer gives "
      + "Re(C h) + D x"
  }
}

// MARK: - What it is to networks and diagnostics

extension LRU {
  /// It has none: λ is the same at every step.
  var gates: [Gate] { [] }
  var hasRecurrentProduct: Bool { false }
  var stateBlocks: Int { 2 }

  func advice(_ aim: MemoryAim) -> String {
    // Rounded up, so that it does what it says; never to 1, where no ring is.
    let inner = min((aim.kept * 1e6).rounded(.up) / 1e6, 0.999999)
    return "start the ring farther out (lru:r-min=\(inner.fixed(decimals: 6)) \(aim.consequence))"
  }

  /// The absolute values of λ.
  func recurrentBlocks(
    _ weights: StateWeights, _ sizes: CellSizes
  ) throws(RNNError) -> [RecurrentBlock] {
    let radii = weights.parameter(Names.radius).values.map { exp(-exp($0)) }
    var matrix = DenseMatrix(zeros: radii.count, radii.count)
    matrix.addDiagonal(radii)
    return [RecurrentBlock(gate: .hidden, matrix: matrix, slope: 1)]
  }

  /// The complex numbers of a layer of that width.
  static func pairs(hidden: Int) -> Int { max(1, hidden / 2) }

  func kernel(_ sizes: CellSizes) -> any CellKernel { LRUKernel(self, sizes) }

  func step(
    _ weights: StateWeights, _ sizes: CellSizes, state: [Double], input: [Double]
  ) -> any LinearizedStep {
    LRUStep(weights, state: state, input: input)
  }

  /// exp(−exp(ν) + i exp(θ))
  static func rotation(_ nu: Double, _ theta: Double) -> (re: Double, im: Double) {
    let (radius, angle) = (exp(-exp(nu)), exp(theta))
    return (radius * cos(angle), radius * sin(angle))
  }
}

// MARK: - The start

extension LRU {
  /// ν, θ or γ on the ring.
  struct RingStart: ParameterStart {
    enum Part { case radius, angle, normalization }

    var replacesAll: Bool { true }
    var part: Part
    var ring: Ring

    func apply(
      to values: inout [Float], of slice: ParameterLayout.Slice,
      draws: (_ name: String) -> RandomGenerator
    ) {
      // The normalisation follows from the radii, which are drawn alike for both.
      let name =
        part == .normalization
        ? slice.name.replacing(Names.normalization, with: Names.radius) : slice.name
      var generator = draws(name)
      for unit in values.indices { values[unit] = Float(start(Double(generator.uniform()))) }
    }

    private func start(_ share: Double) -> Double {
      let (inner, outer) = (Double(ring.inner), Double(ring.outer))
      // Neither the centre, which forgets all, nor the border, which forgets nothing, has a
      // logarithm.
      let square = min(
        max(inner * inner + share * (outer * outer - inner * inner), 1e-12), 1 - 1e-7)
      switch part {
      case .radius: return log(-log(square) / 2)
      case .angle: return log(max(share * Double(ring.angle), 1e-6))
      case .normalization: return log(1 - square) / 2
      }
    }
  }

  /// Normal numbers, with a deviation for some rows and one for the rest.
  struct NormalStart: ParameterStart {
    var deviation: Float
    var rows: Int
    var rest: Float

    var replacesAll: Bool { true }

    func apply(
      to values: inout [Float], of slice: ParameterLayout.Slice,
      draws: (_ name: String) -> RandomGenerator
    ) {
      var generator = draws(slice.name)
      for index in values.indices {
        values[index] = generator.normal() * (index < rows * slice.columns ? deviation : rest)
      }
    }
  }

  enum Names {
    static let radius = "nu_log"
    static let angle = "theta_log"
    static let normalization = "gamma_log"
  }
}
