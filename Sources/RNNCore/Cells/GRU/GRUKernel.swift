internal import CKernels

/// r, z = σ(W x + U h + b),  n = tanh(W_n x + b_in + r ⊙ (U_n h + b_hn)),  h_t = (1 − z) ⊙ n + z ⊙
/// h_{t−1}: the reset gate acts after the product, so that one product serves all gates (as in
/// PyTorch, cuDNN).
///
/// Weights in the order r, z, n; slots n, r, z, m with m = U_n h + b_hn, so that the recurrent
/// product fills three neighbouring slots (r, z, m). The input and recurrent gradients of n differ
/// by r.
struct GRUKernel: SteppedKernel {
  let shape: CellShape
  private let product: CellProduct

  init(_ sizes: CellSizes) {
    shape = CellShape.gated(
      sizes, gates: 3, slots: 4,
      input: [(slot: 1, gate: 0, count: 2), (slot: 0, gate: 2, count: 1)],
      recurrent: [(slot: 1, gate: 0, count: 3, source: .stateBefore)],
      gateSlots: [.candidate: 0, .reset: 1, .update: 2])
    product = shape.stepProducts[0]
  }

  func forward(_ step: CellStep, _ weights: CellWeights) {
    let recurrent = weights.product(0)
    step.forEachBlock(of: recurrent) { units in
      step.slot(3, hidden: shape.hidden).columns(units).fill(0)
      step.add(recurrent, product, units: units, hidden: shape.hidden)
      kernels.gru_after_forward(step.kernelStep(units, bias: weights.bias))
    }
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    kernels.gru_after_backward(
      step.kernelStep(step.units), gradient.kernelGradient(step.units))
    step.propagate(
      weights.product(0), product, hidden: shape.hidden, into: gradient, keep: true)
  }
}
