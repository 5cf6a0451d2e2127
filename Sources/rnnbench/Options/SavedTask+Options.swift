import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

extension SavedTask {
  /// The task on which the model is to be looked at, and a plan with the model's own settings.
  ///
  /// What the options do not name comes from the file; the seed of generated data does when the task does.
  ///
  /// Throws when neither names a task, and for a model without recurrence.
  func plan(
    _ training: TrainingOptions, task options: TaskOptionGroup, seed: UInt64
  ) throws -> (task: NamedTask, plan: RunPlan, choice: CellChoice) {
    let configuration = try file.configuration(ModelConfiguration.self)
    guard case .recurrent(let cell, let layers, let directions) = configuration.body else {
      throw RNNError(
        .unsupported, file.path.printable, expected: "a recurrent model",
        found: "a feed-forward one")
    }
    let made = try makeTask(options)
    var training = training
    (training.model.hidden, training.model.layers) = (configuration.hiddenSize, layers)
    training.model.directions = directions
    training.model.window = configuration.contextWindow
    training.model.dropout = configuration.dropout
    training.model.recurrentDropout = configuration.recurrentDropout
    training.model.crf = configuration.loss == .conditionalRandomField
    training.model.tied = configuration.tiesEmbedding
    if case .tokens(_, let embedding) = configuration.input { training.model.embedding = embedding }
    (training.updates, training.seeds) = (1, 1)
    var plan = try RunPlan(
      training, task: made, firstSeed: seed,
      settings: .standard(for: made.name, guessLoss: made.task.guessLoss))
    plan.model.windowSide = configuration.contextWindow > 1 ? configuration.contextSide : nil
    return (made, plan, CellChoice(cell, directions))
  }

  private func makeTask(
    _ options: TaskOptionGroup
  ) throws -> NamedTask {
    guard options.task == nil else { return try options.make(.adding) }
    let texts = file.metadata
    guard let text = texts[Self.nameKey],
      let name = try? TaskName(named: text, among: TaskName.compared)
    else {
      throw RNNError(
        .unsupported, "--task", expected: "a task: \(file.path.printable) names none that is known",
        found: "none")
    }
    var options = options
    options.length = options.length ?? texts[Self.lengthKey]
    return try options.make(name, savedSeed: texts[Self.seedKey].flatMap { UInt64($0) })
  }
}

extension TrainingOptions {
  /// Throws for whatever a saved model has already decided.
  func refuseModelOptions() throws(RNNError) {
    let given = [
      ("--cells", cells != nil), ("--updates", updates != nil), ("--epochs", epochs != nil),
      ("--time-limit", timeLimit != nil), ("--optimizer", step.optimizer != nil),
      ("--rate", step.rate != nil), ("--weight-decay", step.weightDecay != nil),
    ]
    if let name = (given.filter(\.1).map(\.0) + model.given).first {
      throw RNNError(
        .unsupported, "--model", expected: "a saved model as it is, without training",
        found: "\(name) as well")
    }
  }
}
