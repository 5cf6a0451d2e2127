/// h_t = f(W x_t + U h_{t−1} + b), f ∈ {tanh, sigmoid, relu} (Elman 1990, "Finding structure in time").
///
/// Backward: da_t = f'(h_t) ⊙ dh_t, dh_{t−1} = Uᵀ da_t. One slot: the preactivation, then its gradient.
struct ElmanCell: RecurrentCell {
  let shape: CellShape
  let activation: Activation
  private let block = ProductBlock(slot: 0, gate: 0, count: 1)

  init(input: Int, hidden: Int, activation: HiddenActivation) {
    self.activation = activation.function
    shape = CellShape(
      input: input, hidden: hidden, gates: 1, slots: 1, state: hidden, inputBlocks: [block],
      recurrentBlocks: [block], gateSlots: [:])
  }

  var stateActivation: Activation { activation }

  func forward(_ step: CellStep, _ weights: CellWeights) {
    step.forEachBlock(of: weights.recurrent.forward) { units in
      step.addRecurrentProduct(block, weights.recurrent, units: units, hidden: shape.hidden)
      activation.apply(
        step.gates.columns(units), bias: weights.bias + units.lowerBound,
        into: step.state.columns(units))
    }
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    activation.applyBackward(
      step.state.columns(step.units), gradient.state.columns(step.units),
      plus: gradient.output?.columns(step.units), into: step.gates.columns(step.units))
    step.propagate(block, weights.recurrent, hidden: shape.hidden, into: gradient, keep: false)
  }
}
