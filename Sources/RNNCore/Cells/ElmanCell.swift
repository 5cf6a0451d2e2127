internal import CKernels

/// h_t = f(W x_t + U h_{t−1} + b), f ∈ {tanh, sigmoid, relu} (Elman 1990, "Finding structure in time").
///
/// Backward: da_t = f'(h_t) ⊙ dh_t, dh_{t−1} = Uᵀ da_t. One slot: the preactivation, then its gradient.
struct ElmanCell: RecurrentCell {
  let shape: CellShape
  private let activation: rnn_activation
  private let block = ProductBlock(slot: 0, gate: 0, count: 1)

  init(input: Int, hidden: Int, activation: HiddenActivation) {
    self.activation = activation.code
    shape = CellShape(
      input: input, hidden: hidden, gates: 1, slots: 1, state: hidden, inputBlocks: [block],
      recurrentBlocks: [block], gateSlots: [:])
  }

  func forward(_ step: CellStep, _ weights: CellWeights) {
    step.addRecurrentProduct(block, weights, hidden: shape.hidden)
    kernels.activate(
      activation, step.count, shape.hidden, weights.bias, step.gates.pointer, step.gates.stride,
      step.state.pointer, step.state.stride)
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    kernels.activate_backward(
      activation, step.count, shape.hidden, step.state.pointer, step.state.stride,
      gradient.state.pointer, gradient.state.stride, gradient.output?.pointer,
      gradient.output?.stride ?? 0, step.gates.pointer, step.gates.stride)
    step.propagate(block, weights, hidden: shape.hidden, into: gradient, keep: 0)
  }
}
