/// A model whose batches do not continue each other, as ``BatchTrainer`` trains it.
///
/// (``SequenceModel`` is trained by ``Trainer``, which can carry its state from batch to batch.)
public protocol BatchModel: AnyObject {
  associatedtype Batch: ModelBatch
  /// What one pass remembers and works in; it belongs to one thread at a time.
  associatedtype Workspace: AnyObject

  var parameters: ParameterStore { get }
  /// The threads that work on it.
  var team: ThreadTeam { get }
  /// Whether training draws random numbers.
  var usesDropout: Bool { get }

  func makePass() -> Workspace

  /// The mean loss of a batch, without dropout.
  func loss(of batch: Batch, pass: Workspace) throws(RNNError) -> LossValue

  /// Told before each training step how many updates were made, for what changes with their number.
  func prepare(_ pass: Workspace, updates: Int)

  /// Adds the gradient of the mean loss to `gradients`, a store with the layout of ``parameters``.
  ///
  /// - Parameters:
  ///   - batch: what is learned from.
  ///   - pass: the workspace.
  ///   - dropout: draws the masks; nil for none.
  ///   - gradients: what is added to.
  @discardableResult
  func addGradient(
    of batch: Batch, pass: Workspace, dropout: inout RandomGenerator?, to gradients: ParameterStore
  ) throws(RNNError) -> LossValue
}

extension BatchModel {
  /// Adds the gradient of the mean loss without dropout: see ``addGradient(of:pass:dropout:to:)``.
  @discardableResult
  public func addGradient(
    of batch: Batch, pass: Workspace, to gradients: ParameterStore
  ) throws(RNNError) -> LossValue {
    var none: RandomGenerator?
    return try addGradient(of: batch, pass: pass, dropout: &none, to: gradients)
  }

  public func prepare(_ pass: Workspace, updates: Int) {}
}

/// What training counts of a batch.
public protocol ModelBatch: Sendable {
  /// Examples.
  var count: Int { get }
  /// Time steps of all networks.
  var tokenCount: Int { get }
}
