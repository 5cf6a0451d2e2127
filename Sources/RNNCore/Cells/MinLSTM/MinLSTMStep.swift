internal import CLibrary

/// h_t = f' ⊙ h_{t−1} + i' ⊙ g with gates of the input alone, f' = f/(f + i):  J_t = diag(f').
struct MinLSTMStep: LinearizedStep {
  let next: [Double]
  let sums: [(gate: Gate, values: [Double])]
  private let kept: [Double]

  init(_ weights: StateWeights, _ cell: MinLSTM, state: [Double], input: [Double]) {
    let a = weights.fromInput(input)
    sums = zip(cell.gates, 0...).map { ($0, weights.gate($1, of: a)) }
    // f/(f + i) = σ(log f − log i), and log σ(a) = −log(1 + e^−a).
    kept = zip(sums[0].values, sums[1].values).map { logistic(logSigmoid($0) - logSigmoid($1)) }
    let written = sums[2].values.map { cell.isPositive ? positivePart($0) : $0 }
    next = zip(kept, zip(state, written)).map { $0 * $1.0 + (1 - $0) * $1.1 }
  }

  func jacobian() -> DenseMatrix {
    var result = DenseMatrix(zeros: next.count, next.count)
    result.addDiagonal(kept)
    return result
  }
}

/// log σ(a), which is finite wherever a is.
private func logSigmoid(_ a: Double) -> Double { min(a, 0) - log1p(exp(-abs(a))) }
