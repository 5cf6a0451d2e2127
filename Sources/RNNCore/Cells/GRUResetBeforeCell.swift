/// r, z = σ(W x + U h + b),  n = tanh(W_n x + U_n (r ⊙ h) + b_n),  h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}:
/// the reset gate acts before the product (Cho et al. 2014), which needs a second product a step.
///
/// Slots r, z, n, q with q = r ⊙ h as the recurrent weights see it, which dU_n needs afterwards.
struct GRUResetBeforeCell: RecurrentCell {
  let shape: CellShape
  private let gatesBlock = ProductBlock(slot: 0, gate: 0, count: 2)
  private let candidateBlock = ProductBlock(slot: 2, gate: 2, count: 1, source: .slot(3))

  init(input: Int, hidden: Int) {
    shape = CellShape(
      input: input, hidden: hidden, gates: 3, slots: 4, state: hidden,
      inputBlocks: [ProductBlock(slot: 0, gate: 0, count: 3)],
      recurrentBlocks: [gatesBlock, candidateBlock],
      gateSlots: [.reset: 0, .update: 1, .candidate: 2])
  }

  func forward(_ step: CellStep, _ weights: CellWeights) {
    step.addRecurrentProduct(gatesBlock, weights, hidden: shape.hidden)
    GateKernels.gruBeforeReset(gates: step.gates, bias: weights.bias, seen: step.recurrentInput)
    step.addRecurrentProduct(candidateBlock, weights, hidden: shape.hidden)
    GateKernels.gruBeforeUpdate(
      gates: step.gates, bias: weights.bias, stateBefore: step.stateBefore, state: step.state)
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    let hidden = shape.hidden
    GateKernels.gruBeforeUpdateBackward(
      gates: step.gates, stateBefore: step.stateBefore, stateGradient: gradient.state,
      outputGradient: gradient.output)

    // dq = U_nᵀ da_n, then what reaches h: r ⊙ dq + U_rzᵀ da_rz.
    let dq = Matrix(gradient.scratch, rows: step.count, columns: hidden)
    BLAS.multiply(
      step.slot(2, hidden: hidden), .no, weights.recurrentRows(candidateBlock, hidden: hidden),
      into: dq, beta: 0)
    GateKernels.gruBeforeResetBackward(
      gates: step.gates, seen: step.recurrentInput, resetGradient: dq)
    BLAS.multiply(
      step.slot(0, count: 2, hidden: hidden), .no,
      weights.recurrentRows(gatesBlock, hidden: hidden), into: dq, beta: 1)
    gradient.state.combine(keep: 1, dq, mask: gradient.mask)
  }
}
