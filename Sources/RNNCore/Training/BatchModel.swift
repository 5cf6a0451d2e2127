/// A model whose batches do not continue each other, as ``BatchTrainer`` trains it.
///
/// (``SequenceModel`` is trained by ``Trainer``, which can carry its state from batch to batch.)
public protocol BatchModel: AnyObject {
  associatedtype Batch: ModelBatch
  /// What one pass remembers and works in; it belongs to one thread at a time.
  associatedtype Pass: AnyObject

  var parameters: ParameterStore { get }
  /// The threads that work on it.
  var team: ThreadTeam { get }
  /// Whether training draws random numbers.
  var usesDropout: Bool { get }

  func makePass() -> Pass

  /// The mean loss of a batch, without dropout.
  func loss(of batch: Batch, pass: Pass) throws(RNNError) -> LossValue

  /// Told before each training step how many updates were made, for what changes with their number.
  func prepare(_ pass: Pass, updates: Int)

  /// Adds the gradient of the mean loss to `gradients`, a store with the layout of ``parameters``.
  ///
  /// - Parameters:
  ///   - batch: what is learned from.
  ///   - pass: the workspace.
  ///   - dropout: draws the masks; nil for none.
  ///   - gradients: what is added to.
  func addGradient(
    of batch: Batch, pass: Pass, dropout: inout RandomGenerator?, to gradients: ParameterStore
  ) throws(RNNError) -> LossValue
}

extension BatchModel {
  public func prepare(_ pass: Pass, updates: Int) {}
}

/// What training counts of a batch.
public protocol ModelBatch: Sendable {
  /// Examples.
  var count: Int { get }
  /// Time steps of all networks.
  var tokenCount: Int { get }
}
