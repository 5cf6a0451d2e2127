import ArgumentParser
import RNNCore
import RNNStudies

extension OptimizerName: ExpressibleByArgument {}

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

  /// Throws for a momentum that the optimiser has not.
  func checkUse(of optimizer: OptimizerName) throws(RNNError) {
    guard momentum != nil, ![.momentum, .nesterov].contains(optimizer) else { return }
    throw RNNError(
      .unsupported, "--momentum", expected: "--optimizer momentum or nesterov",
      found: optimizer.rawValue)
  }
}
