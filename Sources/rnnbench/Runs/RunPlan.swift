import RNNCore
import RNNTasks

/// Everything that runs of one command have in common, resolved from options and the task's defaults.
struct RunPlan: Sendable {
  var taskName: TaskName
  var task: any SequenceTask
  /// Of generated held-out data; nil for data from files.
  var dataSeed: UInt64?
  var model: ModelSettings
  var optimizer: OptimizerName
  var momentum: Float
  var rate: Float
  var weightDecay: Float
  var batch: Int
  var budget: Budget
  var seeds: [UInt64]
  var targetLoss: Double
  var success: Double

  /// When a run ends: at whatever comes first.
  struct Budget: Sendable {
    var updates: Int?
    var epochs: Int?
    var seconds: Double?
  }

  /// Throws for whatever a run would stumble over, before the first one begins.
  init(
    _ options: TrainingOptions, task: NamedTask, firstSeed: UInt64,
    settings: TaskSettings
  ) throws {
    taskName = task.name
    self.task = task.task
    dataSeed = task.dataSeed
    model = try ModelSettings(options.model, standard: settings.model)
    optimizer = options.step.optimizer ?? .adam
    momentum = options.step.momentum ?? OptimizerOptions.standardMomentum
    rate = options.step.rate ?? settings.rate
    weightDecay =
      options.step.weightDecay ?? optimizer.rule(momentum: momentum).standardWeightDecay
    batch = options.step.batch ?? settings.batch
    let isGiven = options.updates != nil || options.epochs != nil || options.timeLimit != nil
    budget = Budget(
      updates: isGiven ? options.updates : settings.updates,
      epochs: isGiven ? options.epochs : settings.epochs, seconds: options.timeLimit)
    seeds = (0..<max(0, options.seeds)).map { firstSeed &+ UInt64($0) }
    targetLoss = options.targetLoss ?? settings.targetLoss
    success = options.success ?? settings.success
    // The library's own checks, with nothing to optimise.
    _ = try Optimizer(
      optimizer.rule(momentum: momentum), rate: rate, weightDecay: weightDecay,
      for: ParameterLayout())
    try require(seeds.count >= 1, "--seeds", "at least 1", "\(options.seeds)")
    try require(batch >= 1, "--batch", "at least 1", "\(batch)")
    for (name, value) in [("--updates", budget.updates), ("--epochs", budget.epochs)] {
      try require(value ?? 1 >= 1, name, "at least 1", "\(value ?? 1)")
    }
    try require(
      budget.seconds ?? 1 > 0, "--time-limit", "more than 0 seconds", "\(budget.seconds ?? 1)")
    if budget.epochs != nil, taskName != .tagging, taskName != .chars {
      throw RNNError(
        .unsupported, "--epochs", expected: "a task with a data set (tagging, chars)",
        found: taskName.rawValue)
    }
  }

  /// The model of one row, checked.
  func configuration(_ choice: CellChoice, hidden: Int) throws -> ModelConfiguration {
    var model = model
    model.hidden = hidden
    return try model.configuration(choice, for: task.shape, task: taskName.rawValue)
  }

  /// The same as it starts.
  func makeModel(
    _ choice: CellChoice, hidden: Int, seed: UInt64, team: ThreadTeam
  ) throws -> SequenceModel {
    try model.makeModel(configuration(choice, hidden: hidden), seed: seed, team: team)
  }
}

func require(_ holds: Bool, _ name: String, _ expected: String, _ found: String) throws {
  if !holds { throw RNNError(.range, name, expected: expected, found: found) }
}
