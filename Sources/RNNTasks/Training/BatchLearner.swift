import RNNCore

/// A problem for a ``BatchModel``: examples of one kind, batches and scores of them.
public protocol BatchTask: DataTask {
  associatedtype Model: BatchModel & SavableModel
  associatedtype Item: Sendable

  /// At least one.
  var training: [Item] { get }
  /// What looks are taken at.
  var validation: [Item] { get }
  var test: [Item] { get }
  /// Whether batches hold items of similar ``length(of:)``.
  var groupsByLength: Bool { get }
  /// Whether training changes items, see ``disturbed(_:using:)``.
  var disturbsTraining: Bool { get }

  func length(of item: Item) -> Int

  /// The item as training shows it this time.
  func disturbed(_ item: Item, using random: inout RandomGenerator) -> Item

  /// Throws what the model's batches throw for items that do not fit it.
  func batch(_ items: [Item], for model: Model) throws(RNNError) -> Model.Batch

  /// The mean loss of items, at least one, and all that the task says of the model's answers.
  ///
  /// - Parameter isFinal: whether answers are searched for as carefully as is asked for, or as fast as possible.
  func score(
    _ items: [Item], of model: Model, pass: Model.Workspace, isFinal: Bool
  ) throws(RNNError) -> (loss: Double, score: TaskScore)
}

extension BatchTask {
  public var disturbsTraining: Bool { false }
  public func disturbed(_ item: Item, using random: inout RandomGenerator) -> Item { item }
}

/// A model of independent batches that learns a ``BatchTask``.
public final class BatchLearner<Task: BatchTask>: Learner {
  public let task: Task
  public let trainer: BatchTrainer<Task.Model>
  private let batch: Int
  private var order: EpochOrder
  /// Of what is done to items in training.
  private var random: RandomGenerator
  private let pass: Task.Model.Workspace

  /// - Parameters:
  ///   - task: where the data come from.
  ///   - trainer: of a model that fits the task.
  ///   - batch: examples a batch, at least 1.
  ///   - seed: of the order of the data.
  public init(
    _ task: Task, trainer: BatchTrainer<Task.Model>, batch: Int, seed: UInt64
  ) throws(RNNError) {
    try requireBatch(batch)
    self.task = task
    self.trainer = trainer
    self.batch = batch
    let items = task.training
    order = EpochOrder(
      count: items.count, lengths: task.groupsByLength ? items.map(task.length) : nil, seed: seed)
    random = RandomGenerator(seed: seed, for: .wordDropout)
    pass = trainer.model.makePass()
  }

  public var model: any SavableModel { trainer.model }
  public var updatesPerEpoch: Int? { order.batchesPerEpoch(batch) }

  public func count(of part: HeldOutPart) -> Int { items(of: part).count }

  private func items(of part: HeldOutPart) -> [Task.Item] {
    part == .validation ? task.validation : task.test
  }

  public func step() throws(RNNError) -> LearningStep {
    var items = order.next(batch).map { task.training[$0] }
    if task.disturbsTraining {
      for index in items.indices { items[index] = task.disturbed(items[index], using: &random) }
    }
    let batch = try task.batch(items, for: trainer.model)
    let start = ContinuousClock.now
    let report = try trainer.step(batch)
    return LearningStep(
      report: report, tokens: batch.tokenCount, epochsCompleted: order.epochs,
      seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  public func validate() throws(RNNError) -> (loss: Double, metric: Metric) {
    guard !task.validation.isEmpty else { return (.nan, task.mainMetric) }
    let (loss, score) = try task.score(
      task.validation, of: trainer.model, pass: pass, isFinal: false)
    return (loss, score.metrics[0])
  }

  public func score(
    _ part: HeldOutPart
  ) throws(RNNError) -> (loss: Double, score: TaskScore)? {
    let items = items(of: part)
    guard !items.isEmpty else { return nil }
    return try task.score(items, of: trainer.model, pass: pass, isFinal: true)
  }

  public var averaged: ParameterStore? { trainer.updater.averaged }

  public func withAveragedParameters<Result>(
    _ body: () throws(RNNError) -> Result
  ) throws(RNNError) -> Result {
    try trainer.withAveragedParameters(body)
  }

  // MARK: - Rest and return

  public var position: SourcePosition {
    var position = order.position
    position.generators.append(random)
    return position
  }

  public func save(
    to path: String, kept: ParameterStore?, metadata: [String: String]
  ) throws(RNNError) {
    try trainer.save(to: path, kept: kept, metadata: metadata)
  }

  public func restore(
    _ checkpoint: TrainingCheckpoint, at position: SourcePosition
  ) throws(RNNError) {
    try checkpoint.restore(trainer)
    let (rest, generator) = try position.removingGenerator()
    try order.seek(rest, batch: batch)
    random = generator
  }
}
