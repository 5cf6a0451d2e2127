/// A model that a ``Trainer`` trains.
///
/// Whoever writes a model as its way forward conforms to ``Model``, which has all of this but the
/// parameters.
public protocol TrainableModel: AnyObject {
  /// What one step learns from.
  associatedtype Batch: ModelBatch
  /// What one pass remembers and works in; it belongs to one thread at a time.
  associatedtype Workspace: AnyObject

  /// The numbers that training changes.
  var parameters: ParameterStore { get }
  /// The threads that work on it.
  var team: ThreadTeam { get }
  /// Whether training draws random numbers.
  var usesDropout: Bool { get }

  /// Makes what one pass remembers and works in.
  func makePass() -> Workspace

  /// The loss of a batch, without dropout: the mean, unless the workspace says otherwise.
  func loss(for batch: Batch, pass: Workspace) throws(RNNError) -> LossValue

  /// Adds the gradient of the loss to `gradients`, a store with the layout of ``parameters``.
  ///
  /// - Parameters:
  ///   - batch: what is learned from.
  ///   - pass: the workspace.
  ///   - dropout: draws the masks; nil for none.
  ///   - gradients: what is added to.
  @discardableResult
  func addGradient(
    for batch: Batch, pass: Workspace, dropout: inout RandomGenerator?, to gradients: ParameterStore
  ) throws(RNNError) -> LossValue

  /// Told before each training step how many updates were made, for what changes with their number.
  /// Does nothing unless a model says otherwise.
  func prepare(_ pass: Workspace, updates: Int)

  /// Where the last gradient stopped being finite; nil unless a model can tell.
  func nonFiniteOrigin(_ pass: Workspace) -> NonFiniteOrigin?

  /// Told of each update right after it, before the average takes it in: a model may still change
  /// its parameters. Does nothing unless a model says otherwise.
  func didUpdate(_ pass: Workspace)

  /// The pass that the model's layers leave their records on, which a ``GradientProfiler`` looks
  /// into; nil for a model without one, whose profiles hold no layers.
  func layers(of pass: Workspace) -> Pass?

  /// Whether the gradient of a batch is made by one way back over the pass of ``layers(of:)``,
  /// after which nothing is added to it. Processes that share a batch then exchange what is final
  /// of the gradient while the rest is made. False unless a model says otherwise.
  var hasOneWayBack: Bool { get }

  /// The profile of other losses than those that a training step sees, without training on them.
  /// Throws `.unsupported` unless a model can tell its answers apart, and `.range` for a step
  /// without an answer.
  ///
  /// - Parameters:
  ///   - batch: of the training step.
  ///   - probing: which losses the gradient is of.
  ///   - pass: that of the training step, whose records must stay as they are.
  func profile(
    for batch: Batch, probing: ProfiledLoss, beside pass: Workspace
  ) throws(RNNError) -> GradientProfile
}

extension TrainableModel {
  /// Adds the gradient of the loss without dropout: see ``addGradient(for:pass:dropout:to:)``.
  @discardableResult
  public func addGradient(
    for batch: Batch, pass: Workspace, to gradients: ParameterStore
  ) throws(RNNError) -> LossValue {
    var none: RandomGenerator?
    return try addGradient(for: batch, pass: pass, dropout: &none, to: gradients)
  }

  public func prepare(_ pass: Workspace, updates: Int) {}
  public func nonFiniteOrigin(_ pass: Workspace) -> NonFiniteOrigin? { nil }
  public func didUpdate(_ pass: Workspace) {}
  public func layers(of pass: Workspace) -> Pass? { nil }
  public var hasOneWayBack: Bool { false }

  public func profile(
    for batch: Batch, probing: ProfiledLoss, beside pass: Workspace
  ) throws(RNNError) -> GradientProfile {
    throw ProfiledLoss.unsupported(probing)
  }
}

/// What training counts of a batch.
public protocol ModelBatch: Sendable {
  /// Examples.
  var count: Int { get }
  /// Time steps of all networks.
  var tokenCount: Int { get }
  /// Examples with an answer, which clipping by the norm over the batch divides by; all of them
  /// unless a batch says otherwise.
  var answeredCount: Int { get }

  /// Part `index` of a batch that is cut into `count`, for ``Trainer/divideBatches(into:among:)``;
  /// nil where the batch has too few examples for that part. Throws `.unsupported` unless a batch
  /// says otherwise.
  ///
  /// The parts hold each example once, with about as much work in each, and depend on the batch
  /// alone. Their losses add up to the batch's: a mean is divided by the whole batch's answers, not
  /// by the part's own, as ``SequenceBatch/shard(_:of:)`` has it, which a batch made of sequence
  /// batches can ask.
  ///
  /// - Parameters:
  ///   - index: 0..<`count`.
  ///   - count: of shards, 1 or more.
  func shard(_ index: Int, of count: Int) throws(RNNError) -> Self?
}

extension ModelBatch {
  public var answeredCount: Int { count }

  public func shard(_ index: Int, of count: Int) throws(RNNError) -> Self? {
    throw RNNError(
      .unsupported, "shards", expected: "a batch that can be cut", found: "\(Self.self)")
  }
}

extension SequenceBatch: ModelBatch {
  /// Sequences.
  public var count: Int { layout.sequenceCount }
  /// Time steps.
  public var tokenCount: Int { layout.rowCount }
  public var answeredCount: Int { answeringSequenceCount }
}
