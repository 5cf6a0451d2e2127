import RNNCore
import RNNReport
import RNNTasks

/// Every cell with every seed on one task: what `compare` measures.
package struct Comparison {
  /// A cell with the hidden size that fairness gives it.
  package struct Row {
    package var choice: CellChoice
    var hidden: Int
    var results: [RunResult] = []
  }

  package let plan: RunPlan
  package let clipping: Clipping
  package private(set) var rows: [Row]

  package init(_ plan: RunPlan) throws {
    self.plan = plan
    clipping = try Clipping(plan.clipMode, threshold: plan.clip)
    var target: Int?
    rows = try plan.choices.map { choice in
      let own = try plan.configuration(choice).parameterCount()
      guard plan.fairness == .parameters else {
        return Row(choice: choice, hidden: plan.model.hidden)
      }
      target = target ?? own
      return Row(
        choice: choice, hidden: try Self.hidden(for: choice, plan: plan, parameters: target ?? own))
    }
  }

  /// The hidden size whose parameter count is nearest to `parameters`.
  private static func hidden(
    for choice: CellChoice, plan: RunPlan, parameters: Int
  ) throws -> Int {
    func count(_ hidden: Int) throws -> Int {
      try plan.configuration(choice, hidden: hidden).parameterCount()
    }
    var (low, high) = (1, 2)
    while try count(high) < parameters { (low, high) = (high, 2 * high) }
    while high - low > 1 {
      let middle = (low + high) / 2
      if try count(middle) < parameters { low = middle } else { high = middle }
    }
    return try parameters - count(low) < count(high) - parameters ? low : high
  }

  /// - Parameters:
  ///   - runner: trains and measures.
  ///   - ranks: processes that share the runs; nil for this one alone.
  ///   - progress: shows how far it is.
  package mutating func run(
    _ runner: Runner, among ranks: (any RankGroup)? = nil, progress: ProgressReporter
  ) throws {
    let found = try runner.runAll(
      rows.map {
        Runner.Row(
          choice: $0.choice, hidden: $0.hidden, clipping: clipping, label: $0.choice.name)
      }, among: ranks, progress: progress)
    for (index, results) in found.enumerated() { rows[index].results = results }
  }

  package var results: [RunResult] { rows.flatMap(\.results) }
}
