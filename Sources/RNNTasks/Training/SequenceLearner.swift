import RNNCore

/// A ``SequenceModel`` that learns a ``SequenceTask``.
public final class SequenceLearner: Learner {
  public let task: any SequenceTask
  public let trainer: Trainer
  public let validation: HeldOutData

  private let test: HeldOutData?
  private var feed: TrainingFeed
  private let pass: ModelPass

  /// - Parameters:
  ///   - task: where the data come from.
  ///   - trainer: of a model that fits the task.
  ///   - batch: sequences a batch, at least 1.
  ///   - seed: of the order of the data.
  ///   - validation: what looks are taken at, packed once for several runs; nil for the task's own.
  ///   - test: the same for the final score.
  ///   - mayLookAhead: whether a model is taken that sees more than the task allows, whose scores are not those of
  ///     predictions: for one that was saved before this was checked.
  ///
  /// Throws ``RNNError/Kind/unsupported`` for a model that looks ahead where the next symbol is asked for.
  public init(
    _ task: any SequenceTask, trainer: Trainer, batch: Int, seed: UInt64,
    validation: HeldOutData? = nil, test: HeldOutData? = nil, mayLookAhead: Bool = false
  ) throws(RNNError) {
    try requireBatch(batch)
    if !mayLookAhead {
      try task.shape.checkSight(of: trainer.model.configuration, task: task.name)
    }
    self.task = task
    self.trainer = trainer
    self.test = test
    if let validation {
      self.validation = validation
    } else {
      self.validation = try HeldOutData(task.validation)
    }
    feed = TrainingFeed(task, seed: seed, batch: batch, for: trainer.model)
    pass = trainer.model.makePass()
  }

  public var model: any SavableModel { trainer.model }
  public var updatesPerEpoch: Int? { feed.batchesPerEpoch }
  public var position: SourcePosition { feed.position }

  public func count(of part: HeldOutPart) -> Int {
    part == .validation
      ? validation.examples.count : test?.examples.count ?? task.test.count
  }

  public func step() throws(RNNError) -> LearningStep {
    let (sequences, epochs) = try feed.next()
    let start = ContinuousClock.now
    let report = try trainer.step(sequences, state: &feed.state)
    return LearningStep(
      report: report, tokens: sequences.layout.rowCount, epochsCompleted: epochs,
      seconds: (ContinuousClock.now - start) / .seconds(1),
      forwardFlops: trainer.model.forwardFlops(of: sequences.layout))
  }

  public func validate() throws(RNNError) -> (loss: Double, metric: Metric) {
    try validation.evaluate(trainer.model, on: task, pass: pass)
  }

  public func score(
    _ part: HeldOutPart
  ) throws(RNNError) -> (loss: Double, score: TaskScore)? {
    var data = part == .validation ? validation : test
    if data == nil { data = try HeldOutData(task.test) }
    guard let data, !data.examples.isEmpty else { return nil }
    return try data.score(trainer.model, on: task, pass: pass)
  }

  public var averaged: ParameterStore? { trainer.updater.averaged }

  public func withAveragedParameters<Result>(
    _ body: () throws(RNNError) -> Result
  ) throws(RNNError) -> Result {
    try trainer.withAveragedParameters(body)
  }

  public func save(
    to path: String, kept: ParameterStore?, metadata: [String: String]
  ) throws(RNNError) {
    try trainer.save(
      to: path, kept: kept, carried: feed.carriesState ? feed.state : nil, metadata: metadata)
  }

  public func restore(
    _ checkpoint: TrainingCheckpoint, at position: SourcePosition
  ) throws(RNNError) {
    try checkpoint.restore(trainer)
    try feed.seek(position, state: try checkpoint.carriedState(for: trainer.model))
  }
}

func requireBatch(_ size: Int) throws(RNNError) {
  guard size >= 1 else {
    throw RNNError(.range, "batch", expected: "at least 1", found: "\(size)")
  }
}
