/// The nonlinearity f of an Elman or Jordan cell. With the identity the network is linear in its inputs: what
/// theory computes by hand, and the first example of many lectures.
public enum HiddenActivation: String, CaseIterable, Sendable, Hashable {
  case tanh, sigmoid, relu, identity

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
  case identity, tanh, sigmoid, softmax

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
