/// h_t = (1 − z) ⊙ h_{t−1} + z ⊙ g with gates of the input alone:  J_t = diag(1 − z).
struct MinGRUStep: LinearizedStep {
  let next: [Double]
  let sums: [(gate: Gate, values: [Double])]
  private let kept: [Double]

  init(_ weights: StateWeights, _ cell: MinGRU, state: [Double], input: [Double]) {
    let a = weights.fromInput(input)
    sums = zip(cell.gates, 0...).map { ($0, weights.gate($1, of: a)) }
    kept = sums[0].values.map { 1 - logistic($0) }
    let written = sums[1].values.map { cell.isPositive ? positivePart($0) : $0 }
    next = zip(kept, zip(state, written)).map { $0 * $1.0 + (1 - $0) * $1.1 }
  }

  func jacobian() -> DenseMatrix {
    var result = DenseMatrix(zeros: next.count, next.count)
    result.addDiagonal(kept)
    return result
  }
}
