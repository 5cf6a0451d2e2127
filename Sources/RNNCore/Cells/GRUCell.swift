/// r, z = σ(W x + U h + b),  n = tanh(W_n x + b_in + r ⊙ (U_n h + b_hn)),  h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}:
/// the reset gate acts after the product, so that one product serves all gates (as in PyTorch, cuDNN).
///
/// Weights in the order r, z, n; slots n, r, z, m with m = U_n h + b_hn, so that the recurrent product
/// fills three neighbouring slots (r, z, m). The input and recurrent gradients of n differ by r.
struct GRUCell: RecurrentCell {
  let shape: CellShape
  private let recurrent = ProductBlock(slot: 1, gate: 0, count: 3)

  init(input: Int, hidden: Int) {
    shape = CellShape(
      input: input, hidden: hidden, gates: 3, slots: 4, state: hidden,
      inputBlocks: [
        ProductBlock(slot: 1, gate: 0, count: 2), ProductBlock(slot: 0, gate: 2, count: 1),
      ],
      recurrentBlocks: [recurrent], gateSlots: [.candidate: 0, .reset: 1, .update: 2])
  }

  func forward(_ step: CellStep, _ weights: CellWeights) {
    step.slot(3, hidden: shape.hidden).fill(0)
    step.addRecurrentProduct(recurrent, weights, hidden: shape.hidden)
    kernels.gru_after_forward(
      step.count, shape.hidden, weights.bias, step.gates.pointer, step.gates.stride,
      step.stateBefore.pointer, step.state.pointer, step.state.stride)
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    kernels.gru_after_backward(
      step.count, shape.hidden, step.gates.pointer, step.gates.stride, step.stateBefore.pointer,
      step.stateBefore.stride, gradient.state.pointer, gradient.state.stride,
      gradient.output?.pointer, gradient.output?.stride ?? 0)
    step.propagate(recurrent, weights, hidden: shape.hidden, into: gradient, keep: 1)
  }
}
