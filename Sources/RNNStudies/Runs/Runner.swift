import RNNCore
import RNNReport
import RNNTasks

/// Trains one row with one seed and measures it.
package struct Runner {
  package let plan: RunPlan
  package let team: ThreadTeam
  /// GFLOP/s of the machine's sgemm with the same threads.
  package let peak: Double
  /// Whether a run is judged by its best look at the validation data (which cell can do more?) or
  /// by its end (did it stay on course?).
  package let keepsBest: Bool
  package let validation: HeldOutData
  package let test: HeldOutData

  package init(_ plan: RunPlan, team: ThreadTeam, peak: Double, keepsBest: Bool) throws {
    self.plan = plan
    self.keepsBest = keepsBest
    self.team = team
    self.peak = peak
    validation = HeldOutData(plan.task.validation)
    test = HeldOutData(plan.task.test)
  }

  /// Looks at the validation data this often in a run that is not counted in epochs.
  private static let looks = 12

  /// What is trained with every seed of the plan.
  struct Row {
    var choice: CellChoice
    var hidden: Int
    var clipping: Clipping
    /// What the progress calls it.
    var label: String
  }

  /// The runs of each row, one a seed of the plan; of several processes each makes its share.
  func runAll(
    _ rows: [Row], among ranks: (any RankGroup)?, progress: ProgressReporter
  ) throws -> [[RunResult]] {
    let seeds = plan.runSeeds
    let items = rows.flatMap { row in seeds.map { (row, $0) } }
    let results = try SpreadRuns(ranks: ranks).map(items) { own in
      try own.enumerated().map { index, item in
        let (row, seed) = item
        func whole(_ done: Double) -> ProgressReporter.Whole {
          ProgressReporter.Whole(share: (Double(index) + done) / Double(own.count))
        }
        progress.begin(
          "Run \(index + 1) of \(own.count): \(row.label), seed \(seed)", total: 1000,
          of: whole(0))
        defer { progress.finish() }
        return try run(
          row.choice, hidden: row.hidden, clipping: row.clipping, seed: seed
        ) { done, note in
          progress.update(Int(1000 * done), of: whole(done), note: note)
        }
      }
    }
    return rows.indices.map { Array(results[$0 * seeds.count..<($0 + 1) * seeds.count]) }
  }

  private func run(
    _ choice: CellChoice, hidden: Int, clipping: Clipping, seed: UInt64,
    progress: (_ done: Double, _ note: String) -> Void
  ) throws -> RunResult {
    let model = try plan.makeModel(choice, hidden: hidden, seed: seed, team: team)
    let trainer = try Trainer(
      model, rule: plan.settings.rule, rate: plan.rate,
      weightDecay: plan.weightDecay, clipping: clipping, nonFinite: .skip, seed: seed)
    let run = try TrainingRun(
      plan.task, trainer: trainer, batch: plan.batch, seed: seed)
    var result = RunResult(
      cell: choice.name, seed: seed, hidden: hidden, parameters: model.parameterCount)
    try train(run, norms: &result.norms, progress: progress)
    result.add(run.course)
    result.clipping = clipping
    result.clips = trainer.statistics
    result.norms.finish()
    try score(run, of: model, result: &result)
    return result
  }

  private func train(
    _ run: TrainingRun, norms: inout NormHistory, progress: (Double, String) -> Void
  ) throws {
    try run.look()
    while usedShare(run.course) < 1, run.course.nonFiniteSteps == 0 {
      let before = usedShare(run.course)
      let report = try run.step()
      let after = usedShare(run.course)
      norms.add(report, done: before)
      let passesMark = Int(after * Double(Self.looks)) > Int(before * Double(Self.looks))
      // The last look is due at the end, whichever limit brought it.
      if after >= 1 || (plan.epochs != nil ? run.isAtEpochEnd : passesMark) {
        try run.look()
      }
      progress(min(1, after), note(run.course))
    }
  }

  /// How much of the run is done; 1 ends it.
  private func usedShare(_ course: Course) -> Double {
    min(
      1,
      max(
        plan.updates.map { Double(course.updates) / Double($0) } ?? 0,
        plan.epochs.map { Double(course.epochs) / Double($0) } ?? 0,
        plan.timeLimit.map { course.seconds / $0 } ?? 0))
  }

  /// The test metric of the judged parameters, speed, and whether the run went astray.
  private func score(
    _ run: TrainingRun, of model: SequenceModel, result: inout RunResult
  ) throws {
    if let last = result.curve.last, let first = result.curve.first {
      let grew = !(last.validLoss <= 2 * first.validLoss)
      result.diverged = result.diverged || grew
    }
    result.secondsToTarget =
      result.curve.first { $0.validLoss <= plan.targetLoss }?.seconds
    if keepsBest {
      result.validLoss = run.course.bestLook?.validLoss ?? .nan
      try run.useBest()
    } else if !result.diverged {
      // A run that ended in numbers that are none has no final loss.
      result.validLoss = result.curve.last?.validLoss ?? .nan
    }
    let metric = try test.evaluate(model, on: plan.task, pass: model.makePass()).metric
    result.metric = metric.value
    result.metricName = metric.name
    result.higherIsBetter = metric.higherIsBetter
    let course = run.course
    result.tokensPerSecond = course.tokensPerSecond
    result.gflops = course.seconds > 0 ? 3e-9 * run.forwardFlops / course.seconds : 0
    result.peakShare = result.gflops / peak
  }

  private func note(_ course: Course) -> String {
    guard let last = course.looks.last, last.validLoss.isFinite else { return "" }
    return "validation loss " + NumberFormat.significant(last.validLoss, digits: 3)
  }
}
