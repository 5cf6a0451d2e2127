import Testing

/// |actual - expected| <= absolute + relative * |expected|, and why that much is allowed.
struct Closeness: Sendable {
  var absolute: Double
  var relative: Double
  var reason: String

  /// Bit for bit, but for the sign of zero.
  static let exact = Closeness(
    absolute: 0, relative: 0, reason: "both sides do the same operations in the same order")

  func bound(for expected: Double) -> Double {
    absolute + relative * abs(expected)
  }
}

/// Records one issue if any element is out of bounds (or NaN), naming the worst one.
func expectClose(
  _ actual: [Double], _ expected: [Double], _ closeness: Closeness, _ name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record(
      "\(name) has \(actual.count) elements, expected \(expected.count)",
      sourceLocation: sourceLocation)
    return
  }
  func excess(_ index: Int) -> Double {
    if actual[index] == expected[index] { return 0 }
    let ratio = abs(actual[index] - expected[index]) / closeness.bound(for: expected[index])
    return ratio.isNaN ? .infinity : ratio
  }
  guard let worst = actual.indices.max(by: { excess($0) < excess($1) }), excess(worst) > 1 else {
    return
  }
  Issue.record(
    """
    \(name)[\(worst)] is \(actual[worst]), expected \(expected[worst]) \
    within \(closeness.bound(for: expected[worst])): \(closeness.reason)
    """,
    sourceLocation: sourceLocation)
}

/// The same for nested values of one shape.
func expectClose(
  _ actual: [[[Double]]], _ expected: [[[Double]]], _ closeness: Closeness, _ name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(
    flattened(actual), flattened(expected), closeness, name, sourceLocation: sourceLocation)
}

/// Of whole models against the oracle.
let oracleCloseness = Closeness(
  absolute: 2e-6, relative: 2e-5,
  reason: "sums of about a hundred Float products of size 1, each rounded to 6e-8, through up to "
    + "four layers and 4 steps")

extension Closeness {
  /// For a tensor of the engine's against the same in `Double`.
  static func float(of expected: [Double]) -> Closeness {
    let largest = expected.map { abs($0) }.max() ?? 0
    return Closeness(
      absolute: 1e-5 * max(0.1, largest), relative: 1e-5,
      reason: "Float rounds each operation by 6e-8 of its size, and tens to hundreds of roundings "
        + "of the size of the tensor's largest element meet in one element")
  }
}
