/// What one training step did.
public struct StepReport: Sendable, Hashable {
  /// The loss before the update, without the regulariser.
  public var loss: Double
  /// How many elements were answered.
  public var elements: Int
  /// The mean loss of an answered element, without the part of labels: what `loss` is under
  /// ``Loss/Reduction/mean``, whatever was trained with. Not a number when nothing was answered.
  public var meanLoss: Double
  /// The part of `loss` that comes from the labels of whole sequences; nil without a
  /// ``SentenceHead`` or labels.
  public var sentenceLoss: Double?
  /// The learning rate of the step.
  public var rate: Float
  /// Ω before its weight; nil without a regulariser.
  public var regularization: Double?
  /// What clipping did; nil when the gradient was not finite.
  public var clip: ClipRecord?
  /// The first parameter whose gradient was not finite.
  public var nonFiniteParameter: String?
  /// Where that began; nil when the gradient was finite, and when no single step's share of it was
  /// not.
  public var nonFiniteOrigin: NonFiniteOrigin?
  /// Whether the parameters moved.
  public var didUpdate = false
}
