@testable import RNNCore

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
    switch cell {
    case let cell as Elman: .elman(cell.activation.oracle)
    case let cell as Jordan:
      .jordan(cell.activation.oracle, feedback: feedback, hybrid: cell.isHybrid)
    case let cell as LSTM:
      .lstm(
        peephole: cell.peephole, coupled: cell.coupled, linearInput: cell.linear.contains(.input),
        linearOutput: cell.linear.contains(.output))
    case let cell as GRU: .gru(resetAfter: cell.reset == .after)
    case let cell as MinGRU: .minGRU(positive: cell.isPositive)
    case let cell as MinLSTM: .minLSTM(positive: cell.isPositive)
    case is LRU: .lru
    default: preconditionFailure("the oracle has every cell")
    }
  }
}
