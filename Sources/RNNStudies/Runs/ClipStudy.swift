import RNNCore
import RNNReport
import RNNTasks

/// Every cell with every clipping threshold and every seed: what `clip` measures.
package struct ClipStudy {
  /// A cell with one threshold.
  package struct Row {
    var choice: CellChoice
    package var clipping: Clipping
    var results: [RunResult] = []
  }

  package let plan: RunPlan
  package private(set) var rows: [Row]

  package init(_ plan: RunPlan) throws {
    self.plan = plan
    let thresholds = try plan.settings.thresholdList()
    rows = try plan.choices.flatMap { choice in
      _ = try plan.configuration(choice)
      return try thresholds.map { threshold in
        Row(
          choice: choice,
          clipping: try threshold.map { try Clipping(plan.clipMode, threshold: $0) } ?? .none)
      }
    }
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
          choice: $0.choice, hidden: plan.model.hidden, clipping: $0.clipping,
          label: "\($0.choice.name), \($0.clipping.label)")
      }, among: ranks, progress: progress)
    for (index, results) in found.enumerated() { rows[index].results = results }
  }

  package var results: [RunResult] { rows.flatMap(\.results) }

  package var mode: Clipping.Mode { plan.clipMode }
  /// The cells in their order.
  package var choices: [CellChoice] { plan.choices }

  package func rows(of choice: CellChoice) -> [Row] { rows.filter { $0.choice == choice } }
}

extension ClipStudy.Row {
  func successes(_ success: Double) -> Int { results.count { $0.succeeds(at: success) } }

  /// The median over the runs of each one's quantile of the gradient norm: a run on its way out has
  /// norms that decide any mean. Nil when no gradient was finite.
  func normQuantile(_ level: Double) -> Double? {
    results.compactMap { $0.clips.normQuantiles([level])?[0] }.median
  }

  /// Mean validation loss; infinite when a run has none.
  var validLoss: Double {
    let mean = Interval(results.map(\.validLoss)).mean
    return mean.isFinite ? mean : .infinity
  }
}

extension Clipping {
  /// The threshold as text, "none" without.
  package var label: String { threshold.map { "\($0)" } ?? "none" }
}
