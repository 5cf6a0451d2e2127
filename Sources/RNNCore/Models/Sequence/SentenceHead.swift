/// A second output of models that answer at every step: one class for the whole sequence, such as
/// the intent beside the slots (Zhang and Wang 2016; Liu and Lane 2016).
///
/// A layer `sentence` reads, with the model's dropout, what an answer at the end would: the forward
/// direction's last state and the reverse direction's own last, at the first step. With logits s_b
/// [C] and labels y_b it adds
///
///     weight · mean over sentences of −log softmax(s_b)[y_b]
///
/// to the loss, in nats; to a loss that is summed (``Loss/Reduction/sum``) the sum over sentences
/// instead. A batch without ``SequenceBatch/labels`` trains the other output alone.
public struct SentenceHead: Sendable, Hashable {
  /// C.
  public var classes: Int
  /// Of its loss beside that of the steps.
  public var weight: Float

  /// Makes a head.
  ///
  /// - Parameters:
  ///   - classes: how many classes a sequence can have.
  ///   - weight: of its loss beside that of the steps.
  public init(classes: Int, weight: Float = 1) {
    self.classes = classes
    self.weight = weight
  }

  /// Throws `.range` for no class, and for a weight that is not positive and finite.
  func validate() throws(RNNError) {
    try requirePositive(classes, "sentence classes")
    guard weight > 0, weight.isFinite else {
      throw RNNError(.range, "sentence weight", expected: "a positive number", found: "\(weight)")
    }
  }

  /// Throws unless all labels are classes.
  func check(_ labels: [Int32]) throws(RNNError) {
    if let bad = labels.first(where: { $0 < 0 || $0 >= classes }) {
      throw RNNError(.vocabulary, "label", expected: "0 to \(classes - 1)", found: "\(bad)")
    }
  }
}
