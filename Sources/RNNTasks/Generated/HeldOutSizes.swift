import RNNCore

/// How many examples a generated task sets aside to measure by.
public struct HeldOutSizes: Hashable, Sendable {
  /// Examples to watch learning by.
  public var validation: Int
  /// Examples for the final score.
  public var test: Int

  /// 500 examples to watch learning by and 1,000 for the final score unless others are asked for.
  public init(validation: Int = 500, test: Int = 1000) {
    self.validation = validation
    self.test = test
  }

  /// Throws `.range` unless there is at least one example of each.
  func check() throws(RNNError) {
    for (name, size) in [("validation", validation), ("test", test)] where size < 1 {
      throw RNNError(
        .range, "held-out \(name) size", expected: "at least 1 example", found: "\(size)")
    }
  }
}
