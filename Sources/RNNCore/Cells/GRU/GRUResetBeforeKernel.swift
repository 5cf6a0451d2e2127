internal import CKernels

/// r, z = σ(W x + U h + b),  n = tanh(W_n x + U_n (r ⊙ h) + b_n),  h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}:
/// the reset gate acts before the product (Cho et al. 2014), which needs a second product a step.
///
/// Slots r, z, n, q with q = r ⊙ h as the recurrent weights see it, which dU_n needs afterwards.
struct GRUResetBeforeKernel: SteppedKernel {
  let shape: CellShape
  private let gatesProduct, candidateProduct: CellProduct

  init(_ sizes: CellSizes) {
    shape = CellShape.gated(
      sizes, gates: 3, slots: 4, input: [(slot: 0, gate: 0, count: 3)],
      recurrent: [
        (slot: 0, gate: 0, count: 2, source: .stateBefore),
        (slot: 2, gate: 2, count: 1, source: .slot(3)),
      ],
      gateSlots: [.reset: 0, .update: 1, .candidate: 2])
    (gatesProduct, candidateProduct) = (shape.stepProducts[0], shape.stepProducts[1])
  }

  func forward(_ step: CellStep, _ weights: CellWeights) {
    let (gates, candidate) = (weights.product(0), weights.product(1))
    step.forEachBlock(of: gates) { units in
      step.add(gates, gatesProduct, units: units, hidden: shape.hidden)
      kernels.gru_before_reset(step.kernelStep(units, bias: weights.bias))
    }
    step.waitForOthers(toWrite: step.slot(3, hidden: shape.hidden))
    step.forEachBlock(of: candidate) { units in
      step.add(candidate, candidateProduct, units: units, hidden: shape.hidden)
      kernels.gru_before_update(step.kernelStep(units, bias: weights.bias))
    }
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    guard let candidate = weights.product(1).backward, let gates = weights.product(0).backward
    else { preconditionFailure("BPTT needs both products") }
    let (hidden, units) = (shape.hidden, step.units)
    let (gateSlots, candidateSlot) = (
      step.slot(0, count: 2, hidden: hidden), step.slot(2, hidden: hidden)
    )
    kernels.gru_before_update_backward(step.kernelStep(units), gradient.kernelGradient(units))
    step.waitForOthers(toWrite: candidateSlot)

    // dq = da_n U_n, then what reaches h: r ⊙ dq + da_rz U_rz.
    let dq = Matrix(gradient.scratch, rows: step.count, columns: hidden)
    candidate.multiply(candidateSlot, units: units, add: false, into: dq)
    kernels.gru_before_reset_backward(
      step.kernelStep(units), dq.pointer + units.lowerBound, dq.stride)
    step.waitForOthers(toWrite: gateSlots)
    gates.multiply(gateSlots, units: units, add: true, into: dq)
    gradient.state.columns(units).combine(
      keep: 1, dq.columns(units), mask: gradient.mask?.columns(units))
  }
}
