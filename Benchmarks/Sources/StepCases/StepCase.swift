/// One piece of work of a fixed shape that is done again and again.
public struct StepCase: Sendable {
  /// What is looked at.
  public enum Measure: Sendable {
    /// Time, and that a step allocates nothing.
    case timeAndAllocations
    /// Time alone: its steps are part of others.
    case time
  }

  public let name: String
  public let measure: Measure
  private let make: @Sendable () throws -> Workload

  init(
    _ name: String, measure: Measure = .timeAndAllocations,
    make: @escaping @Sendable () throws -> Workload
  ) {
    self.name = name
    self.measure = measure
    self.make = make
  }

  /// Allocates everything that the steps work on.
  public func makeWorkload() throws -> Workload { try make() }

  /// All cases, in the order of the tables.
  public static let all =
    engineCases + streamCases + dividedCases + modelCases + generatorCases + passCases
}

/// A step, and what has to be done before each without being measured.
public final class Workload {
  public let prepare: () throws -> Void
  public let step: () throws -> Void

  public init(prepare: @escaping () throws -> Void = {}, step: @escaping () throws -> Void) {
    self.prepare = prepare
    self.step = step
  }
}
