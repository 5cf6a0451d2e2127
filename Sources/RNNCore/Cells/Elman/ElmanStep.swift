/// h_t = f(a), a = W x_t + U h_{t−1} + b:  J_t = diag(f'(a)) U.
struct ElmanStep: LinearizedStep {
  let next: [Double]
  let sums: [(gate: Gate, values: [Double])]
  private let slopes: [Double]
  private let recurrent: DenseMatrix

  init(_ weights: StateWeights, _ f: HiddenActivation, state: [Double], input: [Double]) {
    let a = weights.preactivations(input, state)
    sums = [(.hidden, a)]
    next = a.map(f.value)
    slopes = next.map(f.slope)
    recurrent = weights.recurrent
  }

  func jacobian() -> DenseMatrix {
    var result = DenseMatrix(zeros: recurrent.rows, recurrent.columns)
    result.addRows(of: recurrent, scaledBy: slopes)
    return result
  }
}
