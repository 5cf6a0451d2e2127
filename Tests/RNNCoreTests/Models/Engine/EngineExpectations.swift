import Testing

@testable import RNNCore
@testable import TestSupport

extension OracleNetwork {
  /// The engine's configuration of the same network.
  var configuration: RecurrentConfiguration {
    var feedback = FeedbackActivation.softmax
    if case .jordan(_, let given, _) = cell { feedback = given.engine }
    return RecurrentConfiguration(
      cell: cell.engine, inputSize: input, hiddenSize: hidden, layers: layers,
      directions: directions.engine, outputSize: cell.isJordan ? output : nil, feedback: feedback)
  }
}

extension OracleCell {
  var engine: CellKind {
    switch self {
    case .elman(let activation): .elman(activation.engine)
    case .jordan(let activation, _, let hybrid):
      .jordan(activation.engine, teacherForcing: false, hybrid: hybrid)
    case .lstm(let peephole, let coupled, let linearInput, let linearOutput):
      .lstm(
        peephole: peephole, coupled: coupled,
        linear: [linearInput ? .input : [], linearOutput ? .output : []])
    case .gru(let resetAfter): .gru(resetAfter ? .after : .before)
    case .minGRU(let positive): .minGRU(positive: positive)
    case .minLSTM(let positive): .minLSTM(positive: positive)
    case .lru: .lru
    }
  }
}

extension OracleActivation {
  var engine: HiddenActivation {
    switch self {
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .relu: .relu
    case .identity: .identity
    }
  }
}

extension OracleFeedback {
  var engine: FeedbackActivation {
    switch self {
    case .identity: .identity
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .softmax: .softmax
    }
  }
}

extension OracleDirections {
  var engine: Directions {
    switch self {
    case .forward: .forward
    case .bidirectionalConcat: .concatenated
    case .bidirectionalSum: .summed
    }
  }
}

/// All outputs and final states within what `Float` allows.
func expectFloatClose(
  _ actual: OracleResult<Double>, _ expected: OracleResult<Double>,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectFloatClose(actual.tensors, expected.tensors, sourceLocation: sourceLocation)
}

/// All gradients within what `Float` allows.
func expectFloatClose(
  _ actual: OracleArguments<Double>, _ expected: OracleArguments<Double>,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectFloatClose(actual.tensors, expected.tensors, sourceLocation: sourceLocation)
}

private func expectFloatClose(
  _ actual: [(name: String, values: [Double])], _ expected: [(name: String, values: [Double])],
  sourceLocation: SourceLocation
) {
  #expect(actual.map(\.name) == expected.map(\.name), sourceLocation: sourceLocation)
  for (own, other) in zip(actual, expected) {
    expectClose(
      own.values, other.values, .float(of: other.values), own.name, sourceLocation: sourceLocation)
  }
}

/// Every element the same, to the bit.
func expectSameBits(
  _ actual: [(name: String, values: [Double])], _ expected: [(name: String, values: [Double])],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.map(\.name) == expected.map(\.name), sourceLocation: sourceLocation)
  for (own, other) in zip(actual, expected) where own.values != other.values {
    let first = zip(own.values, other.values).enumerated().first { $1.0 != $1.1 }
    Issue.record(
      "\(own.name) differs, first at \(first.map { "\($0.offset): \($0.element)" } ?? "its count")",
      sourceLocation: sourceLocation)
  }
}
