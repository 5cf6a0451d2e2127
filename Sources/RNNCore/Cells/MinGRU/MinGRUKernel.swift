internal import CKernels

/// z_t = σ(W_z x_t + b_z), g_t = W_g x_t + b_g, h_t = h_{t−1} + z_t ⊙ (g_t − h_{t−1}); weights and
/// slots in the order z, g.
///
/// Backward: da_z = dh_t ⊙ (g_t − h_{t−1}) ⊙ z_t ⊙ (1 − z_t), da_g = dh_t ⊙ z_t, dh_{t−1} = dh_t ⊙
/// (1 − z_t).
struct MinGRUKernel: ElementwiseKernel {
  let shape: CellShape
  private let isPositive: Bool

  init(_ cell: MinGRU, _ sizes: CellSizes) {
    isPositive = cell.isPositive
    shape = .fedByInput(
      sizes, gates: 2, slots: 2, bias: cell.forgetBias.map { GateStart(values: [0: -$0]) },
      gateSlots: [.update: 0, .candidate: 1])
  }

  var stateActivation: Activation { .identity }
  var candidateActivation: Activation { .identity }

  func forward(_ steps: CellSteps, _ weights: CellWeights) {
    kernels.min_gru_forward(isPositive, steps.kernelSteps(bias: weights.bias))
  }

  func backward(_ steps: CellSteps, _ weights: CellWeights) {
    kernels.min_gru_backward(
      isPositive, steps.kernelSteps(bias: weights.bias), steps.kernelGradient())
  }
}
