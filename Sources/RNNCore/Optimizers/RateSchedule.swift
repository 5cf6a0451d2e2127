internal import CLibrary

/// How the learning rate changes with the number of updates made.
public enum RateSchedule: Sendable, Hashable {
  /// The rate stays.
  case constant
  /// Times `factor` after every `every` updates.
  case step(every: Int, factor: Float)
  /// Constant for `after` updates, then times `factor`, and again after every further `every` of
  /// them.
  case decay(after: Int, every: Int, factor: Float)
  /// Half a cosine from 1 down to `floor` over `updates` updates, then `floor`.
  case cosine(updates: Int, floor: Float = 0)
  /// A straight line from 1/updates up to 1 over `updates` updates, then 1.
  case warmup(updates: Int)

  /// What the rate is multiplied by in update number `update`, counted from 0.
  public func factor(update: Int) -> Float {
    switch self {
    case .constant: 1
    case .step(let every, let factor): pow(factor, Float(update / every))
    case .decay(let after, let every, let factor):
      update < after ? 1 : pow(factor, Float((update - after) / every + 1))
    case .cosine(let updates, let floor):
      floor + (1 - floor) * (1 + cos(.pi * Float(min(update, updates)) / Float(updates))) / 2
    case .warmup(let updates): min(1, Float(update + 1) / Float(updates))
    }
  }

  func validate() throws(RNNError) {
    switch self {
    case .constant: break
    case .step(let every, let factor), .decay(_, let every, let factor):
      try requirePositive(every, "schedule interval")
      guard factor > 0, factor.isFinite else {
        throw RNNError(.range, "schedule factor", expected: "a number above 0", found: "\(factor)")
      }
      if case .decay(let after, _, _) = self, after < 0 {
        throw RNNError(.range, "schedule start", expected: "0 or more", found: "\(after)")
      }
    case .cosine(let updates, let floor):
      try requirePositive(updates, "schedule length")
      guard (0...1).contains(floor) else {
        throw RNNError(.range, "schedule floor", expected: "0 to 1", found: "\(floor)")
      }
    case .warmup(let updates): try requirePositive(updates, "schedule length")
    }
  }
}
