/// The nonlinearity f of an Elman or Jordan cell. With the identity the network is linear in its
/// inputs: what theory computes by hand, and the first example of many lectures.
public enum HiddenActivation: String, CaseIterable, Sendable, Hashable {
  /// tanh(a), between −1 and 1; its slope is 1 at 0 and less elsewhere.
  case tanh
  /// The logistic function σ(a), between 0 and 1; its slope is 1/4 at most.
  case sigmoid
  /// max(0, a); its slope is 1 above 0, and 0 elsewhere.
  case relu
  /// a itself: the cell is linear in its inputs and states.
  case identity

  var function: Activation {
    switch self {
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .relu: .relu
    case .identity: .identity
    }
  }
}

/// How the output of a Jordan network is made from its preactivation z before it is fed back.
public enum FeedbackActivation: String, CaseIterable, Sendable, Hashable {
  /// y = z, for outputs that are numbers.
  case identity
  /// y = tanh(z), each element by itself.
  case tanh
  /// y = σ(z), each element by itself, for outputs that are yes or no.
  case sigmoid
  /// y = exp(z) / Σ exp(z), for outputs that are classes.
  case softmax

  /// The function of single elements; nil for softmax.
  var elementwise: Activation? {
    switch self {
    case .identity: .identity
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .softmax: nil
    }
  }
}
