/// What a ``SequenceModel`` is trained with beyond what every model knows.
public struct SequenceTraining {
  /// How the losses of single answers are added up.
  public var reduction: Loss.Reduction
  /// Ω, whose gradient is added to that of the loss before anything else is done to the sum: the
  /// check for numbers that are not finite and clipping see both together, as in Pascanu's code.
  public var regularizer: RetentionRegularizer?
  /// Whether every embedding vector is divided by its length after each update (Mesnil et al.
  /// 2013); vectors of zeros stay.
  public var normalizesEmbedding: Bool
  /// Which steps BPTT makes anew; nil to keep all of them in memory.
  public internal(set) var checkpointing: GradientCheckpointing?

  init(
    reduction: Loss.Reduction = .mean, regularizer: RetentionRegularizer? = nil,
    normalizesEmbedding: Bool = false
  ) {
    self.reduction = reduction
    self.regularizer = regularizer
    self.normalizesEmbedding = normalizesEmbedding
  }
}

extension Trainer where Model == SequenceModel {
  /// A trainer with what only models of sequences have; the other settings are those of
  /// ``init(_:rule:rate:schedule:weightDecay:clipping:averaging:nonFinite:profiler:seed:)``.
  ///
  /// Throws `.range` for a rate, threshold or setting outside its range, `.unsupported` for a
  /// regulariser that has no meaning for the model, and for a normalised embedding of a model that
  /// has none.
  ///
  /// - Parameters:
  ///   - model: what is trained; its parameters change.
  ///   - rule: how gradients become updates.
  ///   - rate: the learning rate before the schedule.
  ///   - schedule: how the rate changes with the number of updates.
  ///   - weightDecay: λ; nil for ``OptimizerRule/standardWeightDecay``.
  ///   - clipping: what is done to a gradient that is too long.
  ///   - regularizer: Ω, see ``SequenceTraining/regularizer``.
  ///   - averaging: β in (0, 1) of a moving average of the parameters; nil for none.
  ///   - normalizesEmbedding: see ``SequenceTraining/normalizesEmbedding``.
  ///   - nonFinite: what to do when a gradient is infinite or not a number.
  ///   - reduction: how the losses of single answers are added up.
  ///   - profiler: takes a gradient profile of every n-th step; nil for none.
  ///   - seed: of the dropout masks.
  public convenience init(
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
    try self.init(
      training: model, rule: rule, rate: rate, schedule: schedule, weightDecay: weightDecay,
      clipping: clipping, averaging: averaging, nonFinite: nonFinite, seed: seed)
    pass.training = SequenceTraining(
      reduction: reduction, regularizer: regularizer, normalizesEmbedding: normalizesEmbedding)
    self.profiler = profiler
  }

  /// Lets BPTT through long batches keep the states between stretches of steps alone, and make each
  /// stretch anew on its way back: see ``GradientCheckpointing``.
  ///
  /// ```swift
  /// try trainer.checkpointGradients(.squareRoot)
  /// try trainer.step(batch)   // 20,000 steps, in the memory of 128 of them
  /// ```
  ///
  /// After a step the pass's tape holds the first stretch.
  ///
  /// Throws `.range` for stretches of less than a step; `.unsupported` for a bidirectional network,
  /// an answer at the end, a loss or labels of whole sequences, a window that shows several tokens
  /// or a later step, and a regulariser. A step with a profile throws `.unsupported`.
  ///
  /// - Parameter checkpointing: which steps are made anew; nil to keep all of them.
  public func checkpointGradients(_ checkpointing: GradientCheckpointing?) throws(RNNError) {
    try checkpointing?.validate()
    if checkpointing != nil {
      try model.requireCheckpointing(regularizer: pass.training.regularizer != nil)
    }
    pass.training.checkpointing = checkpointing
  }

  /// What was asked for beyond what every model knows.
  public var training: SequenceTraining { pass.training }

  /// One training step that starts from `state` and leaves the final state in it, so that a long
  /// sequence can be fed in stretches. No gradient flows from one call into another.
  @discardableResult
  public func step(
    _ batch: SequenceBatch, state: inout RecurrentState
  ) throws(RNNError) -> StepReport {
    // The buffers are moved to the pass and back, so that nothing is copied or allocated.
    swap(&pass.initial, &state)
    pass.carriesState = true
    defer {
      pass.carriesState = false
      swap(&pass.initial, &state)
    }
    if shards > 1 {
      pass.carried = pass.initial
      pass.isCarried = Array(repeating: false, count: pass.initial.sequenceCount)
      let report = try step(batch)
      swap(&pass.initial, &pass.carried)
      return report
    }
    let report = try step(batch)
    if report.nonFiniteParameter == nil {
      model.carry(pass, into: &pass.initial)
    } else {
      // One overflow must not spoil all later stretches: a state that is not finite is left behind.
      var next = pass.initial
      model.carry(pass, into: &next)
      if next.isFinite { pass.initial = next }
    }
    return report
  }

  /// Makes a state that ``step(_:state:)`` left whole: with ``divideBatches(into:among:)`` each
  /// rank has the sequences of its own shards, and after this those of all. Nothing changes on one
  /// process. Every rank has to call it.
  public func gather(_ state: inout RecurrentState) throws(RNNError) {
    guard let ranks, ranks.count > 1, !pass.isCarried.isEmpty else { return }
    let owners = try ranks.gather(pass.isCarried)
    let states = try ranks.gather(state.values)
    for (owned, values) in zip(owners, states) {
      let sequences = owned.indices.filter { owned[$0] }
      var other = state
      other.values = values
      state.replace(sequences, with: other.selecting(sequences))
    }
  }
}

extension RecurrentState {
  /// All numbers, one layer after the other.
  fileprivate var values: [Float] {
    get { Array((hidden + cell + [context]).joined()) }
    set {
      var rest = newValue[...]
      func take(_ values: inout [Float]) {
        values = Array(rest.prefix(values.count))
        rest = rest.dropFirst(values.count)
      }
      for index in hidden.indices { take(&hidden[index]) }
      for index in cell.indices { take(&cell[index]) }
      take(&context)
    }
  }
}

extension SequenceModel: TrainableModel {
  public typealias Batch = SequenceBatch

  public var usesDropout: Bool {
    configuration.dropout > 0 || configuration.recurrentDropout > 0
  }

  /// The loss of sequences that begin at zero, without training: see
  /// ``loss(for:state:pass:reduction:asInTraining:)``.
  public func loss(for batch: SequenceBatch, pass: ModelPass) throws(RNNError) -> LossValue {
    var state = zeroState(sequences: batch.layout.sequenceCount)
    return try loss(for: batch, state: &state, pass: pass, reduction: pass.training.reduction)
  }

  /// Adds the gradient of what a ``Trainer`` makes small: of the loss, and of the regulariser where
  /// the pass has one. Sequences begin at zero, or where the trainer's last step ended if it
  /// carries a state.
  @discardableResult
  public func addGradient(
    for batch: SequenceBatch, pass: ModelPass, dropout: inout RandomGenerator?,
    to gradients: ParameterStore
  ) throws(RNNError) -> LossValue {
    try parameters.check(gradients: gradients)
    let training = pass.training
    if !pass.carriesState { pass.initial.makeZero(sequences: batch.layout.sequenceCount) }
    let shard = pass.carriesState ? batch.whole?.places : nil
    if let count = batch.whole?.sequenceCount, shard != nil, pass.initial.sequenceCount != count {
      throw RNNError(
        .shape, "state", expected: "\(count) sequences", found: "\(pass.initial.sequenceCount)")
    }
    let initial = shard.map { pass.initial.selecting($0) } ?? pass.initial
    var loss = try addGradient(
      for: batch, initial: initial, pass: pass, teacherForced: isTeacherForced,
      reduction: training.reduction, dropout: &dropout, to: gradients)
    if let shard {
      var final = initial
      carry(pass, into: &final)
      // One overflow must not spoil all later stretches.
      if final.isFinite { pass.carried.replace(shard, with: final) }
      for sequence in shard { pass.isCarried[sequence] = true }
    }
    if let regularizer = training.regularizer, let network, let tape = pass.tape {
      guard batch.whole == nil else {
        throw RNNError(
          .unsupported, "regulariser", expected: "whole batches: Ω is a mean over their steps",
          found: "shards")
      }
      loss.regularization = network.addRetention(
        regularizer, tape: tape, workspace: pass.retention, run: run(pass), gradients: gradients)
    }
    return loss
  }

  public func layers(of pass: ModelPass) -> Pass? { pass.layers }
  public var hasOneWayBack: Bool { true }

  public func profile(
    for batch: SequenceBatch, probing: ProfiledLoss, beside pass: ModelPass
  ) throws(RNNError) -> GradientProfile {
    let own = pass.probing ?? makePass()
    pass.probing = own
    return try profile(
      for: batch, probing: probing, pass: own, reduction: pass.training.reduction)
  }

  public func didUpdate(_ pass: ModelPass) {
    if pass.training.normalizesEmbedding { embedding?.normalize(parameters, team: team) }
  }

  /// Where the last pass, BPTT done, first went wrong; nil when all of it is finite, so that only
  /// the sums over its steps overflowed (or what was added to them).
  public func nonFiniteOrigin(_ pass: ModelPass) -> NonFiniteOrigin? {
    let found = pass.walk.map { firstNonFinite(of: $0, pass: pass) } ?? firstNonFinite(pass)
    guard var origin = found else { return nil }
    if let whole = pass.batch?.whole { origin.sequence = whole.places[origin.sequence] }
    if let window = pass.window {
      origin.step += window.first
      origin.sequence = window.sequences[origin.sequence]
    }
    return origin
  }
}
