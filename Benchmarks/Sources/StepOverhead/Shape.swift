import RNNCore

/// What is measured: T steps of B sequences, I inputs, H hidden units, G gates.
struct Shape: Sendable {
  var cell: CellKind
  /// G, the blocks of H rows in the weights.
  var gates: Int
  var steps = 100
  var sequences = 64
  var input = 256
  var hidden = 256

  /// N, the tokens of a batch.
  var tokens: Int { steps * sequences }

  /// Floating-point operations of the products of one training step, dX not among them: each of the
  /// input weights is used twice a token (forward, dW), each recurrent weight three times.
  var flops: Double {
    2 * Double(tokens) * Double(gates * hidden) * Double(2 * input + 3 * hidden)
  }
}
