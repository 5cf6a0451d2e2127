import RNNCore
import RNNStudies

extension ModelSurface {
  /// Throws for more than one cell and whatever a run would stumble over.
  init(
    _ training: TrainingOptions, task: NamedTask, seed: UInt64
  ) throws {
    let settings = TaskSettings.standard(for: task.name, guessLoss: task.task.guessLoss)
    let choices = try CellChoice.list(training.cells ?? "elman")
    guard choices.count == 1 else {
      throw RNNError(
        .unsupported, "--cells", expected: "one cell to cut through", found: "\(choices.count)")
    }
    for (name, isGiven) in [
      ("--epochs", training.epochs != nil), ("--time-limit", training.timeLimit != nil),
    ] where isGiven {
      throw RNNError(
        .unsupported, name, expected: "a number of --updates before the cut", found: name)
    }
    let updates = training.updates ?? 50
    var training = training
    training.updates = max(1, updates)
    training.seeds = 1
    try require(updates >= 0, "--updates", "0 or more", "\(updates)")
    let plan = try RunPlan(training, task: task, firstSeed: seed, settings: settings)
    self.init(plan: plan, choice: choices[0], updates: updates)
    _ = try plan.configuration(choice, hidden: plan.model.hidden)
  }
}
