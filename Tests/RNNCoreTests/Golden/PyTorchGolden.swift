import Testing

@testable import TestSupport

/// What `torch.nn.RNN`, `LSTM` and `GRU` return, and what minGRU, minLSTM and LRU are when they are
/// written in PyTorch from their papers; and the gradients of sum(cotangent * outputs) +
/// sum(cotangent * h_T) + sum(cotangent * c_T).
///
/// Parameters, inputs, initial states and cotangents are `ClosedForm`, the tensors numbered as
/// `OracleNetwork.Filling` says. `generate.py` is the recipe. Letters as in `OracleNetwork`.
struct PyTorchGolden: Sendable, CustomTestStringConvertible {
  let name: String
  let cell: OracleCell
  let inputSize: Int
  let hiddenSize: Int
  let layers: Int
  let bidirectional: Bool

  /// The lengths of the sequences, packed with `enforce_sorted=False`.
  let lengths: [Int]

  /// [sequence][step][D*H], without padding.
  let outputs: [Double]

  /// [layer * D + direction][sequence][H]; the cell's is empty unless it is an LSTM.
  let finalHidden: [Double]
  let finalCell: [Double]

  /// By parameter, row-major.
  let gradients: [String: [Double]]

  /// [sequence][step][I], without padding.
  let inputGradient: [Double]

  /// Shaped as the final states.
  let initialHiddenGradient: [Double]
  let initialCellGradient: [Double]

  static let all = tanh + relu + lstm + gru + elementwise

  var testDescription: String { name }

  var network: OracleNetwork {
    OracleNetwork(
      cell: cell, layers: layers,
      directions: bidirectional ? .bidirectionalConcat : .forward,
      input: inputSize, hidden: hiddenSize)
  }

  var arguments: OracleArguments<Double> {
    network.arguments(lengths: lengths, filling: ClosedForm.value)
  }

  var cotangent: OracleResult<Double> {
    network.cotangent(lengths: lengths, filling: ClosedForm.value)
  }
}

/// What `torch.nn.functional` returns for 4 rows of 3 scores, and the slope in each score.
struct PyTorchLossGolden: Sendable, CustomTestStringConvertible {
  enum Loss: Sendable {
    /// Targets are `classes`.
    case crossEntropy
    /// Targets are `oneHot`.
    case binaryCrossEntropyWithLogits
    /// Targets are `realTargets`.
    case meanSquaredError
  }

  /// Over rows for the cross entropy, over elements for the others.
  enum Reduction: Sendable {
    case mean, sum
  }

  let loss: Loss
  let reduction: Reduction
  let value: Double

  /// [4, 3].
  let gradient: [Double]

  static let rows = 4
  static let columns = 3
  static let scores = ClosedForm.values(tensor: 0, count: 12).map { 4 * $0 }
  static let classes = [1, 0, 2, 1]
  static let oneHot = classes.flatMap { label in (0..<columns).map { $0 == label ? 1.0 : 0 } }
  static let realTargets = ClosedForm.values(tensor: 1, count: 12)

  var testDescription: String { "\(loss), \(reduction)" }
}

/// What `torch.optim` makes of 5 parameters in three steps.
struct PyTorchOptimizerGolden: Sendable, CustomTestStringConvertible {
  enum Rule: Sendable {
    case sgd, rmsprop, adam, adamW, adagrad
  }

  let rule: Rule
  let learningRate: Double

  /// Of the mean square: PyTorch's `alpha`.
  var decay = 0.0
  var beta1 = 0.0
  var beta2 = 0.0

  /// Added to the root of the mean square, outside the root.
  var epsilon = 0.0
  var momentum = 0.0
  var isNesterov = false

  /// Added to the gradient, but for AdamW, which shrinks the parameter itself.
  var weightDecay = 0.0

  /// [3][5].
  let parametersAfterStep: [[Double]]

  static let initialParameters = ClosedForm.values(tensor: 0, count: 5)

  /// The gradient before each step, [3][5].
  static let gradients = (1...3).map { ClosedForm.values(tensor: $0, count: 5) }

  var testDescription: String {
    "\(rule), momentum \(momentum), nesterov \(isNesterov), weight decay \(weightDecay)"
  }
}
