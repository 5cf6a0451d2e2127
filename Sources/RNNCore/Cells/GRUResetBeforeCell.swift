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
    guard let candidate = weights.candidate else { preconditionFailure("two products a step") }
    step.forEachBlock(of: weights.recurrent.forward) { units in
      step.addRecurrentProduct(gatesBlock, weights.recurrent, units: units, hidden: shape.hidden)
      GateKernels.gruBeforeReset(
        units: units, gates: step.gates, bias: weights.bias, seen: step.recurrentInput)
    }
    step.barrier.wait()
    step.forEachBlock(of: candidate.forward) { units in
      step.addRecurrentProduct(candidateBlock, candidate, units: units, hidden: shape.hidden)
      GateKernels.gruBeforeUpdate(
        units: units, gates: step.gates, bias: weights.bias, stateBefore: step.stateBefore,
        state: step.state)
    }
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    guard let candidate = weights.candidate?.backward, let gates = weights.recurrent.backward else {
      preconditionFailure("BPTT needs both products")
    }
    let (hidden, units) = (shape.hidden, step.units)
    GateKernels.gruBeforeUpdateBackward(
      units: units, gates: step.gates, stateBefore: step.stateBefore,
      stateGradient: gradient.state, outputGradient: gradient.output)
    step.barrier.wait()

    // dq = da_n U_n, then what reaches h: r ⊙ dq + da_rz U_rz.
    let dq = Matrix(gradient.scratch, rows: step.count, columns: hidden)
    candidate.multiply(step.slot(2, hidden: hidden), units: units, add: false, into: dq)
    GateKernels.gruBeforeResetBackward(
      units: units, gates: step.gates, seen: step.recurrentInput, resetGradient: dq)
    step.barrier.wait()
    gates.multiply(step.slot(0, count: 2, hidden: hidden), units: units, add: true, into: dq)
    gradient.state.columns(units).combine(
      keep: 1, dq.columns(units), mask: gradient.mask?.columns(units))
  }
}
