import RNNCore

extension Example.Input {
  /// The first `count` steps, all of them for nil.
  func cut(to count: Int?) -> Example.Input {
    guard let count else { return self }
    switch self {
    case .tokens(let ids): return .tokens(Array(ids.prefix(count)))
    case .features(let values, let width):
      // A count that its product with the width could not hold is no cut.
      guard count < values.count else { return self }
      return .features(Array(values.prefix(count * width)), width: width)
    }
  }
}
