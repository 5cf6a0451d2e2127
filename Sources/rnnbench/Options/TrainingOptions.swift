import ArgumentParser
import RNNCore
import RNNTasks

extension Clipping.Mode: ExpressibleByArgument {}

/// The model and how it is trained. What is not given comes from the task.
struct TrainingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help:
      "Rows, joined by commas: \(CellKind.usage.joined(separator: ", ")), bi-CELL, feedforward.")
  var cells: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup var step: OptimizerOptions

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
