/// h_t = f(W x_t + U h_{t−1} + b), f ∈ {tanh, sigmoid, relu, identity}.
///
/// Backward: da_t = f'(h_t) ⊙ dh_t, dh_{t−1} = Uᵀ da_t. One slot: the preactivation, then its
/// gradient.
struct ElmanKernel: SteppedKernel {
  let shape: CellShape
  let stateActivation: Activation
  private let product: CellProduct

  init(activation: Activation, _ sizes: CellSizes) {
    stateActivation = activation
    shape = CellShape.gated(
      sizes, gates: 1, slots: 1, input: [(slot: 0, gate: 0, count: 1)],
      recurrent: [(slot: 0, gate: 0, count: 1, source: .stateBefore)], gateSlots: [:])
    product = shape.stepProducts[0]
  }

  var hasOnePreactivation: Bool { true }

  func forward(_ step: CellStep, _ weights: CellWeights) {
    let recurrent = weights.product(0)
    step.forEachBlock(of: recurrent) { units in
      step.add(recurrent, product, units: units, hidden: shape.hidden)
      stateActivation.apply(
        step.gates.columns(units), bias: weights.bias + units.lowerBound,
        into: step.state.columns(units))
    }
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    stateActivation.applyBackward(
      step.state.columns(step.units), gradient.state.columns(step.units),
      plus: gradient.output?.columns(step.units), into: step.gates.columns(step.units))
    step.propagate(
      weights.product(0), product, hidden: shape.hidden, into: gradient, keep: false)
  }
}
