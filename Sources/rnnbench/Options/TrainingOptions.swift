import ArgumentParser
import RNNCore
import RNNTasks

extension Directions: ExpressibleByArgument {}
extension Clipping.Mode: ExpressibleByArgument {}

/// The optimisers by the names of the command line.
enum OptimizerName: String, CaseIterable, ExpressibleByArgument {
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

/// The model and how it is trained. What is not given comes from the task.
struct TrainingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help:
      "Rows, joined by commas: elman[:tanh|sigmoid|relu|identity], irnn, jordan[:teacher], elman-jordan[:teacher], lstm[:peephole+coupled+linear-input+linear-output+forget-bias=N], gru[:reset-before], bi-CELL, feedforward."
  )
  var cells: String?

  @Option(parsing: .unconditional, help: "Hidden units.") var hidden: Int?
  @Option(parsing: .unconditional, help: "Width of token embeddings.") var embedding: Int?
  @Option(parsing: .unconditional, help: "Recurrent layers.") var layers = 1
  @Option(parsing: .unconditional, help: "forward, bidirectional or bidirectional-sum.")
  var directions: Directions =
    .forward
  @Option(parsing: .unconditional, help: "Steps side by side as input: an odd number.") var window =
    1
  @Option(
    parsing: .unconditional, help: "Dropout of inputs, between layers and before the readout.")
  var dropout: Float?
  @Option(
    parsing: .unconditional, help: "Dropout of the recurrent connections, one mask a sequence.")
  var recurrentDropout: Float = 0
  @Option(
    name: .customLong("init"),
    parsing: .unconditional,
    help:
      "Start of the recurrent weights: uniform[=N], normal=N, xavier, orthogonal[=N], identity[=N], sparse[=RADIUS]."
  )
  var initialization: String?

  @Option(
    parsing: .unconditional, help: "sgd, momentum, nesterov, rmsprop, adagrad, adam or adamw.")
  var optimizer: OptimizerName?
  @Option(parsing: .unconditional, help: "Momentum of momentum and nesterov.") var momentum: Float =
    0.9
  @Option(parsing: .unconditional, help: "Learning rate.") var rate: Float?
  @Option(parsing: .unconditional, help: "Sequences a batch.") var batch: Int?
  @Option(parsing: .unconditional, help: "Runs a row, each with a seed of its own.") var seeds = 3
  @Option(parsing: .unconditional, help: "Updates a run.") var updates: Int?
  @Option(parsing: .unconditional, help: "Passes over the training data a run (tagging, chars).")
  var epochs: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Training time of a run at most.", valueName: "seconds"))
  var timeLimit: Double?
  @Option(parsing: .unconditional, help: "Validation loss whose first crossing is timed.")
  var targetLoss: Double?
  @Option(parsing: .unconditional, help: "The metric from which a run counts as a success.")
  var success: Double?
}
