/// h_t = f(W x_t + U y_{t−1} + b), y_t = g(V h_t + c):  J_t = J_g V diag(f') U, [O, O].
///
/// J_g is diag(g') for a function of single elements, diag(y) − y yᵀ for softmax. As a hybrid,
/// whose state is (h, y), J_t has the rows of diag(f') U above these, [H + O, H + O].
struct JordanStep: LinearizedStep {
  let next, output: [Double]
  let sums: [(gate: Gate, values: [Double])]
  private let weights: StateWeights
  private let readout: DenseMatrix
  private let isHybrid: Bool
  private let y: [Double]
  private let feedback: FeedbackActivation
  private let slopes: [Double]

  init(
    _ weights: StateWeights, _ cell: Jordan, _ g: FeedbackActivation, state: [Double],
    input: [Double]
  ) {
    self.weights = weights
    isHybrid = cell.isHybrid
    feedback = g
    readout = weights.parameter("weight_ho")
    let a = weights.preactivations(input, state)
    let h = a.map(cell.activation.value)
    sums = [(.hidden, a)]
    slopes = h.map(cell.activation.slope)
    output = sum(readout.times(h), weights.parameter("bias_ho").values)
    y = g.values(output)
    next = isHybrid ? h + y : y
  }

  func jacobian() -> DenseMatrix {
    var inner = DenseMatrix(zeros: weights.hidden, next.count)
    inner.addRows(of: weights.recurrent, scaledBy: slopes)
    let outer = readout.times(inner)
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
