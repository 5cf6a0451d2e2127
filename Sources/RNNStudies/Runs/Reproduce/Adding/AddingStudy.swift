import RNNCore
import RNNReport
import RNNTasks

/// All runs of an experiment on the adding problem.
package struct AddingStudy {
  package let plan: AddingPlan
  private(set) var runs: [AddingRun] = []
  /// Wall-clock time of all runs.
  package private(set) var seconds = 0.0

  package init(_ plan: AddingPlan) { self.plan = plan }

  /// Trains all networks, `threads` at a time, fewer with several threads each; what each becomes
  /// depends on its setting alone.
  package mutating func run(
    threads: Int, among ranks: (any RankGroup)? = nil, progress: ProgressReporter
  ) throws {
    let plan = plan
    let settings = plan.lengths.flatMap { length in
      plan.rows.indices.flatMap { row in
        plan.seeds.map { AddingRun.Setting(row: row, length: length, seed: $0) }
      }
    }
    // All runs of a length are judged by the same sequences.
    var data: [Int: AddingData] = [:]
    try plan.checkMemory(threads: threads)
    for length in plan.lengths { data[length] = try AddingData(plan, length: length) }
    let shared = data
    (runs, seconds) = try ParallelRuns.timed(
      settings, threads: threads, among: ranks, progress: progress,
      body: { setting, team, report in
        guard let data = shared[setting.length] else {
          preconditionFailure("made for all lengths")
        }
        return try plan.run(setting, data: data, team: team, report: report)
      })
  }

  /// Runs that differ by their seed alone.
  func runs(row: Int, length: Int) -> [AddingRun] {
    runs.filter { $0.setting.row == row && $0.setting.length == length }
  }
}
