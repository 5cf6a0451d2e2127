import RNNCore

/// The floating-point operations of the matrix products that a pass executes, for one token.
///
/// A layer with G gates (LSTM 4, or 3 with coupled gates; GRU 3; Elman 1) multiplies its input of I
/// columns by W [G·H, I] and its state by U [G·H, H]: 2·G·H·I and 2·G·H·H operations a token. A
/// bidirectional layer does so twice, and above the first layer its input has 2·H columns. Over all
/// layers and directions, with `input` and `recurrent` the sums of both parts and `firstInput` the
/// first layer's share of `input`:
///
/// - forward, inference, stream: F = `input` + `recurrent`
/// - train, trainProfiled: F + F (dW and dU) + `recurrent` (dE/dh) + `input` − `firstInput` (dE/dX
///   between layers)
/// - trainDX: 3·F
///
/// What is linear in H (gates, biases, peepholes) is not counted.
struct ProductFlops: Hashable, Sendable {
  var input = 0.0
  var recurrent = 0.0
  var firstInput = 0.0

  init(_ shape: BenchmarkShape, cell: CellKind) {
    let directions = shape.isBidirectional ? 2.0 : 1
    for layer in 0..<shape.layers {
      let columns = layer == 0 ? shape.input : Int(directions) * shape.hidden
      let products = cell.productFlops(input: columns, hidden: shape.hidden)
      input += directions * products.input
      recurrent += directions * products.state
      if layer == 0 { firstInput = input }
    }
  }

  /// Operations a token.
  func perToken(_ pass: ThroughputPass) -> Double {
    let forward = input + recurrent
    return switch pass {
    case .forward, .inference, .stream: forward
    case .train, .trainProfiled: 3 * forward - firstInput
    case .trainDX: 3 * forward
    }
  }
}

extension CellKind {
  /// Reads a cell that a stack without a readout can have: all but Jordan's.
  package static func measurable(_ text: String) throws(RNNError) -> CellKind {
    let kind = try CellKind(text)
    if kind.givesOutputs {
      throw RNNError(
        .unsupported, "cell", expected: "one that gives its state to a readout", found: text.excerpt
      )
    }
    return kind
  }
}
