internal import CKernels

/// f, i = σ(W x_t + b), g_t = W_g x_t + b_g, f' = f/(f + i), i' = i/(f + i), h_t = g_t + f' ⊙
/// (h_{t−1} − g_t).
///
/// Weights in the order f, i, g; slots f', i', g and f + i, which the way back needs:
///
///     da_f = dh_t ⊙ (h_{t−1} − g) ⊙ f' ⊙ i' ⊙ (1 − f)      da_g = dh_t ⊙ i'
///     da_i = −dh_t ⊙ (h_{t−1} − g) ⊙ f' ⊙ i' ⊙ (1 − i)     dh_{t−1} = dh_t ⊙ f'
struct MinLSTMKernel: ElementwiseKernel {
  let shape: CellShape
  private let isPositive: Bool

  init(_ cell: MinLSTM, _ sizes: CellSizes) {
    isPositive = cell.isPositive
    shape = .fedByInput(
      sizes, gates: 3, slots: 4,
      bias: cell.forgetBias.map { GateStart(values: [0: $0, 1: -$0]) },
      gateSlots: [.forget: 0, .input: 1, .candidate: 2])
  }

  var stateActivation: Activation { .identity }
  var candidateActivation: Activation { .identity }

  func forward(_ steps: CellSteps, _ weights: CellWeights) {
    kernels.min_lstm_forward(isPositive, steps.kernelSteps(bias: weights.bias))
  }

  func backward(_ steps: CellSteps, _ weights: CellWeights) {
    kernels.min_lstm_backward(
      isPositive, steps.kernelSteps(bias: weights.bias), steps.kernelGradient())
  }
}
