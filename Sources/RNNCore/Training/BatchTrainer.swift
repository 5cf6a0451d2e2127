/// Trains a ``BatchModel``: forward, loss, BPTT, clipping, update.
///
/// ```swift
/// let trainer = try BatchTrainer(model, rate: 1e-3, clipping: .globalNorm(5))
/// for pairs in batches { print(try trainer.step(PairBatch(pairs, for: model.configuration)).loss) }
/// ```
public final class BatchTrainer<Model: BatchModel> {
  public let model: Model
  /// What makes updates of gradients.
  public let updater: ParameterUpdater
  /// What the last step remembers.
  public let pass: Model.Workspace

  /// The generator of dropout masks; nil for a model without dropout.
  var dropout: RandomGenerator?

  /// Throws `.range` for a rate, threshold or setting outside its range.
  ///
  /// - Parameters:
  ///   - model: what is trained; its parameters change.
  ///   - rule: how gradients become updates.
  ///   - rate: the learning rate before the schedule.
  ///   - schedule: how the rate changes with the number of updates.
  ///   - weightDecay: λ, added to the gradient after clipping (AdamW: beside it); nil for
  ///     ``OptimizerRule/standardWeightDecay``.
  ///   - clipping: what is done to a gradient that is too long.
  ///   - averaging: β in (0, 1) of a moving average of the parameters, see ``Trainer/averaged``; nil for none.
  ///   - nonFinite: what to do when a gradient is infinite or not a number.
  ///   - seed: of the dropout masks.
  public init(
    _ model: Model, rule: OptimizerRule = .adam(), rate: Float,
    schedule: RateSchedule = .constant, weightDecay: Float? = nil, clipping: Clipping = .none,
    averaging: Float? = nil, nonFinite: NonFinitePolicy = .throw, seed: UInt64 = 0
  ) throws(RNNError) {
    self.model = model
    updater = try ParameterUpdater(
      model.parameters, rule: rule, rate: rate, schedule: schedule, weightDecay: weightDecay,
      clipping: clipping, averaging: averaging, nonFinite: nonFinite, team: model.team)
    pass = model.makePass()
    if model.usesDropout { dropout = RandomGenerator(seed: seed, for: .dropout) }
  }

  /// One training step.
  ///
  /// Throws what the model throws for a batch that does not fit it, and `.unsupported` within
  /// ``withAveragedParameters(_:)``.
  @discardableResult
  public func step(_ batch: Model.Batch) throws(RNNError) -> StepReport {
    try updater.requireOwnParameters()
    updater.gradients.setToZero()
    model.prepare(pass, updates: updater.optimizer.updates)
    let loss = try model.addGradient(
      of: batch, pass: pass, dropout: &dropout, to: updater.gradients)
    let report = StepReport(
      loss: loss.value, elements: loss.elements, meanLoss: loss.mean(.mean, sequences: batch.count),
      rate: updater.optimizer.currentRate)
    return try updater.apply(report, sequences: batch.count)
  }

  /// Runs `body` with the averaged parameters in the model's place: see ``Trainer/withAveragedParameters(_:)``.
  public func withAveragedParameters<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try updater.withAveragedParameters(body)
  }
}
