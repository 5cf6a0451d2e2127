import RNNCore
import RNNReport
import RNNTasks

/// All runs of `reproduce pascanu`: how often each method solves each length from each start.
package struct PascanuStudy {
  /// Runs that differ by their seed alone.
  struct Cell {
    var start: PascanuPlan.Start
    var lengths: ClosedRange<Int>
    var method: PascanuPlan.Method
    var runs: [PascanuRun]

    var success: Proportion { Proportion(runs.count(where: \.isSolved), of: runs.count) }
    /// The middle one of the runs that succeeded; nil without any.
    var updatesToSolve: Int? {
      let solved = runs.filter(\.isSolved).map(\.updates).sorted()
      return solved.isEmpty ? nil : solved[solved.count / 2]
    }
    /// The farthest that any run is without error.
    var reach: Int? { runs.compactMap(\.reach).max() }
  }

  package let plan: PascanuPlan
  private(set) var runs: [PascanuRun] = []
  /// Wall-clock time of all runs.
  package private(set) var seconds = 0.0

  package init(_ plan: PascanuPlan) { self.plan = plan }

  /// The settings of all runs, in the order of the results.
  var settings: [PascanuRun.Setting] {
    plan.starts.flatMap { start in
      plan.lengths.flatMap { lengths in
        plan.methods.flatMap { method in
          plan.seeds.map { seed in
            PascanuRun.Setting(start: start, lengths: lengths, method: method, seed: seed)
          }
        }
      }
    }
  }

  /// Trains all networks, `threads` at a time, fewer with several threads each; what each becomes
  /// depends on its setting alone.
  package mutating func run(
    threads: Int, among ranks: (any RankGroup)? = nil, progress: ProgressReporter
  ) throws {
    let plan = plan
    let settings = settings
    var data: [ClosedRange<Int>: PascanuData] = [:]
    try plan.checkMemory(threads: threads)
    for lengths in plan.lengths {
      data[lengths] = try PascanuData(plan, lengths: lengths)
    }
    let shared = data
    (runs, seconds) = try ParallelRuns.timed(
      settings, threads: threads, among: ranks, progress: progress,
      body: { setting, team, report in
        guard let data = shared[setting.lengths] else {
          preconditionFailure("made for all lengths")
        }
        return try plan.run(setting, data: data, team: team, report: report)
      })
  }

  /// By start, length and method.
  func cell(
    _ start: PascanuPlan.Start, _ lengths: ClosedRange<Int>, _ method: PascanuPlan.Method
  ) -> Cell {
    Cell(
      start: start, lengths: lengths, method: method,
      runs: runs.filter {
        $0.setting.start == start && $0.setting.lengths == lengths && $0.setting.method == method
      })
  }
}
