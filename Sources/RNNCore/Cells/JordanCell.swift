/// h_t = f(W x_t + U y_{t−1} + b), z_t = V h_t + c, y_t = g(z_t) (Jordan 1986, "Serial order").
///
/// The state is the network's own output y [O]; the layer emits z, the preactivation that losses take.
/// Backward: dz_t = (loss) + g'(z_t) dy_t, da_t = f'(h_t) ⊙ Vᵀ dz_t, dy_{t−1} = Uᵀ da_t.
/// Two slots: the preactivation of h (then its gradient), and h itself, which dV needs afterwards.
struct JordanCell: RecurrentCell {
  let shape: CellShape
  private let activation: Activation
  private let feedback: FeedbackActivation
  private let block = ProductBlock(slot: 0, gate: 0, count: 1)

  init(
    input: Int, hidden: Int, output: Int, activation: HiddenActivation, feedback: FeedbackActivation
  ) {
    self.activation = activation.function
    self.feedback = feedback
    shape = CellShape(
      input: input, hidden: hidden, gates: 1, slots: 2, state: output, emission: output,
      inputBlocks: [block], recurrentBlocks: [block], gateSlots: [.hidden: 1])
  }

  /// The state is as narrow as the output, and not divided as the hidden units are.
  var canDivideUnits: Bool { false }

  var stateActivation: Activation { feedback.elementwise ?? .sigmoid }

  func forward(_ step: CellStep, _ weights: CellWeights) {
    guard let readout = weights.emission else { preconditionFailure("a Jordan cell has V") }
    let hidden = step.slot(1, hidden: shape.hidden)
    step.addRecurrentProduct(block, weights.recurrent, units: step.units, hidden: shape.hidden)
    activation.apply(step.slot(0, hidden: shape.hidden), bias: weights.bias, into: hidden)
    let z = step.emission
    readout.forward.multiply(hidden, add: false, into: z)
    Activation.identity.apply(z, bias: weights.emissionBias, into: z)
    if let g = feedback.elementwise {
      g.apply(z, into: step.state)
    } else {
      Softmax.apply(z, into: step.state)
    }
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    guard let readout = weights.emission?.backward else {
      preconditionFailure("a Jordan cell has V")
    }
    feedBackBackward(step, gradient)
    let dh = Matrix(gradient.scratch, rows: step.count, columns: shape.hidden)
    readout.multiply(step.emission, add: false, into: dh)
    activation.applyBackward(
      step.slot(1, hidden: shape.hidden), dh, into: step.slot(0, hidden: shape.hidden))
    step.propagate(block, weights.recurrent, hidden: shape.hidden, into: gradient, keep: false)
  }

  /// z's place receives dz = (loss) + g'(z) dy.
  private func feedBackBackward(_ step: CellStep, _ gradient: StepGradient) {
    let dz = step.emission
    if let g = feedback.elementwise {
      g.applyBackward(step.state, gradient.state, into: dz)
      if let output = gradient.output { dz.combine(keep: 1, output) }
    } else {
      Softmax.applyBackward(step.state, gradient.state, plus: gradient.output, into: dz)
    }
  }
}

extension FeedbackActivation {
  /// The function of single elements; nil for softmax.
  fileprivate var elementwise: Activation? {
    switch self {
    case .identity: .identity
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .softmax: nil
    }
  }
}
