/// i = σ(W_i x + U_i h + p_i ⊙ c_{t−1} + b_i),  f likewise,  g = tanh(W_g x + U_g h + b_g),
/// c_t = f ⊙ c_{t−1} + i ⊙ g,  o = σ(W_o x + U_o h + p_o ⊙ c_t + b_o),  h_t = o ⊙ tanh(c_t)
/// (Hochreiter and Schmidhuber 1997; forget gate Gers 2000; peepholes p Gers 2002). Either tanh can be
/// left out (``LSTMLinearity``).
///
/// Gate order i, f, g, o. Coupled gates have f = 1 − i and the order i, g, o. tanh(c_t) is computed
/// again in the backward step, which is cheaper than reading it back from memory.
struct LSTMCell: RecurrentCell {
  let shape: CellShape
  private let coupled: Bool
  private let linear: LSTMLinearity
  private let block: ProductBlock

  init(input: Int, hidden: Int, coupled: Bool, linear: LSTMLinearity) {
    self.coupled = coupled
    self.linear = linear
    let gates = coupled ? 3 : 4
    block = ProductBlock(slot: 0, gate: 0, count: gates)
    shape = CellShape(
      input: input, hidden: hidden, gates: gates, slots: gates, state: hidden, hasCellState: true,
      inputBlocks: [block], recurrentBlocks: [block],
      gateSlots: coupled
        ? [.input: 0, .candidate: 1, .output: 2]
        : [.input: 0, .forget: 1, .candidate: 2, .output: 3])
  }

  var stateActivation: Activation { linear.contains(.output) ? .identity : .tanh }
  var candidateActivation: Activation { linear.contains(.input) ? .identity : .tanh }

  func forward(_ step: CellStep, _ weights: CellWeights) {
    step.forEachBlock(of: weights.recurrent.forward) { units in
      step.addRecurrentProduct(block, weights.recurrent, units: units, hidden: shape.hidden)
      GateKernels.lstmForward(
        coupled: coupled, linear: linear, units: units, gates: step.gates, bias: weights.bias,
        peephole: weights.peephole, cellBefore: step.cellBefore, cell: step.cell, state: step.state)
    }
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    GateKernels.lstmBackward(
      coupled: coupled, linear: linear, units: step.units, gates: step.gates,
      peephole: weights.peephole, cellBefore: step.cellBefore, cell: step.cell,
      stateGradient: gradient.state, outputGradient: gradient.output, cellGradient: gradient.cell)
    step.propagate(block, weights.recurrent, hidden: shape.hidden, into: gradient, keep: false)
  }

  func addCellGradientSquares(
    _ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights,
    to squares: UnsafeMutablePointer<Double>
  ) {
    GateKernels.lstmAddCellSquares(
      coupled: coupled, linear: linear, units: step.units, gates: step.gates,
      peephole: weights.peephole, cell: step.cell, stateGradient: gradient.state,
      outputGradient: gradient.output,
      cellGradient: gradient.cell, to: squares)
  }
}
