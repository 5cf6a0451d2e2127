/// A score on held-out data.
public struct Metric: Hashable, Sendable {
  /// The field's name of it, such as "F1" or "accuracy".
  public var name: String
  public var value: Double
  public var higherIsBetter: Bool

  public init(name: String, value: Double, higherIsBetter: Bool) {
    self.name = name
    self.value = value
    self.higherIsBetter = higherIsBetter
  }
}
