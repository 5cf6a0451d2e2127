import RNNCore
import RNNTasks

/// Everything that runs of one command have in common, resolved from options and the task's defaults.
struct RunPlan: Sendable {
  var taskName: TaskName
  var task: any SequenceTask
  var embedding: Int
  var hidden: Int
  var layers: Int
  var directions: Directions
  var window: Int
  var dropout: Float
  var recurrentDropout: Float
  var initialization: Initialization?
  var optimizer: OptimizerName
  var momentum: Float
  var rate: Float
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
    _ options: TrainingOptions, task: (name: TaskName, task: any SequenceTask), firstSeed: UInt64,
    settings: TaskSettings
  ) throws {
    taskName = task.name
    self.task = task.task
    embedding = options.embedding ?? settings.embedding
    hidden = options.hidden ?? settings.hidden
    layers = options.layers
    directions = options.directions
    window = options.window
    dropout = options.dropout ?? settings.dropout
    recurrentDropout = options.recurrentDropout
    initialization = try options.initialization.map { text throws in try Initialization(text) }
    optimizer = options.optimizer ?? .adam
    momentum = options.momentum
    rate = options.rate ?? settings.rate
    batch = options.batch ?? settings.batch
    let isGiven = options.updates != nil || options.epochs != nil || options.timeLimit != nil
    budget = Budget(
      updates: isGiven ? options.updates : settings.updates,
      epochs: isGiven ? options.epochs : settings.epochs, seconds: options.timeLimit)
    seeds = (0..<max(0, options.seeds)).map { firstSeed &+ UInt64($0) }
    targetLoss = options.targetLoss ?? settings.targetLoss
    success = options.success ?? settings.success
    // The library's own checks, with nothing to optimise.
    _ = try Optimizer(optimizer.rule(momentum: momentum), rate: rate, for: ParameterLayout())
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
    let shape = task.shape
    if !shape.allowsFuture, choice.readsFuture(directions) {
      throw RNNError(
        .unsupported, "cell \(choice.name)",
        expected: "one direction: task \(taskName.rawValue) predicts what comes next",
        found: "a bidirectional network")
    }
    let input: ModelConfiguration.Input =
      switch shape.input {
      case .tokens(let vocabulary): .tokens(vocabulary: vocabulary, embedding: embedding)
      case .features(let width): .features(width: width)
      }
    let loss: Loss =
      switch shape.objective {
      case .classes: .softmaxCrossEntropy
      case .values: .meanSquaredError
      case .bernoulli: .bernoulliCrossEntropy
      }
    let configuration = ModelConfiguration(
      input: input, contextWindow: window,
      body: choice.body(layers: layers, directions: directions),
      hiddenSize: hidden, outputs: shape.outputs, loss: loss,
      answer: shape.answer == .everyStep ? .everyStep : .atEnd, dropout: dropout,
      recurrentDropout: recurrentDropout)
    _ = try configuration.parameterCount()
    return configuration
  }

  /// How a row's weights start: as its cell asks, with `--init` for the recurrent ones.
  func initializationPlan(_ choice: CellChoice) -> InitializationPlan {
    var plan = InitializationPlan.standard(for: choice.cell)
    if let initialization, choice.cell != .irnn { plan.recurrent = initialization }
    return plan
  }
}

func require(_ holds: Bool, _ name: String, _ expected: String, _ found: String) throws {
  if !holds { throw RNNError(.range, name, expected: expected, found: found) }
}
