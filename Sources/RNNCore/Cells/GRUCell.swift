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
    step.forEachBlock(of: weights.recurrent.forward) { units in
      step.slot(3, hidden: shape.hidden).columns(units).fill(0)
      step.addRecurrentProduct(recurrent, weights.recurrent, units: units, hidden: shape.hidden)
      GateKernels.gruAfterForward(
        units: units, gates: step.gates, bias: weights.bias, stateBefore: step.stateBefore,
        state: step.state)
    }
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    GateKernels.gruAfterBackward(
      units: step.units, gates: step.gates, stateBefore: step.stateBefore,
      stateGradient: gradient.state, outputGradient: gradient.output)
    step.propagate(recurrent, weights.recurrent, hidden: shape.hidden, into: gradient, keep: true)
  }
}
