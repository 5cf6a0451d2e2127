import RNNCore
import RNNStudies
import RNNTasks

extension RunPlan {
  /// Runs a row unless something else is asked for.
  static let standardSeeds = 3

  /// Throws for whatever a run would stumble over, before the first one begins.
  init(
    _ options: TrainingOptions, task: NamedTask, firstSeed: UInt64,
    settings: TaskSettings
  ) throws {
    let optimizer = options.step.optimizer ?? .adam
    let momentum = options.step.momentum ?? OptimizerName.standardMomentum
    try OptionUse.checkCompared(options.model.given)
    try options.step.checkUse(of: optimizer)
    if options.model.intentWeight ?? 0 > 0, task.task.shape.labels == nil {
      throw RNNError(
        .unsupported, "--intent-weight", expected: "data with a class for each sentence",
        found: task.name.rawValue)
    }
    let isGiven = options.updates != nil || options.epochs != nil || options.timeLimit != nil
    self.init(
      taskName: task.name, task: task.task, dataSeed: task.dataSeed,
      model: try ModelSettings(options.model, standard: settings.model), optimizer: optimizer,
      momentum: momentum, rate: options.step.rate ?? settings.rate,
      weightDecay: options.step.weightDecay
        ?? optimizer.rule(momentum: momentum).standardWeightDecay,
      batch: options.step.batch ?? settings.batch,
      budget: Budget(
        updates: isGiven ? options.updates : settings.updates,
        epochs: isGiven ? options.epochs : settings.epochs, seconds: options.timeLimit),
      seeds: (0..<max(0, options.seeds ?? Self.standardSeeds)).map { firstSeed &+ UInt64($0) },
      targetLoss: options.targetLoss ?? settings.targetLoss,
      success: options.success ?? settings.success)
    // The library's own checks, with nothing to optimise.
    _ = try Optimizer(
      optimizer.rule(momentum: momentum), rate: rate, weightDecay: weightDecay,
      for: ParameterLayout())
    try require(seeds.count >= 1, "--seeds", "at least 1", "\(options.seeds ?? seeds.count)")
    try require(batch >= 1, "--batch", "at least 1", "\(batch)")
    for (name, value) in [("--updates", budget.updates), ("--epochs", budget.epochs)] {
      try require(value ?? 1 >= 1, name, "at least 1", "\(value ?? 1)")
    }
    try require(
      budget.seconds ?? 1 > 0, "--time-limit", "more than 0 seconds", "\(budget.seconds ?? 1)")
    if budget.epochs != nil, taskName != .tag, taskName != .lm {
      throw RNNError(
        .unsupported, "--epochs", expected: "a task with a data set (tag, lm)",
        found: taskName.rawValue)
    }
  }
}
