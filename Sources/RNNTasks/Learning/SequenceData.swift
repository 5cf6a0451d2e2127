import RNNCore

/// The data of a ``SequenceTask``.
public struct SequenceData: LearningData {
  public typealias Model = SequenceModel

  /// Whose data they are.
  public let task: any SequenceTask
  /// The examples that looks are taken at.
  public let validation: HeldOutData
  private let test: HeldOutData
  private var feed: TrainingFeed

  /// - Parameters:
  ///   - task: where the data come from.
  ///   - batch: sequences a batch, at least 1.
  ///   - seed: of the order of the data.
  ///   - model: what learns.
  public init(
    _ task: any SequenceTask, batch: Int, seed: UInt64, for model: SequenceModel
  ) throws(RNNError) {
    try requireBatch(batch)
    self.task = task
    validation = HeldOutData(task.validation)
    test = HeldOutData(task.test)
    feed = TrainingFeed(task, seed: seed, batch: batch, for: model)
  }

  public var batchesPerEpoch: Int? { feed.batchesPerEpoch }
  public var position: SourcePosition { feed.position }
  public var carried: RecurrentState? { feed.carriesState ? feed.state : nil }

  public func count(of part: HeldOutPart) -> Int {
    (part == .validation ? validation : test).examples.count
  }

  public mutating func next(
    for model: SequenceModel
  ) throws(RNNError) -> (batch: SequenceBatch, epochsCompleted: Int?) {
    try feed.next()
  }

  public mutating func train(
    _ trainer: Trainer<SequenceModel>, on batch: SequenceBatch
  ) throws(RNNError) -> StepReport {
    try trainer.step(batch, state: &feed.state)
  }

  public mutating func gather(_ trainer: Trainer<SequenceModel>) throws(RNNError) {
    if feed.carriesState { try trainer.gather(&feed.state) }
  }

  public func forwardFlops(of batch: SequenceBatch, model: SequenceModel) -> Double {
    model.forwardFlops(of: batch.layout)
  }

  public func validate(
    _ model: SequenceModel, pass: ModelPass, among ranks: (any RankGroup)?
  ) throws(RNNError) -> (loss: Double, metric: Metric) {
    try validation.evaluate(model, on: task, pass: pass, among: ranks)
  }

  public func score(
    _ part: HeldOutPart, _ model: SequenceModel, pass: ModelPass, among ranks: (any RankGroup)?
  ) throws(RNNError) -> (loss: Double, score: TaskScore)? {
    let data = part == .validation ? validation : test
    guard !data.examples.isEmpty else { return nil }
    return try data.score(model, on: task, pass: pass, among: ranks)
  }

  public mutating func seek(
    _ position: SourcePosition, _ checkpoint: TrainingCheckpoint, model: SequenceModel
  ) throws(RNNError) {
    try feed.seek(position, state: try checkpoint.carriedState(for: model))
  }
}

extension TaskLearner where Data == SequenceData {
  /// A learner of sequences.
  ///
  /// Throws `.unsupported` for a model that looks ahead where the next symbol is
  /// asked for.
  ///
  /// - Parameters:
  ///   - task: where the data come from.
  ///   - trainer: of a model that fits the task.
  ///   - batch: sequences a batch, at least 1.
  ///   - seed: of the order of the data.
  ///   - mayLookAhead: whether a model is taken that sees more than the task allows, whose scores
  ///     are not those of predictions: for one that was saved before this was checked.
  public convenience init(
    _ task: any SequenceTask, trainer: Trainer<SequenceModel>, batch: Int, seed: UInt64,
    mayLookAhead: Bool = false
  ) throws(RNNError) {
    if !mayLookAhead {
      try task.shape.checkSight(of: trainer.model.configuration, task: task.name)
    }
    self.init(
      try SequenceData(
        task, batch: batch, seed: seed, for: trainer.model),
      trainer: trainer)
  }
}
