internal import CKernels

/// A function of single elements.
enum Activation: Sendable {
  case tanh, sigmoid, relu, identity

  private var code: rnn_activation {
    switch self {
    case .tanh: RNN_TANH
    case .sigmoid: RNN_SIGMOID
    case .relu: RNN_RELU
    case .identity: RNN_IDENTITY
    }
  }

  /// y = f(x + bias), bias repeated for each row.
  func apply(_ x: Matrix, bias: UnsafePointer<Float>? = nil, into y: Matrix) {
    kernels.activate(code, x.rows, x.columns, bias, x.pointer, x.stride, y.pointer, y.stride)
  }

  /// dx = f'(x) ⊙ (dy + extra), with f' taken from y = f(x).
  func applyBackward(_ y: Matrix, _ dy: Matrix, plus extra: Matrix? = nil, into dx: Matrix) {
    kernels.activate_backward(
      code, y.rows, y.columns, y.pointer, y.stride, dy.pointer, dy.stride, extra?.pointer,
      extra?.stride ?? 0, dx.pointer, dx.stride)
  }
}

/// The softmax of each row, and its backward step.
enum Softmax {
  static func apply(_ x: Matrix, into y: Matrix) {
    kernels.softmax(x.rows, x.columns, x.pointer, x.stride, y.pointer, y.stride)
  }

  /// dx = extra + y ⊙ (dy − y·dy): what softmax's Jacobian makes of dy.
  static func applyBackward(_ y: Matrix, _ dy: Matrix, plus extra: Matrix?, into dx: Matrix) {
    kernels.softmax_backward(
      y.rows, y.columns, y.pointer, y.stride, dy.pointer, dy.stride, extra?.pointer,
      extra?.stride ?? 0, dx.pointer, dx.stride)
  }
}
