/// Trains a model: forward, loss, BPTT, clipping, update.
///
/// ```swift
/// let model = try SequenceModel(configuration, seed: 1)
/// let trainer = try Trainer(model, rule: .adam(), rate: 1e-3, clipping: .globalNorm(1))
/// for batch in batches { print(try trainer.step(batch).loss) }
/// ```
///
/// One trainer serves all models. What a ``SequenceModel`` has beyond others, states that are
/// carried from batch to batch and regularisers, is in ``SequenceTraining`` and in extensions for
/// it.
public final class Trainer<Model: TrainableModel> {
  /// What is trained.
  public let model: Model
  /// What makes updates of gradients.
  public let updater: ParameterUpdater
  /// What the last step remembers.
  public let pass: Model.Workspace
  /// Takes a gradient profile of every n-th step; nil for none.
  public var profiler: GradientProfiler?

  /// The generator of dropout masks; nil for a model without dropout.
  var dropout: RandomGenerator?
  /// Makes the gradient shard by shard; nil for whole batches.
  private var sharded: ShardedGradient<Model>?
  /// The processes that share the batches, see ``divideBatches(into:among:)``; nil for this one
  /// alone.
  public private(set) var ranks: (any RankGroup)?

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
  ///   - averaging: β in (0, 1) of a moving average of the parameters, see ``averaged``; nil for
  ///     none.
  ///   - nonFinite: what to do when a gradient is infinite or not a number.
  ///   - profiler: takes a gradient profile of every n-th step; nil for none.
  ///   - seed: of the dropout masks.
  public convenience init(
    _ model: Model, rule: OptimizerRule = .adam(), rate: Float,
    schedule: RateSchedule = .constant, weightDecay: Float? = nil, clipping: Clipping = .none,
    averaging: Float? = nil, nonFinite: NonFinitePolicy = .throw,
    profiler: GradientProfiler? = nil, seed: UInt64 = 0
  ) throws(RNNError) {
    try self.init(
      training: model, rule: rule, rate: rate, schedule: schedule, weightDecay: weightDecay,
      clipping: clipping, averaging: averaging, nonFinite: nonFinite, seed: seed)
    self.profiler = profiler
  }

  init(
    training model: Model, rule: OptimizerRule, rate: Float, schedule: RateSchedule,
    weightDecay: Float?, clipping: Clipping, averaging: Float?, nonFinite: NonFinitePolicy,
    seed: UInt64
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
  /// Throws what the model throws for a batch that does not fit it, `.nonFinite` for a gradient
  /// that is not finite under ``NonFinitePolicy/throw``, what ``ParameterUpdater/gradientHook``
  /// throws, `.ranks` where another of the processes failed, and `.unsupported` within
  /// ``withAveragedParameters(_:)`` and for a ``profiler`` that probes what the model cannot.
  @discardableResult
  public func step(_ batch: Model.Batch) throws(RNNError) -> StepReport {
    try updater.requireOwnParameters()
    model.prepare(pass, updates: optimizer.updates)
    let layers = model.layers(of: pass)
    let isProfiled = profiler?.beginStep(shares: (layers?.team ?? model.team).count) ?? false
    let profiler = isProfiled ? profiler : nil
    defer { profiler?.endStep() }
    let loss: LossValue
    if let sharded {
      loss = try sharded.make(batch, pass: pass, dropout: &dropout) { profiler?.watch(layers) }
    } else {
      gradients.setToZero(model.team)
      profiler?.watch(layers)
      loss = try model.addGradient(for: batch, pass: pass, dropout: &dropout, to: gradients)
    }
    if let profiler {
      // A model without a pass, or one that has not gone back over it.
      if !profiler.probe.hasParameters {
        profiler.probe.hasGoneBack(gradients, weights: model.parameters)
      } else if sharded != nil {
        profiler.probe.readParameters(gradients, weights: model.parameters)
      }
      try take(profiler, batch, loss)
    }
    return try updater.apply(
      loss, sequences: batch.answeredCount,
      origin: {
        guard let sharded else { return model.nonFiniteOrigin(pass) }
        return sharded.nonFiniteOrigin(batch, pass: pass)
      },
      afterUpdate: {
        model.didUpdate(pass)
        profiler?.readUpdate(model.parameters, clip: $0)
      })
  }

  /// Cuts each batch into shards, whose gradients are added up in an order that depends on the
  /// number of shards alone: so the same bits come out however many processes share the work, and
  /// however many threads each of them has.
  ///
  /// ```swift
  /// let trainer = try Trainer(model, rate: 1e-3)
  /// try trainer.divideBatches(into: 4, among: ranks)
  /// for batch in batches { try trainer.step(batch) }   // the same batches on every rank
  /// ```
  ///
  /// Every process takes the same steps with the whole batches, makes the gradients of its own
  /// shards, and comes to the same parameters. Losses are divided by the answers of the whole
  /// batch. Dropout is drawn for each shard apart. A ``profiler`` follows the gradients of the
  /// first shard of its process through the layers; norms of parameters are those of the whole
  /// gradient.
  ///
  /// One shard, on one process, is a batch as it is: the bits of a trainer without shards. More
  /// shards come to the same numbers but for rounding and masks.
  ///
  /// Shards are made one after the other: a step takes the memory of one, and log₂ of their number
  /// times that of the gradients. So many small shards do as well what others call the accumulation
  /// of gradients.
  ///
  /// Throws `.range` for fewer shards than 1 or than processes, `.memory` where the process may not
  /// take as much. A step throws `.unsupported` for batches that cannot be cut (see
  /// ``ModelBatch/shard(_:of:)``) and for a regulariser.
  ///
  /// - Parameters:
  ///   - count: shards of a batch.
  ///   - ranks: which share them; nil for this process alone.
  public func divideBatches(
    into count: Int, among ranks: (any RankGroup)? = nil
  ) throws(RNNError) {
    try divideBatches(into: count, among: ranks, plan: ExchangePlan())
  }

  /// - Parameter plan: of the exchange between processes.
  func divideBatches(
    into count: Int, among ranks: (any RankGroup)?, plan: ExchangePlan
  ) throws(RNNError) {
    let divided = try ShardedGradient(
      of: model, shards: count, among: ranks, sum: updater.gradients, plan: plan)
    sharded = count == 1 ? nil : divided
    self.ranks = ranks
  }

  /// Shards that each batch is cut into.
  public var shards: Int { sharded?.count ?? 1 }

  /// Takes the profile of a step whose gradient is there.
  private func take(
    _ profiler: GradientProfiler, _ batch: Model.Batch, _ loss: LossValue
  ) throws(RNNError) {
    profiler.readBackward(loss: loss.value)
    if profiler.probing != .allAnswers {
      do {
        profiler.replaceLayers(
          by: try model.profile(for: batch, probing: profiler.probing, beside: pass))
      } catch  where error.kind == .range {
        // In training a batch without the step that is probed is none of the caller's mistakes.
        profiler.dropLosses()
      }
    }
    try profiler.readWeights(model.parameters)
  }

  /// What moves the parameters along the gradient.
  public var optimizer: Optimizer { updater.optimizer }
  /// What is done to a gradient that is too long.
  public var clipping: Clipping { updater.clipping }
  /// What is done when a gradient is infinite or not a number.
  public var nonFinitePolicy: NonFinitePolicy { updater.nonFinitePolicy }
  /// What clipping did so far.
  public var statistics: ClipStatistics { updater.statistics }
  /// The gradients of the last step, after clipping.
  public var gradients: ParameterStore { updater.gradients }

  // MARK: - The average

  /// The moving average of the parameters over all updates,
  ///
  ///     ā_t = Σ_{s ≤ t} β^{t−s} θ_s / Σ_{s ≤ t} β^{t−s},
  ///
  /// θ_s the parameters after update s (Polyak and Juditsky 1992; the correction for its start is
  /// that of Kingma and Ba 2015, section 7.2). It has the model's layout and follows every update;
  /// nil without averaging and before the first.
  public var averaged: ParameterStore? { updater.averaged }

  /// Runs `body` with the averaged parameters in the model's place, and puts the model's own back
  /// after it, to the bit, whether or not `body` throws.
  ///
  /// ```swift
  /// let loss = try trainer.withAveragedParameters {
  ///   try model.loss(for: batch, pass: pass).value
  /// }
  /// ```
  ///
  /// Where ``averaged`` is nil, `body` sees the model's own parameters. What it writes to them is
  /// lost; a training step in it throws `.unsupported`. The model must not be used elsewhere
  /// meanwhile. Costs three copies of the parameters, and P floats from the first call on.
  public func withAveragedParameters<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try updater.withAveragedParameters(body)
  }
}
