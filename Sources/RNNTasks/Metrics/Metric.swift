/// A score on held-out data.
public struct Metric: Codable, Hashable, Sendable {
  /// How a score is written.
  public enum Notation: Codable, Hashable, Sendable {
    /// A share of 1, written in per cent.
    case share
    /// A number on a scale of its own.
    case number
  }

  /// The field's name of it, such as "F1" or "accuracy".
  public var name: String
  /// The number, a share in 0 to 1 where it is one.
  public var value: Double
  /// Whether a larger value is a better one.
  public var higherIsBetter: Bool
  /// How the value is to be written.
  public var notation: Notation

  /// - Parameters:
  ///   - name: the field's name of it.
  ///   - value: not a number where only name and direction are asked for.
  ///   - higherIsBetter: its direction.
  ///   - notation: nil for a share where higher is better, and a number elsewhere.
  public init(name: String, value: Double, higherIsBetter: Bool, notation: Notation? = nil) {
    self.name = name
    self.value = value
    self.higherIsBetter = higherIsBetter
    self.notation = notation ?? (higherIsBetter ? .share : .number)
  }
}
