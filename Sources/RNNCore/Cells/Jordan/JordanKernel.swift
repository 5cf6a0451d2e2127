/// h_t = f(W x_t + U y_{t−1} + b), z_t = V h_t + c, y_t = g(z_t).
///
/// The state is the network's own output y [O]; the layer emits z, the preactivation that losses
/// take. Backward: dz_t = (loss) + g'(z_t) dy_t, da_t = f'(h_t) ⊙ Vᵀ dz_t, dy_{t−1} = Uᵀ da_t.
/// Two slots: the preactivation of h (then its gradient), and h itself, which dV needs afterwards.
///
/// A hybrid's state is (h, y) [H + O], its U the two blocks side by side, and dh_t = Vᵀ dz_t + what
/// the next step's h had from it.
struct JordanKernel: SteppedKernel {
  let shape: CellShape
  private let activation: Activation
  private let feedback: FeedbackActivation
  private let isHybrid: Bool
  private let product: CellProduct
  /// Where c is among the parameters.
  private let outputBias: Int

  init(_ cell: Jordan, _ sizes: CellSizes) {
    activation = cell.activation.function
    feedback = sizes.feedback
    isHybrid = cell.isHybrid
    let (hidden, output) = (sizes.hidden, sizes.output)
    let state = isHybrid ? hidden + output : output
    var shape = CellShape.gated(
      sizes, gates: 1, slots: 2, state: state, input: [(slot: 0, gate: 0, count: 1)],
      recurrent: [(slot: 0, gate: 0, count: 1, source: .stateBefore)], gateSlots: [.hidden: 1])
    product = shape.stepProducts[0]
    shape.emission = output
    shape.fedBack = state - output..<state
    let first = shape.parameters.count
    shape.parameters += [
      CellParameter(name: "weight_ho", rows: output, columns: hidden, role: .emissionWeight),
      CellParameter(name: "bias_ho", rows: output, role: .denseBias(fanIn: hidden)),
    ]
    outputBias = first + 1
    shape.stepProducts.append(
      CellProduct(
        weight: first, rows: 0..<output, bias: outputBias, source: .slot(1), target: .emission))
    self.shape = shape
  }

  /// The outputs in the state are as many as the network's, and not divided as the hidden units
  /// are.
  var canDivideUnits: Bool { false }

  var stateActivation: Activation {
    let output = feedback.elementwise ?? .sigmoid
    guard isHybrid, output != activation else { return output }
    // Whichever of both has the values that reach farther.
    return [.relu, .identity, .tanh].first { $0 == output || $0 == activation } ?? output
  }

  func forward(_ step: CellStep, _ weights: CellWeights) {
    let hidden = step.slot(1, hidden: shape.hidden)
    step.add(weights.product(0), product, units: step.units, hidden: shape.hidden)
    activation.apply(step.slot(0, hidden: shape.hidden), bias: weights.bias, into: hidden)
    if isHybrid { step.state.columns(carried).combine(keep: 0, hidden) }
    let z = step.emission
    weights.product(1).forward.multiply(hidden, add: false, into: z)
    Activation.identity.apply(z, bias: weights.parameter(outputBias), into: z)
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
    step.propagate(
      weights.product(0), product, hidden: shape.hidden, into: gradient, keep: false)
  }

  /// ‖dE/dz_t‖², of what the loss looks at and is fed back; of the hybrid ‖dE/dh_t‖², since h is
  /// fed back beside it.
  func addStateGradientSquares(
    _ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights,
    to squares: UnsafeMutablePointer<Double>
  ) {
    // What it writes `backward` will write again.
    let dh = hiddenGradient(step, gradient, weights)
    (isHybrid ? dh : step.emission).addRowSquares(plus: nil, to: squares)
  }

  /// The columns of the state that hold h: all H of a hybrid, else none.
  private var carried: Range<Int> { 0..<shape.fedBack.lowerBound }

  /// dh in the scratch space, and dz in z's place.
  private func hiddenGradient(
    _ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights
  ) -> Matrix {
    guard let readout = weights.product(1).backward else { preconditionFailure("BPTT needs dz·V") }
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
