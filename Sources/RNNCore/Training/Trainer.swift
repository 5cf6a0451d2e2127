/// Trains a model: forward, loss, BPTT, clipping, update.
///
/// ```swift
/// let model = try SequenceModel(configuration, seed: 1)
/// let trainer = try Trainer(model, rule: .adam(), rate: 1e-3, clipping: .globalNorm(1))
/// for batch in batches { print(try trainer.step(batch).loss) }
/// ```
public final class Trainer {
  public let model: SequenceModel
  public let reduction: Loss.Reduction
  /// Takes a gradient profile now and then.
  public let profiler: GradientProfiler?
  public let regularizer: RetentionRegularizer?
  /// Whether every embedding vector is brought to length 1 after each update.
  public let normalizesEmbedding: Bool
  /// What makes updates of gradients.
  public let updater: ParameterUpdater
  /// What the last step remembers: states and gates by way of its tape.
  public let pass: ModelPass

  /// The generator of dropout masks; nil for a model without dropout.
  var dropout: RandomGenerator?
  /// The state of independent sequences, kept for its memory.
  private var freshState: RecurrentState
  private let emptyState: RecurrentState
  private let retention = RetentionWorkspace()

  /// Throws `.range` for a rate, threshold or setting outside its range, `.unsupported` for a regulariser that
  /// has no meaning for the model, and for a normalised embedding of a model that has none.
  ///
  /// - Parameters:
  ///   - model: what is trained; its parameters change.
  ///   - rule: how gradients become updates.
  ///   - rate: the learning rate before the schedule.
  ///   - schedule: how the rate changes with the number of updates.
  ///   - weightDecay: λ, added to the gradient after clipping (AdamW: beside it); nil for
  ///     ``OptimizerRule/standardWeightDecay``.
  ///   - clipping: what is done to a gradient that is too long.
  ///   - reduction: how the losses of single answers are added up.
  ///   - regularizer: Ω, whose gradient is added to that of the loss before anything else is done to the sum:
  ///     the check for numbers that are not finite and clipping see both together, as in Pascanu's code.
  ///   - averaging: β in (0, 1) of a moving average of the parameters, see ``averaged``; nil for none.
  ///   - normalizesEmbedding: whether every embedding vector is divided by its length after each update
  ///     (Mesnil et al. 2013); vectors of zeros stay.
  ///   - nonFinite: what to do when a gradient is infinite or not a number.
  ///   - profiler: takes a gradient profile of every n-th step; nil for none.
  ///   - seed: of the dropout masks.
  public init(
    _ model: SequenceModel, rule: OptimizerRule = .adam(), rate: Float,
    schedule: RateSchedule = .constant, weightDecay: Float? = nil, clipping: Clipping = .none,
    regularizer: RetentionRegularizer? = nil, averaging: Float? = nil,
    normalizesEmbedding: Bool = false, nonFinite: NonFinitePolicy = .throw,
    reduction: Loss.Reduction = .mean, profiler: GradientProfiler? = nil, seed: UInt64 = 0
  ) throws(RNNError) {
    try regularizer?.check(model.network?.configuration)
    if normalizesEmbedding, model.embedding == nil {
      throw RNNError(
        .unsupported, "normalised embedding", expected: "a model of tokens", found: "features")
    }
    self.model = model
    self.regularizer = regularizer
    self.normalizesEmbedding = normalizesEmbedding
    self.reduction = reduction
    self.profiler = profiler
    updater = try ParameterUpdater(
      model.parameters, rule: rule, rate: rate, schedule: schedule, weightDecay: weightDecay,
      clipping: clipping, averaging: averaging, nonFinite: nonFinite, team: model.team)
    pass = model.makePass()
    emptyState = model.zeroState(sequences: 0)
    freshState = emptyState
    let configuration = model.configuration
    if configuration.dropout > 0 || configuration.recurrentDropout > 0 {
      dropout = RandomGenerator(seed: seed, for: .dropout)
    }
  }

  /// One training step on independent sequences.
  @discardableResult
  public func step(_ batch: SequenceBatch) throws(RNNError) -> StepReport {
    // The buffers are moved out and back, so that nothing is copied or allocated.
    var state = freshState
    freshState = emptyState
    defer { freshState = state }
    state.makeZero(sequences: batch.layout.sequenceCount)
    return try step(batch, state: &state)
  }

  /// One training step that starts from `state` and leaves the final state in it, so that a long
  /// sequence can be fed in stretches. No gradient flows from one call into another.
  @discardableResult
  public func step(
    _ batch: SequenceBatch, state: inout RecurrentState
  ) throws(RNNError) -> StepReport {
    try step(batch, state: &state, window: nil)
  }

  /// - Parameter window: the first step of `batch` and its sequences as the caller of a longer one counts
  ///   them; nil when `batch` is the caller's own.
  func step(
    _ batch: SequenceBatch, state: inout RecurrentState, window: (first: Int, sequences: [Int])?
  ) throws(RNNError) -> StepReport {
    try updater.requireOwnParameters()
    gradients.setToZero()
    let profiler = profiler.flatMap { $0.beginStep() ? $0 : nil }
    let loss = try model.addGradient(
      of: batch, initial: state, pass: pass, teacherForced: model.isTeacherForced,
      reduction: reduction,
      dropout: &dropout, to: gradients, profiler: profiler)
    profiler?.readBackward(
      gradients, weights: model.parameters, network: model.network, loss: loss.value)
    try profiler?.readWeights(model.parameters)
    var report = StepReport(
      loss: loss.value, elements: loss.elements,
      meanLoss: loss.mean(reduction, sequences: batch.answeringSequenceCount),
      sentenceLoss: loss.sentence,
      rate: optimizer.currentRate)
    report.regularization = addRegularization()
    let update = try updater.apply(
      report, sequences: batch.answeringSequenceCount, origin: { nonFiniteOrigin(window) },
      afterUpdate: {
        if normalizesEmbedding { model.embedding?.normalize(model.parameters, team: model.team) }
      })
    if update.didUpdate { profiler?.readUpdate(model.parameters, clip: update.clip) }
    if update.nonFiniteParameter == nil {
      model.carry(pass, into: &state)
    } else {
      // One overflow must not spoil all later stretches: a state that is not finite is left behind.
      var next = state
      model.carry(pass, into: &next)
      if next.isFinite { state = next }
    }
    return update
  }

  public var optimizer: Optimizer { updater.optimizer }
  public var clipping: Clipping { updater.clipping }
  public var nonFinitePolicy: NonFinitePolicy { updater.nonFinitePolicy }
  /// What clipping did so far.
  public var statistics: ClipStatistics { updater.statistics }
  /// The gradients of the last step, after clipping.
  public var gradients: ParameterStore { updater.gradients }
  var average: ParameterAverage? { updater.average }

  /// Ω, whose gradient is added to the loss's.
  private func addRegularization() -> Double? {
    guard let regularizer, let network = model.network, let tape = pass.tape else { return nil }
    return network.addRetention(
      regularizer, tape: tape, workspace: retention, run: model.run(pass), gradients: gradients)
  }

  private func nonFiniteOrigin(_ window: (first: Int, sequences: [Int])?) -> NonFiniteOrigin? {
    guard var origin = model.nonFiniteOrigin(pass) else { return nil }
    if let window {
      origin.step += window.first
      origin.sequence = window.sequences[origin.sequence]
    }
    return origin
  }
}

/// What one training step did.
public struct StepReport: Sendable, Hashable {
  /// The loss before the update, without the regulariser.
  public var loss: Double
  /// How many elements were answered.
  public var elements: Int
  /// The mean loss of an answered element, without the part of labels: what `loss` is under
  /// ``Loss/Reduction/mean``, whatever was trained with. Not a number when nothing was answered.
  public var meanLoss: Double
  /// The part of `loss` that comes from the labels of whole sequences; nil without a ``SentenceHead`` or labels.
  public var sentenceLoss: Double?
  /// The learning rate of the step.
  public var rate: Float
  /// Ω before its weight; nil without a regulariser.
  public var regularization: Double?
  /// What clipping did; nil when the gradient was not finite.
  public var clip: ClipRecord?
  /// The first parameter whose gradient was not finite.
  public var nonFiniteParameter: String?
  /// Where that began; nil when the gradient was finite, and when no single step's share of it was not.
  public var nonFiniteOrigin: NonFiniteOrigin?
  /// Whether the parameters moved.
  public var didUpdate = false
}
