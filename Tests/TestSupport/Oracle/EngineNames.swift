import RNNCore

// The engine's names in the oracle's words.

extension HiddenActivation {
  var oracle: OracleActivation {
    switch self {
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .relu: .relu
    case .identity: .identity
    }
  }
}

extension Directions {
  var oracle: OracleDirections {
    switch self {
    case .forward: .forward
    case .concatenated: .bidirectionalConcat
    case .summed: .bidirectionalSum
    }
  }
}

extension CellKind {
  func oracle(feedback: OracleFeedback) -> OracleCell {
    switch self {
    case .elman(let activation): .elman(activation.oracle)
    case .irnn: .elman(.relu)
    case .jordan(let activation, _, let hybrid):
      .jordan(activation.oracle, feedback: feedback, hybrid: hybrid)
    case .lstm(let peephole, let coupled, _, let linear):
      .lstm(
        peephole: peephole, coupled: coupled, linearInput: linear.contains(.input),
        linearOutput: linear.contains(.output))
    case .gru(let position): .gru(resetAfter: position == .after)
    }
  }
}
