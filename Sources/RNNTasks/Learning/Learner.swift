import RNNCore

/// A model with its trainer and its data: what a ``TrainingRun`` drives, whatever the kind of
/// model. ``TaskLearner`` is the library's.
public protocol Learner: AnyObject {
  /// What is trained.
  var model: any SavableModel { get }
  /// Updates of one pass over the training data; nil for data without end.
  var updatesPerEpoch: Int? { get }
  /// Where the next batch comes from.
  var position: SourcePosition { get }

  /// Held-out examples.
  func count(of part: HeldOutPart) -> Int

  /// Trains on the next batch.
  func step() throws(RNNError) -> LearningStep

  /// The mean loss on the validation data, and the task's main score.
  func validate() throws(RNNError) -> (loss: Double, metric: Metric)

  /// The mean loss on held-out data, and all that the task says of the answers; nil without such
  /// data.
  func score(_ part: HeldOutPart) throws(RNNError) -> (loss: Double, score: TaskScore)?

  /// See ``/RNNCore/Trainer/statistics``.
  var statistics: ClipStatistics { get }

  /// See ``/RNNCore/Trainer/profiler``.
  var profiler: GradientProfiler? { get set }

  /// See ``/RNNCore/Trainer/averaged``.
  var averaged: ParameterStore? { get }

  /// See ``/RNNCore/Trainer/withAveragedParameters(_:)``.
  func withAveragedParameters<Result>(
    _ body: () throws(RNNError) -> Result
  ) throws(RNNError) -> Result

  /// Saves the model and all that is needed to go on training it: see
  /// ``/RNNCore/TrainingCheckpoint``. Of several processes that train together every one calls it,
  /// and that of rank 0 writes.
  func save(to path: String, kept: ParameterStore?, metadata: [String: String]) throws(RNNError)

  /// Goes on from a checkpoint and a place in the same data, asked for batches of the same size.
  func restore(_ checkpoint: TrainingCheckpoint, at position: SourcePosition) throws(RNNError)
}

/// What one step of a ``Learner`` did.
public struct LearningStep: Sendable {
  /// The loss, and what clipping and the optimiser did.
  public var report: StepReport
  /// Time steps trained on.
  public var tokens: Int
  /// Passes over the training data that are complete; nil for data without end.
  public var epochsCompleted: Int?
  /// Of forward pass, BPTT and update.
  public var seconds: Double
  /// Floating-point operations of the forward matrix products; 0 where they are not counted.
  public var forwardFlops: Double

  /// Makes the report of a step.
  ///
  /// - Parameters:
  ///   - report: the loss, and what clipping and the optimiser did.
  ///   - tokens: time steps trained on.
  ///   - epochsCompleted: passes over the training data that are complete; nil for data without
  ///     end.
  ///   - seconds: the time that the step took.
  ///   - forwardFlops: operations of the forward products; 0 where they are not counted.
  public init(
    report: StepReport, tokens: Int, epochsCompleted: Int?, seconds: Double,
    forwardFlops: Double = 0
  ) {
    self.forwardFlops = forwardFlops
    self.report = report
    self.tokens = tokens
    self.epochsCompleted = epochsCompleted
    self.seconds = seconds
  }
}
