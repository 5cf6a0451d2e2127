/// A model that is written as its way forward: layers on a ``Pass``, and a loss.
///
/// ```swift
/// final class Classifier: Model {
///   let words: Embedding, reader: RecurrentNetwork, answer: Linear
///   let parameters: ParameterStore
///
///   func loss(for batch: SequenceBatch, in pass: Pass) throws(RNNError) -> LossValue {
///     try answer(reader.read(words(batch, in: pass)).ends()).loss(.softmaxCrossEntropy, of: batch)
///   }
/// }
/// ```
///
/// ``Trainer`` trains it. Its gradient needs no code: the layers leave what their way back needs on
/// the pass.
public protocol Model: TrainableModel where Workspace == Pass {
  associatedtype Batch

  /// The loss of a batch, whose gradient a recorded pass gives.
  func loss(for batch: Batch, in pass: Pass) throws(RNNError) -> LossValue
}

extension Model {
  public var team: ThreadTeam { .shared }
  /// A layer that needs random numbers finds them.
  public var usesDropout: Bool { true }

  public func makePass() -> Pass { Pass(parameters, team: team) }

  public func layers(of pass: Pass) -> Pass? { pass }
  /// A model that makes its gradient in another way than by its loss says false.
  public var hasOneWayBack: Bool { true }

  public func prepare(_ pass: Pass, updates: Int) { pass.updates = updates }

  public func loss(for batch: Batch, pass: Pass) throws(RNNError) -> LossValue {
    try check(pass)
    try pass.begin()
    return try loss(for: batch, in: pass)
  }

  @discardableResult
  public func addGradient(
    for batch: Batch, pass: Pass, dropout: inout RandomGenerator?, to gradients: ParameterStore
  ) throws(RNNError) -> LossValue {
    try check(pass)
    try pass.begin(gradients: gradients, dropout: dropout)
    let loss = try loss(for: batch, in: pass)
    dropout = pass.dropout
    try pass.backward()
    return loss
  }

  /// Throws `.unsupported` for a pass over other parameters than the model's.
  public func check(_ pass: Pass) throws(RNNError) {
    guard pass.parameters === parameters else {
      throw RNNError(
        .unsupported, "pass", expected: "one of this model", found: "one of other parameters")
    }
  }
}
