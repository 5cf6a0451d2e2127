/// A start that belongs to a parameter itself, or to some rows of it, whatever an
/// ``InitializationPlan`` says: a gate's bias that an option names, the ring of a diagonal
/// recurrence.
protocol ParameterStart: Hashable, Sendable {
  /// Whether nothing is left of what a plan says.
  var replacesAll: Bool { get }

  /// Overwrites what the plan drew.
  ///
  /// - Parameters:
  ///   - values: of the parameter, row-major.
  ///   - slice: the parameter.
  ///   - draws: the random numbers that belong to the own start of the parameter of that name.
  func apply(
    to values: inout [Float], of slice: ParameterLayout.Slice,
    draws: (_ name: String) -> RandomGenerator)
}

extension ParameterStart {
  var replacesAll: Bool { false }
}

/// A ``ParameterStart`` of any kind.
struct OwnStart: Hashable, Sendable {
  let start: any ParameterStart

  init(_ start: any ParameterStart) { self.start = start }

  static func == (one: OwnStart, other: OwnStart) -> Bool {
    AnyHashable(one.start) == AnyHashable(other.start)
  }

  func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(start)) }
}

/// The same number for all rows of some gates' blocks.
struct GateStart: ParameterStart {
  /// The number by block of H rows.
  var values: [Int: Float]

  func apply(
    to values: inout [Float], of slice: ParameterLayout.Slice,
    draws: (_ name: String) -> RandomGenerator
  ) {
    let block = (slice.hidden ?? slice.rows) * slice.columns
    for (gate, value) in self.values {
      for index in gate * block..<(gate + 1) * block { values[index] = value }
    }
  }
}
