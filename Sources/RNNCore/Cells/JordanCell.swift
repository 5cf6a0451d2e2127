internal import CKernels

/// h_t = f(W x_t + U y_{t−1} + b), z_t = V h_t + c, y_t = g(z_t) (Jordan 1986, "Serial order").
///
/// The state is the network's own output y [O]; the layer emits z, the preactivation that losses take.
/// Backward: dz_t = (loss) + g'(z_t) dy_t, da_t = f'(h_t) ⊙ Vᵀ dz_t, dy_{t−1} = Uᵀ da_t.
/// Two slots: the preactivation of h (then its gradient), and h itself, which dV needs afterwards.
struct JordanCell: RecurrentCell {
  let shape: CellShape
  private let activation: rnn_activation
  private let feedback: FeedbackActivation
  private let block = ProductBlock(slot: 0, gate: 0, count: 1)

  init(
    input: Int, hidden: Int, output: Int, activation: HiddenActivation, feedback: FeedbackActivation
  ) {
    self.activation = activation.code
    self.feedback = feedback
    shape = CellShape(
      input: input, hidden: hidden, gates: 1, slots: 2, state: output, emission: output,
      inputBlocks: [block], recurrentBlocks: [block], gateSlots: [.hidden: 1])
  }

  func forward(_ step: CellStep, _ weights: CellWeights) {
    guard let readout = weights.emission else { preconditionFailure("a Jordan cell has V") }
    let hidden = step.slot(1, hidden: shape.hidden)
    step.addRecurrentProduct(block, weights, hidden: shape.hidden)
    kernels.activate(
      activation, step.count, shape.hidden, weights.bias, step.gates.pointer, step.gates.stride,
      hidden.pointer, hidden.stride)
    let z = step.emission
    BLAS.multiply(hidden, .no, readout, .yes, into: z, beta: 0)
    kernels.activate(
      RNN_IDENTITY, step.count, shape.emission, weights.emissionBias, z.pointer, z.stride,
      z.pointer,
      z.stride)
    feedBack(z, into: step.state)
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    guard let readout = weights.emission else { preconditionFailure("a Jordan cell has V") }
    feedBackBackward(step, gradient)
    let hidden = step.slot(1, hidden: shape.hidden)
    let dh = Matrix(gradient.scratch, rows: step.count, columns: shape.hidden)
    BLAS.multiply(step.emission, .no, readout, into: dh, beta: 0)
    kernels.activate_backward(
      activation, step.count, shape.hidden, hidden.pointer, hidden.stride, dh.pointer, dh.stride,
      nil,
      0, step.gates.pointer, step.gates.stride)
    step.propagate(block, weights, hidden: shape.hidden, into: gradient, keep: 0)
  }

  /// y = g(z).
  private func feedBack(_ z: Matrix, into y: Matrix) {
    if let code = feedback.elementwise {
      kernels.activate(code, z.rows, z.columns, nil, z.pointer, z.stride, y.pointer, y.stride)
    } else {
      kernels.softmax(z.rows, z.columns, z.pointer, z.stride, y.pointer, y.stride)
    }
  }

  /// z's place receives dz = (loss) + g'(z) dy.
  private func feedBackBackward(_ step: CellStep, _ gradient: StepGradient) {
    let (y, dy, dz) = (step.state, gradient.state, step.emission)
    guard let code = feedback.elementwise else {
      kernels.softmax_backward(
        y.rows, y.columns, y.pointer, y.stride, dy.pointer, dy.stride, gradient.output?.pointer,
        gradient.output?.stride ?? 0, dz.pointer, dz.stride)
      return
    }
    kernels.activate_backward(
      code, y.rows, y.columns, y.pointer, y.stride, dy.pointer, dy.stride, nil, 0, dz.pointer,
      dz.stride)
    if let output = gradient.output {
      kernels.combine(
        dz.rows, dz.columns, 1, output.pointer, output.stride, nil, 0, dz.pointer, dz.stride)
    }
  }
}

extension FeedbackActivation {
  /// The kernel's code of a function of single elements; nil for softmax.
  fileprivate var elementwise: rnn_activation? {
    switch self {
    case .identity: RNN_IDENTITY
    case .tanh: RNN_TANH
    case .sigmoid: RNN_SIGMOID
    case .softmax: nil
    }
  }
}
