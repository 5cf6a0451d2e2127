/// Trains an ``EncoderDecoder``: forward, loss, BPTT, clipping, update.
///
/// ```swift
/// let trainer = try EncoderDecoderTrainer(model, rate: 1e-3, clipping: .globalNorm(5))
/// for pairs in batches { print(try trainer.step(PairBatch(pairs, for: model.configuration)).loss) }
/// ```
public final class EncoderDecoderTrainer {
  public let model: EncoderDecoder
  public let updater: ParameterUpdater
  public let pass: EncoderDecoderPass

  private var dropout: RandomGenerator?

  /// Throws `.range` for a rate, threshold or setting outside its range.
  ///
  /// - Parameters:
  ///   - model: what is trained; its parameters change.
  ///   - rule: how gradients become updates.
  ///   - rate: the learning rate before the schedule.
  ///   - schedule: how the rate changes with the number of updates.
  ///   - weightDecay: λ, added to the gradient after clipping (AdamW: beside it).
  ///   - clipping: what is done to a gradient that is too long.
  ///   - nonFinite: what to do when a gradient is infinite or not a number.
  ///   - seed: of the dropout masks.
  public init(
    _ model: EncoderDecoder, rule: OptimizerRule = .adam(), rate: Float,
    schedule: RateSchedule = .constant, weightDecay: Float = 0, clipping: Clipping = .none,
    nonFinite: NonFinitePolicy = .throw, seed: UInt64 = 0
  ) throws(RNNError) {
    self.model = model
    updater = try ParameterUpdater(
      model.parameters, rule: rule, rate: rate, schedule: schedule, weightDecay: weightDecay,
      clipping: clipping, averaging: nil, nonFinite: nonFinite, team: model.team)
    pass = model.makePass()
    if model.configuration.dropout > 0 { dropout = RandomGenerator(seed: seed) }
  }

  /// One training step, the targets fed to the decoder (teacher forcing).
  @discardableResult
  public func step(_ batch: PairBatch) throws(RNNError) -> StepReport {
    updater.gradients.setToZero()
    let loss = try model.addGradient(
      of: batch, pass: pass, dropout: &dropout, to: updater.gradients)
    let report = StepReport(
      loss: loss.value, elements: loss.elements, rate: updater.optimizer.currentRate)
    return try updater.apply(report, sequences: batch.count)
  }
}
