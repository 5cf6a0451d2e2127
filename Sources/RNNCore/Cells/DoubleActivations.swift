internal import CLibrary

/// 1 / (1 + e⁻ˣ)
func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// x + 1/2 for x ≥ 0, σ(x) below.
func positivePart(_ x: Double) -> Double { x >= 0 ? x + 0.5 : logistic(x) }

extension HiddenActivation {
  /// f(a)
  func value(_ a: Double) -> Double {
    switch self {
    case .tanh: CLibrary.tanh(a)
    case .sigmoid: logistic(a)
    case .relu: max(a, 0)
    case .identity: a
    }
  }

  /// f'(a), from y = f(a).
  func slope(_ y: Double) -> Double {
    switch self {
    case .tanh: 1 - y * y
    case .sigmoid: y * (1 - y)
    case .relu: y > 0 ? 1 : 0
    case .identity: 1
    }
  }

  /// γ, the largest slope of f.
  var largestSlope: Double { self == .sigmoid ? 0.25 : 1 }
}

extension FeedbackActivation {
  /// g(z)
  func values(_ z: [Double]) -> [Double] {
    switch self {
    case .identity: return z
    case .tanh: return z.map { CLibrary.tanh($0) }
    case .sigmoid: return z.map(logistic)
    case .softmax:
      let largest = z.max() ?? 0
      let powers = z.map { exp($0 - largest) }
      let total = powers.reduce(0, +)
      return powers.map { $0 / total }
    }
  }

  /// The diagonal of J_g (softmax: without − y yᵀ), from y = g(z).
  func slopes(_ y: [Double]) -> [Double] {
    switch self {
    case .identity: y.map { _ in 1 }
    case .tanh: y.map { 1 - $0 * $0 }
    case .sigmoid: y.map { $0 * (1 - $0) }
    case .softmax: y
    }
  }

  /// The largest ‖J_g‖: for softmax 1/2, since no row of diag(y) − y yᵀ has absolute values that
  /// add up to more than 2 y (1 − y).
  var largestSlope: Double {
    switch self {
    case .identity, .tanh: 1
    case .sigmoid: 0.25
    case .softmax: 0.5
    }
  }
}
