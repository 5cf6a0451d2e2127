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

  @Option(parsing: .unconditional, help: "Runs a row, each with a seed of its own. (default: 3)")
  var seeds: Int?
  @Option(parsing: .unconditional, help: "Updates a run.") var updates: Int?
  @Option(parsing: .unconditional, help: "Passes over the training data a run (tag, lm).")
  var epochs: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Training time of a run at most.", valueName: "seconds"))
  var timeLimit: Double?
  @Option(parsing: .unconditional, help: "Validation loss whose first crossing is timed.")
  var targetLoss: Double?
  @Option(parsing: .unconditional, help: "The metric from which a run counts as a success.")
  var success: Double?

  /// Throws for what only many runs have a use for.
  ///
  /// - Parameter command: that makes one run a row.
  func refuseManyRuns(_ command: String) throws(RNNError) {
    for (name, isGiven) in [
      ("--seeds", seeds != nil), ("--target-loss", targetLoss != nil),
      ("--success", success != nil),
    ] where isGiven {
      throw RNNError(
        .unsupported, name, expected: "compare or clip, which make several runs", found: command)
    }
  }
}
