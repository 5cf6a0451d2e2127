import RNNCore

/// A problem of independent examples: items of one kind, batches and scores of them.
public protocol BatchTask: DataTask {
  /// What learns the problem.
  associatedtype Model: TrainableModel & SavableModel
  /// One independent example.
  associatedtype Item: Sendable

  /// At least one.
  var training: ItemList<Item> { get }
  /// What looks are taken at.
  var validation: ItemList<Item> { get }
  /// What the final score is taken of.
  var test: ItemList<Item> { get }
  /// Whether batches hold items of similar ``length(of:)``.
  var groupsByLength: Bool { get }
  /// Whether training changes items, see ``disturbed(_:using:)``.
  var disturbsTraining: Bool { get }

  /// What decides which items are alike in length, in steps.
  func length(of item: Item) -> Int

  /// The item as training shows it this time.
  func disturbed(_ item: Item, using random: inout RandomGenerator) -> Item

  /// Throws what the model's batches throw for items that do not fit it.
  func batch(_ items: [Item], for model: Model) throws(RNNError) -> Model.Batch

  /// The mean loss of items, at least one, and all that the task says of the model's answers.
  ///
  /// - Parameters:
  ///   - items: what is measured.
  ///   - model: whose answers are measured.
  ///   - pass: the workspace.
  ///   - isFinal: whether answers are searched for as carefully as is asked for, or as fast as
  ///     possible.
  ///   - ranks: processes with the same model and items that share the work and come to the same
  ///     score; nil for this one alone.
  ///   - answered: is handed the answer to each item, as it is written, with the item's number; in
  ///     any order.
  func score(
    _ items: ItemList<Item>, of model: Model, pass: Model.Workspace, isFinal: Bool,
    among ranks: (any RankGroup)?, answered: ((_ index: Int, _ answer: String) -> Void)?
  ) throws(RNNError) -> (loss: Double, score: TaskScore)
}

extension BatchTask {
  public var disturbsTraining: Bool { false }
  public func disturbed(_ item: Item, using random: inout RandomGenerator) -> Item { item }
}

/// The items of a ``BatchTask``, in an order that is drawn anew for each pass over them.
public struct ItemData<Task: BatchTask>: LearningData {
  public typealias Model = Task.Model

  /// Whose items they are.
  public let task: Task
  private let batch: Int
  private var order: EpochOrder
  /// Of what is done to items in training.
  private var random: RandomGenerator

  /// - Parameters:
  ///   - task: where the data come from.
  ///   - batch: examples a batch, at least 1.
  ///   - seed: of the order of the data.
  public init(_ task: Task, batch: Int, seed: UInt64) throws(RNNError) {
    try requireBatch(batch)
    self.task = task
    self.batch = batch
    let items = task.training
    let length: @Sendable (Int) -> Int = { task.length(of: items[$0]) }
    order = EpochOrder(
      count: items.count, length: task.groupsByLength ? length : nil, willRead: items.willRead,
      seed: seed)
    random = RandomGenerator(seed: seed, for: .wordDropout)
  }

  public var batchesPerEpoch: Int? { order.batchesPerEpoch(batch) }

  public func count(of part: HeldOutPart) -> Int { items(of: part).count }

  private func items(of part: HeldOutPart) -> ItemList<Task.Item> {
    part == .validation ? task.validation : task.test
  }

  public mutating func next(
    for model: Model
  ) throws(RNNError) -> (batch: Model.Batch, epochsCompleted: Int?) {
    var items = order.next(batch).map { task.training[$0] }
    if task.disturbsTraining {
      for index in items.indices { items[index] = task.disturbed(items[index], using: &random) }
    }
    return (try task.batch(items, for: model), order.epochs)
  }

  public func validate(
    _ model: Model, pass: Model.Workspace, among ranks: (any RankGroup)?
  ) throws(RNNError) -> (loss: Double, metric: Metric) {
    guard !task.validation.isEmpty else { return (.nan, task.mainMetric) }
    let (loss, score) = try task.score(
      task.validation, of: model, pass: pass, isFinal: false, among: ranks, answered: nil)
    return (loss, score.metrics[0])
  }

  public func score(
    _ part: HeldOutPart, _ model: Model, pass: Model.Workspace, among ranks: (any RankGroup)?
  ) throws(RNNError) -> (loss: Double, score: TaskScore)? {
    let items = items(of: part)
    guard !items.isEmpty else { return nil }
    return try task.score(items, of: model, pass: pass, isFinal: true, among: ranks, answered: nil)
  }

  // MARK: - Rest and return

  public var position: SourcePosition {
    var position = order.position
    position.generators.append(random)
    return position
  }

  public mutating func seek(
    _ position: SourcePosition, _ checkpoint: TrainingCheckpoint, model: Model
  ) throws(RNNError) {
    let (rest, generator) = try position.removingGenerator()
    try order.seek(rest, batch: batch)
    random = generator
  }
}

extension TaskLearner {
  /// A learner of independent examples.
  ///
  /// - Parameters:
  ///   - task: where the data come from.
  ///   - trainer: of a model that fits the task.
  ///   - batch: examples a batch, at least 1.
  ///   - seed: of the order of the data.
  public convenience init<Task: BatchTask>(
    _ task: Task, trainer: Trainer<Task.Model>, batch: Int, seed: UInt64
  ) throws(RNNError) where Data == ItemData<Task> {
    self.init(try ItemData(task, batch: batch, seed: seed), trainer: trainer)
  }
}
