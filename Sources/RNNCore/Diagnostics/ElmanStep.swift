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
/// J_g is diag(g') for a function of single elements, diag(y) − y yᵀ for softmax. As a hybrid, whose state is
/// (h, y), J_t has the rows of diag(f') U above these, [H + O, H + O].
struct JordanStep: LinearizedStep {
  let next: [Double]
  private let weights: StateWeights
  private let isHybrid: Bool
  private let y: [Double]
  private let feedback: FeedbackActivation
  private let slopes: [Double]

  init(
    _ weights: StateWeights, _ f: HiddenActivation, _ g: FeedbackActivation, isHybrid: Bool,
    state: [Double], input: [Double]
  ) {
    self.weights = weights
    self.isHybrid = isHybrid
    feedback = g
    let h = weights.preactivations(input, state).map(f.value)
    slopes = h.map(f.slope)
    y = g.values(sum(weights.emission.times(h), weights.emissionBias))
    next = isHybrid ? h + y : y
  }

  func jacobian() -> DenseMatrix {
    var inner = DenseMatrix(zeros: weights.hidden, next.count)
    inner.addRows(of: weights.recurrent, scaledBy: slopes)
    let outer = weights.emission.times(inner)
    var result = DenseMatrix(zeros: next.count, next.count)
    if isHybrid { result.addRows(of: weights.recurrent, scaledBy: slopes) }
    let first = isHybrid ? weights.hidden : 0
    result.addRows(of: outer, scaledBy: feedback.slopes(y), toRow: first)
    if feedback == .softmax {
      // − y (yᵀ M)
      let mean = outer.transposedTimes(y)
      for (row, y) in y.enumerated() {
        for (column, value) in mean.enumerated() { result[first + row, column] -= y * value }
      }
    }
    return result
  }
}
