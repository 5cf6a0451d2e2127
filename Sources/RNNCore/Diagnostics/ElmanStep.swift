import Foundation

/// h_t = f(a), a = W x_t + U h_{t−1} + b:  J_t = diag(f'(a)) U.
struct ElmanStep: LinearizedStep {
  let next: [Double]
  private let slopes: [Double]
  private let recurrent: DenseMatrix

  init(_ weights: StateWeights, _ f: HiddenActivation, state: [Double], input: [Double]) {
    next = weights.preactivations(input, state).map(f.value)
    slopes = next.map(f.slope)
    recurrent = weights.recurrent
  }

  func jacobian() -> DenseMatrix {
    var result = DenseMatrix(zeros: recurrent.rows, recurrent.columns)
    result.addRows(of: recurrent, scaledBy: slopes)
    return result
  }
}

/// h_t = f(W x_t + U y_{t−1} + b), y_t = g(V h_t + c):  J_t = J_g V diag(f') U, [O, O].
///
/// J_g is diag(g') for a function of single elements, diag(y) − y yᵀ for softmax.
struct JordanStep: LinearizedStep {
  let next: [Double]
  private let weights: StateWeights
  private let feedback: FeedbackActivation
  private let slopes: [Double]

  init(
    _ weights: StateWeights, _ f: HiddenActivation, _ g: FeedbackActivation, state: [Double],
    input: [Double]
  ) {
    self.weights = weights
    feedback = g
    let h = weights.preactivations(input, state).map(f.value)
    slopes = h.map(f.slope)
    next = g.values(sum(weights.emission.times(h), weights.emissionBias))
  }

  func jacobian() -> DenseMatrix {
    var inner = DenseMatrix(zeros: weights.hidden, next.count)
    inner.addRows(of: weights.recurrent, scaledBy: slopes)
    let outer = weights.emission.times(inner)
    var result = DenseMatrix(zeros: next.count, next.count)
    result.addRows(of: outer, scaledBy: feedback.slopes(next))
    if feedback == .softmax {
      // − y (yᵀ M)
      let mean = outer.transposedTimes(next)
      for (row, y) in next.enumerated() {
        for (column, value) in mean.enumerated() { result[row, column] -= y * value }
      }
    }
    return result
  }
}

/// 1 / (1 + e⁻ˣ)
func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

extension HiddenActivation {
  /// f(a)
  func value(_ a: Double) -> Double {
    switch self {
    case .tanh: Foundation.tanh(a)
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
    case .tanh: return z.map { Foundation.tanh($0) }
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

  /// The largest ‖J_g‖: for softmax 1/2, since no row of diag(y) − y yᵀ has absolute values that add up to
  /// more than 2 y (1 − y).
  var largestSlope: Double {
    switch self {
    case .identity, .tanh: 1
    case .sigmoid: 0.25
    case .softmax: 0.5
    }
  }
}
