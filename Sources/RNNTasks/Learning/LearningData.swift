import RNNCore

/// The data of a task as a ``TaskLearner`` meets them: batches to train on, one after the other,
/// and held-out parts to measure on.
public protocol LearningData {
  /// What learns from the data.
  associatedtype Model: TrainableModel & SavableModel

  /// Batches of one pass over the training data; nil for data without end.
  var batchesPerEpoch: Int? { get }
  /// Where the next batch comes from.
  var position: SourcePosition { get }
  /// The state with which the next batch begins; nil where each begins at zero.
  var carried: RecurrentState? { get }

  /// The next batch, and how many passes over the data are complete with it where they are counted.
  mutating func next(for model: Model) throws(RNNError) -> (
    batch: Model.Batch, epochsCompleted: Int?
  )

  /// Takes a training step on the batch that came last.
  mutating func train(
    _ trainer: Trainer<Model>, on batch: Model.Batch
  ) throws(RNNError) -> StepReport

  /// Makes ``carried`` whole where several processes train together: every one calls it. Does
  /// nothing unless data say otherwise.
  mutating func gather(_ trainer: Trainer<Model>) throws(RNNError)

  /// Floating-point operations of the forward matrix products; 0 where they are not counted.
  func forwardFlops(of batch: Model.Batch, model: Model) -> Double

  /// Goes on at a position that such data had, asked for batches of the same size.
  ///
  /// Throws `.format` for a position that the data do not have, and for a state that
  /// does not fit it.
  mutating func seek(
    _ position: SourcePosition, _ checkpoint: TrainingCheckpoint, model: Model
  ) throws(RNNError)

  /// Held-out examples.
  func count(of part: HeldOutPart) -> Int

  /// The mean loss on the validation data, and the task's main score.
  ///
  /// - Parameters:
  ///   - model: what is measured.
  ///   - pass: the workspace.
  ///   - ranks: processes with the same model and data that may share the work, and come to the
  ///     same score; nil for this one alone.
  func validate(
    _ model: Model, pass: Model.Workspace, among ranks: (any RankGroup)?
  ) throws(RNNError) -> (loss: Double, metric: Metric)

  /// The mean loss on held-out data, and all that the task says of the answers; nil without such
  /// data. Parameters are those of ``validate(_:pass:among:)``.
  func score(
    _ part: HeldOutPart, _ model: Model, pass: Model.Workspace, among ranks: (any RankGroup)?
  ) throws(RNNError) -> (loss: Double, score: TaskScore)?
}

extension LearningData {
  public var carried: RecurrentState? { nil }
  public mutating func gather(_ trainer: Trainer<Model>) throws(RNNError) {}

  public mutating func train(
    _ trainer: Trainer<Model>, on batch: Model.Batch
  ) throws(RNNError) -> StepReport {
    try trainer.step(batch)
  }

  public func forwardFlops(of batch: Model.Batch, model: Model) -> Double { 0 }
}

func requireBatch(_ size: Int) throws(RNNError) {
  guard size >= 1 else {
    throw RNNError(.range, "batch", expected: "at least 1", found: "\(size)")
  }
}
