internal import CLibrary

/// A GRU that resets after the product, with m = U_n h_{t−1} + b_hn and k = (1 − z) ⊙ n':
///
///     J_t = diag(z) + diag((h_{t−1} − n) ⊙ z') U_z + diag(k ⊙ r) U_n + diag(k ⊙ m ⊙ r') U_r
struct GRUStep: LinearizedStep {
  let next: [Double]
  let sums: [(gate: Gate, values: [Double])]
  private let gates: UpdatedState
  private let recurrent: DenseMatrix
  /// k ⊙ r and k ⊙ m ⊙ r', each [H]
  private let candidateSlopes, resetSlopes: [Double]

  init(_ weights: StateWeights, state: [Double], input: [Double]) {
    recurrent = weights.recurrent
    let (fromInput, fromState) = (weights.fromInput(input), weights.fromState(state))
    let reset = sum(weights.gate(0, of: fromInput), weights.gate(0, of: fromState))
    let update = sum(weights.gate(1, of: fromInput), weights.gate(1, of: fromState))
    let (r, z) = (reset.map(logistic), update.map(logistic))
    let m = weights.gate(2, of: fromState)
    let candidate = sum(weights.gate(2, of: fromInput), product(r, m))
    let n = candidate.map { tanh($0) }
    sums = [(.reset, reset), (.update, update), (.candidate, candidate)]
    gates = UpdatedState(update: z, candidate: n, before: state)
    next = gates.next
    candidateSlopes = product(gates.candidateSlopes, r)
    resetSlopes = product(gates.candidateSlopes, product(m, r.map { $0 * (1 - $0) }))
  }

  func jacobian() -> DenseMatrix {
    let hidden = next.count
    var result = gates.jacobian(recurrent)
    result.addRows(of: recurrent, from: 2 * hidden, scaledBy: candidateSlopes)
    result.addRows(of: recurrent, scaledBy: resetSlopes)
    return result
  }
}

/// A GRU that resets before the product, with k = (1 − z) ⊙ n':
///
///     J_t = diag(z) + diag((h_{t−1} − n) ⊙ z') U_z
///         + diag(k) U_n [diag(r) + diag(h_{t−1} ⊙ r') U_r]
struct GRUResetBeforeStep: LinearizedStep {
  let next: [Double]
  let sums: [(gate: Gate, values: [Double])]
  private let gates: UpdatedState
  private let recurrent: DenseMatrix
  /// U_n, [H, H]
  private let candidateWeight: DenseMatrix
  /// r and h_{t−1} ⊙ r', each [H]
  private let reset, resetSlopes: [Double]

  init(_ weights: StateWeights, state: [Double], input: [Double]) {
    recurrent = weights.recurrent
    let a = weights.preactivations(input, state)
    let (resetSum, updateSum) = (weights.gate(0, of: a), weights.gate(1, of: a))
    let (r, z) = (resetSum.map(logistic), updateSum.map(logistic))
    candidateWeight = weights.recurrentBlock(2)
    let bias = sum(
      weights.gate(2, of: weights.fromInput(input)), weights.gate(2, of: weights.recurrentBias))
    let candidate = sum(bias, candidateWeight.times(product(r, state)))
    let n = candidate.map { tanh($0) }
    sums = [(.reset, resetSum), (.update, updateSum), (.candidate, candidate)]
    gates = UpdatedState(update: z, candidate: n, before: state)
    next = gates.next
    reset = r
    resetSlopes = product(state, r.map { $0 * (1 - $0) })
  }

  func jacobian() -> DenseMatrix {
    var inner = DenseMatrix(zeros: next.count, next.count)
    inner.addRows(of: recurrent, scaledBy: resetSlopes)
    inner.addDiagonal(reset)
    var result = gates.jacobian(recurrent)
    result.addRows(of: candidateWeight.times(inner), scaledBy: gates.candidateSlopes)
    return result
  }
}

/// h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}, which both GRUs share.
private struct UpdatedState {
  /// z, n and h_{t−1}, each [H]
  let update, candidate, before: [Double]

  var next: [Double] {
    update.indices.map { (1 - update[$0]) * candidate[$0] + update[$0] * before[$0] }
  }

  /// k = (1 − z) ⊙ n'
  var candidateSlopes: [Double] {
    update.indices.map { (1 - update[$0]) * (1 - candidate[$0] * candidate[$0]) }
  }

  /// diag(z) + diag((h_{t−1} − n) ⊙ z') U_z, with U_z the second block of `recurrent`
  func jacobian(_ recurrent: DenseMatrix) -> DenseMatrix {
    let slopes = update.indices.map {
      (before[$0] - candidate[$0]) * update[$0] * (1 - update[$0])
    }
    var result = DenseMatrix(zeros: update.count, update.count)
    result.addRows(of: recurrent, from: update.count, scaledBy: slopes)
    result.addDiagonal(update)
    return result
  }
}
