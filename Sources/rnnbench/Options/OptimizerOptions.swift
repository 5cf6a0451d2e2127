import ArgumentParser
import RNNCore

/// The optimisers by the names of the command line.
enum OptimizerName: String, CaseIterable, Codable, ExpressibleByArgument {
  case sgd, momentum, nesterov, rmsprop, adagrad, adam, adamw

  func rule(momentum: Float) -> OptimizerRule {
    switch self {
    case .sgd: .sgd()
    case .momentum: .sgd(momentum: momentum)
    case .nesterov: .sgd(momentum: momentum, nesterov: true)
    case .rmsprop: .rmsProp()
    case .adagrad: .adaGrad()
    case .adam: .adam()
    case .adamw: .adamW()
    }
  }
}

/// How gradients become updates. What is not given comes from the task.
struct OptimizerOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "sgd, momentum, nesterov, rmsprop, adagrad, adam or adamw.")
  var optimizer: OptimizerName?
  @Option(parsing: .unconditional, help: "Momentum of momentum and nesterov (0.9).")
  var momentum: Float?
  @Option(parsing: .unconditional, help: "Learning rate.") var rate: Float?
  @Option(parsing: .unconditional, help: "Sequences a batch.") var batch: Int?
  @Option(
    parsing: .unconditional,
    help:
      "Weight decay, added to the gradient; of adamw beside it (default: 0; with adamw 0.01).")
  var weightDecay: Float?

  static let standardMomentum: Float = 0.9
}
