import RNNCore

/// The learner of every kind of model: a trainer, and the data of a task.
public final class TaskLearner<Data: LearningData>: Learner {
  /// What makes the updates.
  public let trainer: Trainer<Data.Model>
  /// What is learned from, and where in it training is.
  public private(set) var data: Data
  private let pass: Data.Model.Workspace

  /// - Parameters:
  ///   - data: of a task that the model fits.
  ///   - trainer: of the model.
  public init(_ data: Data, trainer: Trainer<Data.Model>) {
    self.data = data
    self.trainer = trainer
    pass = trainer.model.makePass()
  }

  public var model: any SavableModel { trainer.model }
  public var updatesPerEpoch: Int? { data.batchesPerEpoch }
  public var position: SourcePosition { data.position }

  public func count(of part: HeldOutPart) -> Int { data.count(of: part) }

  public func step() throws(RNNError) -> LearningStep {
    let (batch, epochs) = try data.next(for: trainer.model)
    let start = ContinuousClock.now
    let report = try data.train(trainer, on: batch)
    return LearningStep(
      report: report, tokens: batch.tokenCount, epochsCompleted: epochs,
      seconds: (ContinuousClock.now - start) / .seconds(1),
      forwardFlops: data.forwardFlops(of: batch, model: trainer.model))
  }

  public func validate() throws(RNNError) -> (loss: Double, metric: Metric) {
    try data.validate(trainer.model, pass: pass, among: trainer.ranks)
  }

  public func score(
    _ part: HeldOutPart
  ) throws(RNNError) -> (loss: Double, score: TaskScore)? {
    try data.score(part, trainer.model, pass: pass, among: trainer.ranks)
  }

  public var statistics: ClipStatistics { trainer.statistics }
  public var profiler: GradientProfiler? {
    get { trainer.profiler }
    set { trainer.profiler = newValue }
  }

  public var averaged: ParameterStore? { trainer.averaged }

  public func withAveragedParameters<Result>(
    _ body: () throws(RNNError) -> Result
  ) throws(RNNError) -> Result {
    try trainer.withAveragedParameters(body)
  }

  public func save(
    to path: String, kept: ParameterStore?, metadata: [String: String]
  ) throws(RNNError) {
    try data.gather(trainer)
    guard let ranks = trainer.ranks, ranks.count > 1 else {
      return try trainer.save(to: path, kept: kept, carried: data.carried, metadata: metadata)
    }
    var failure: RNNError?
    if ranks.rank == 0 {
      do throws(RNNError) {
        try trainer.save(to: path, kept: kept, carried: data.carried, metadata: metadata)
      } catch {
        failure = error
      }
    }
    // Numbers that are not finite end the run on all ranks alike, and so does a full disk.
    let found = try ranks.gather([(failure != nil, failure?.kind == .nonFinite)])[0][0]
    if let failure { throw failure }
    if found.0 {
      throw RNNError(
        found.1 ? .nonFinite : .ranks, "rank 0", expected: "a file with all numbers of the run",
        found: "an error there")
    }
  }

  public func restore(
    _ checkpoint: TrainingCheckpoint, at position: SourcePosition
  ) throws(RNNError) {
    try checkpoint.restore(trainer)
    try data.seek(position, checkpoint, model: trainer.model)
  }
}
