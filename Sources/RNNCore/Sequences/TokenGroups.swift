/// The order in which the gradients of parameters add up the tokens of a pass.
///
/// A sum of floats depends on its order. This one suits BPTT, which comes to the last steps first:
/// groups of whole steps, the last group first, and within a group from its first token to its
/// last. Whoever forgets early steps and makes them anew on the way back, stretch by stretch of
/// whole groups, comes to the same bits as whoever keeps them all.
enum TokenGroups {
  /// Rows that are not the steps of sequences, in their order.
  case one(rows: Int)
  /// Packed rows.
  case steps(SequenceLayout)

  /// Rows of a group, unless one step has more: what our kernels for sums over tokens read in one
  /// sweep, so that groups cost nothing.
  static let rows = 512

  /// Calls `body` with the rows of each group, in the order in which they are added.
  func forEachGroup(_ body: (Range<Int>) -> Void) {
    switch self {
    case .one(let rows): body(0..<rows)
    case .steps(let layout): layout.forEachGroup { body(layout.rows(ofSteps: $0)) }
    }
  }

  /// Calls `body` with the same rows in the same order, ``rows`` of them at most: what several sums
  /// read of them, one after the other, stays in a core's cache meanwhile.
  func forEachBlock(_ body: (Range<Int>) -> Void) {
    forEachGroup { group in
      for first in stride(from: group.lowerBound, to: group.upperBound, by: Self.rows) {
        body(first..<min(first + Self.rows, group.upperBound))
      }
    }
  }
}

extension SequenceLayout {
  /// Calls `body` with the steps of each group of ``TokenGroups``, the last ones first.
  func forEachGroup(_ body: (Range<Int>) -> Void) {
    for group in groups.indices.dropLast().reversed() { body(groups[group]..<groups[group + 1]) }
  }
}

extension Rows.Order {
  /// How gradients add up `count` rows of this order.
  func groups(of count: Int) -> TokenGroups {
    if case .packed(let layout) = self { return .steps(layout) }
    return .one(rows: count)
  }
}
