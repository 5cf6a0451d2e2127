/// h_t = f(W x_t + U y_{t−1} + b), z_t = V h_t + c, y_t = g(z_t) (Jordan 1986, "Serial order").
///
/// The state is the network's own output y [O]; the layer emits z, the preactivation that losses take.
/// Backward: dz_t = (loss) + g'(z_t) dy_t, da_t = f'(h_t) ⊙ Vᵀ dz_t, dy_{t−1} = Uᵀ da_t.
/// Two slots: the preactivation of h (then its gradient), and h itself, which dV needs afterwards.
///
/// The hybrid (Mesnil, He, Deng and Bengio 2013, "Investigation of recurrent-neural-network architectures and
/// learning methods for spoken language understanding") feeds back the hidden layer too. Its state is (h, y)
/// [H + O], its U the two blocks side by side, and dh_t = Vᵀ dz_t + what the next step's h had from it.
struct JordanCell: RecurrentCell {
  let shape: CellShape
  private let activation: Activation
  private let feedback: FeedbackActivation
  private let block = ProductBlock(slot: 0, gate: 0, count: 1)

  init(
    input: Int, hidden: Int, output: Int, activation: HiddenActivation,
    feedback: FeedbackActivation, isHybrid: Bool
  ) {
    self.activation = activation.function
    self.feedback = feedback
    shape = CellShape(
      input: input, hidden: hidden, gates: 1, slots: 2, state: isHybrid ? hidden + output : output,
      emission: output, inputBlocks: [block], recurrentBlocks: [block], gateSlots: [.hidden: 1])
  }

  /// The outputs in the state are as many as the network's, and not divided as the hidden units are.
  var canDivideUnits: Bool { false }

  var stateActivation: Activation {
    let output = feedback.elementwise ?? .sigmoid
    guard isHybrid, output != activation else { return output }
    // Of both the one whose values reach farther.
    return [.relu, .identity, .tanh].first { $0 == output || $0 == activation } ?? output
  }

  func forward(_ step: CellStep, _ weights: CellWeights) {
    guard let readout = weights.emission else { preconditionFailure("a Jordan cell has V") }
    let hidden = step.slot(1, hidden: shape.hidden)
    step.addRecurrentProduct(block, weights.recurrent, units: step.units, hidden: shape.hidden)
    activation.apply(step.slot(0, hidden: shape.hidden), bias: weights.bias, into: hidden)
    if isHybrid { step.state.columns(carried).combine(keep: 0, hidden) }
    let z = step.emission
    readout.forward.multiply(hidden, add: false, into: z)
    Activation.identity.apply(z, bias: weights.emissionBias, into: z)
    let y = step.state.columns(shape.fedBack)
    if let g = feedback.elementwise {
      g.apply(z, into: y)
    } else {
      Softmax.apply(z, into: y)
    }
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    let dh = hiddenGradient(step, gradient, weights)
    activation.applyBackward(
      step.slot(1, hidden: shape.hidden), dh, into: step.slot(0, hidden: shape.hidden))
    step.propagate(block, weights.recurrent, hidden: shape.hidden, into: gradient, keep: false)
  }

  /// ‖dE/dz_t‖², of what the loss looks at and is fed back; of the hybrid ‖dE/dh_t‖², since h is fed back
  /// beside it.
  func addStateGradientSquares(
    _ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights,
    to squares: UnsafeMutablePointer<Double>
  ) {
    // What it writes `backward` will write again.
    let dh = hiddenGradient(step, gradient, weights)
    (isHybrid ? dh : step.emission).addRowSquares(plus: nil, to: squares)
  }

  private var isHybrid: Bool { !carried.isEmpty }

  /// The columns of the state that hold h: all H of a hybrid, else none.
  private var carried: Range<Int> { 0..<shape.fedBack.lowerBound }

  /// dh in the scratch space, and dz in z's place.
  private func hiddenGradient(
    _ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights
  ) -> Matrix {
    guard let readout = weights.emission?.backward else {
      preconditionFailure("a Jordan cell has V")
    }
    feedBackBackward(step, gradient)
    let dh = Matrix(gradient.scratch, rows: step.count, columns: shape.hidden)
    if isHybrid { dh.combine(keep: 0, gradient.state.columns(carried)) }
    readout.multiply(step.emission, add: isHybrid, into: dh)
    return dh
  }

  /// z's place receives dz = (loss) + g'(z) dy.
  private func feedBackBackward(_ step: CellStep, _ gradient: StepGradient) {
    let dz = step.emission
    let (y, dy) = (step.state.columns(shape.fedBack), gradient.state.columns(shape.fedBack))
    if let g = feedback.elementwise {
      g.applyBackward(y, dy, into: dz)
      if let output = gradient.output { dz.combine(keep: 1, output) }
    } else {
      Softmax.applyBackward(y, dy, plus: gradient.output, into: dz)
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
