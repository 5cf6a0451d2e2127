/// Which of the three published adding problems is meant: they differ in target and input range,
/// so their losses are not comparable.
public enum AddingTarget: String, CaseIterable, Sendable {
  /// a + b, values uniform in [0, 1] (Le, Jaitly and Hinton, 2015).
  case sum
  /// (a + b)/2, values uniform in [0, 1].
  case mean
  /// 0.5 + (a + b)/4, values uniform in [-1, 1] (Hochreiter and Schmidhuber, 1997).
  case hochreiter

  /// The values are uniform in this range.
  var valueRange: ClosedRange<Float> { self == .hochreiter ? -1...1 : 0...1 }

  func callAsFunction(_ a: Float, _ b: Float) -> Float {
    switch self {
    case .sum: a + b
    case .mean: (a + b) / 2
    case .hochreiter: 0.5 + (a + b) / 4
    }
  }

  /// The target's variance, which is the mean squared error of always answering the mean: a uniform
  /// value's is its range's width squared over 12.
  public var variance: Double {
    switch self {
    case .sum: 2.0 / 12
    case .mean: 2.0 / 12 / 4
    case .hochreiter: 2 * (4.0 / 12) / 16
    }
  }
}
