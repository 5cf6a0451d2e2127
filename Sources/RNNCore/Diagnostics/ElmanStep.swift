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
