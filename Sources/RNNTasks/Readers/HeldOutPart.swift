/// Data that are not trained on.
public enum HeldOutPart: String, CaseIterable, Sendable {
  /// What learning is watched by, and the best parameters chosen.
  case validation
  /// What the final score is taken of.
  case test
}
