import RNNCore
import RNNReport
import RNNTasks

/// Every cell with every seed on one task: what `compare` measures.
struct Comparison {
  /// What is held equal between rows.
  enum Fairness: String, CaseIterable {
    case hidden, parameters, time
  }

  /// A cell with the hidden size that fairness gives it.
  struct Row {
    var choice: CellChoice
    var hidden: Int
    var results: [RunResult] = []
  }

  let plan: RunPlan
  let fairness: Fairness
  let clipping: Clipping
  private(set) var rows: [Row]

  init(_ plan: RunPlan, cells: [CellChoice], fairness: Fairness, clipping: Clipping) throws {
    var plan = plan
    if fairness == .time {
      // Updates and epochs would end a fast cell early.
      plan.budget = RunPlan.Budget(seconds: plan.budget.seconds ?? 10)
    }
    self.plan = plan
    self.fairness = fairness
    self.clipping = clipping
    var target: Int?
    rows = try cells.map { choice in
      let own = try plan.configuration(choice, hidden: plan.model.hidden).parameterCount()
      guard fairness == .parameters else { return Row(choice: choice, hidden: plan.model.hidden) }
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

  mutating func run(_ runner: Runner, progress: ProgressReporter) throws {
    for index in rows.indices {
      let row = rows[index]
      rows[index].results = try runner.runAll(
        row.choice, hidden: row.hidden, clipping: clipping, label: row.choice.name,
        progress: progress)
    }
  }

  var results: [RunResult] { rows.flatMap(\.results) }
}
