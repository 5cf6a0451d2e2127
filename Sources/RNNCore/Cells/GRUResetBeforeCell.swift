internal import CKernels

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
    let seen = step.recurrentInput
    step.addRecurrentProduct(gatesBlock, weights, hidden: shape.hidden)
    kernels.gru_before_reset(
      step.count, shape.hidden, weights.bias, step.gates.pointer, step.gates.stride, seen.pointer,
      seen.stride)
    step.addRecurrentProduct(candidateBlock, weights, hidden: shape.hidden)
    kernels.gru_before_update(
      step.count, shape.hidden, weights.bias, step.gates.pointer, step.gates.stride,
      step.stateBefore.pointer, step.state.pointer, step.state.stride)
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    let (hidden, seen, dh) = (shape.hidden, step.recurrentInput, gradient.state)
    kernels.gru_before_update_backward(
      step.count, hidden, step.gates.pointer, step.gates.stride, step.stateBefore.pointer,
      step.stateBefore.stride, dh.pointer, dh.stride, gradient.output?.pointer,
      gradient.output?.stride ?? 0)

    // dq = U_nᵀ da_n, then what reaches h: r ⊙ dq + U_rzᵀ da_rz.
    let dq = Matrix(gradient.scratch, rows: step.count, columns: hidden)
    BLAS.multiply(
      step.slot(2, hidden: hidden), .no, weights.recurrentRows(candidateBlock, hidden: hidden),
      into: dq, beta: 0)
    kernels.gru_before_reset_backward(
      step.count, hidden, step.gates.pointer, step.gates.stride, seen.pointer, seen.stride,
      dq.pointer, dq.stride)
    BLAS.multiply(
      step.slot(0, count: 2, hidden: hidden), .no,
      weights.recurrentRows(gatesBlock, hidden: hidden), into: dq, beta: 1)
    kernels.combine(
      step.count, hidden, 1, dq.pointer, dq.stride, gradient.mask?.pointer,
      gradient.mask?.stride ?? 0, dh.pointer, dh.stride)
  }
}
