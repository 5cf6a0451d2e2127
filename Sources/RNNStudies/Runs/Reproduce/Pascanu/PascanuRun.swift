import RNNCore
import RNNTasks

/// One network of `reproduce pascanu`, and how its training went.
struct PascanuRun: Codable, Sendable {
  struct Setting: Codable, Sendable {
    var start: PascanuPlan.Start
    var lengths: ClosedRange<Int>
    var method: PascanuPlan.Method
    var seed: UInt64
  }

  var setting: Setting
  var updates = 0
  var seconds = 0.0
  /// Share of the held-out sequences that are answered wrongly at the end.
  var error = Double.nan
  var isSolved = false
  /// A gradient without clipping was not finite, or the loss was.
  var diverged = false
  var clips = ClipStatistics()
  /// The longest sequences without an error: the trained length, doubled as long as all are right,
  /// at most ``PascanuPlan/farthest``. Nil for a run without success or with an error at its own
  /// length.
  var reach: Int?
  /// Ω, its mean over the updates since the last look; nil without the regulariser.
  var omega: Double?
}

/// The sequences that runs of one length are judged by, made once for all of them.
struct PascanuData: Sendable {
  let task: OneHotTask
  let watched: HeldOutData
  let heldOut: HeldOutData

  /// Sequences that are measured at once.
  static let sideBySide = 250

  init(_ plan: PascanuPlan, lengths: ClosedRange<Int>) throws {
    task = try OneHotTask(
      TemporalOrderTask(
        lengths: lengths, seed: plan.dataSeed,
        heldOut: HeldOutSizes(validation: plan.watched, test: plan.heldOut)))
    watched = HeldOutData(task.validation, batch: Self.sideBySide)
    heldOut = HeldOutData(task.test, batch: Self.sideBySide)
  }
}

extension PascanuPlan {
  /// Trains until success, the last update, or divergence.
  func run(
    _ setting: PascanuRun.Setting, data: PascanuData, team: ThreadTeam,
    report: ParallelRuns.Report
  ) throws -> PascanuRun {
    let begin = ContinuousClock.now
    let model = try makeModel(setting.start, task: data.task, seed: setting.seed, team: team)
    let trainer = try makeTrainer(model, setting.method)
    let pass = model.makePass()
    var run = PascanuRun(setting: setting)
    var source = data.task.makeTrainingSource(seed: setting.seed)
    var (omegas, looked) = (0.0, 0)
    while run.updates < updates, !run.isSolved, !run.diverged {
      let step = try trainer.step(SequenceBatch(source.nextBatch(Self.batch).examples))
      run.updates += 1
      omegas += step.regularization ?? 0
      run.diverged = !step.loss.isFinite || !step.didUpdate
      guard run.updates % interval == 0 || run.updates == updates || run.diverged else { continue }
      if regularizes(setting) { run.omega = omegas / Double(run.updates - looked) }
      (omegas, looked) = (0, run.updates)
      run.error = try error(model, data.watched, data.task, pass)
      // Few sequences may all be right by chance: what counts is decided by all.
      if run.error < Self.allowedError || run.updates == updates {
        run.error = try error(model, data.heldOut, data.task, pass)
        run.isSolved = run.error < Self.allowedError
      }
      report(Double(run.updates) / Double(updates))
    }
    if run.isSolved { run.reach = try reach(model, setting, pass) }
    run.clips = trainer.statistics
    run.seconds = (ContinuousClock.now - begin) / .seconds(1)
    return run
  }

  /// How far beyond the trained lengths the network makes no error.
  private func reach(
    _ model: SequenceModel, _ setting: PascanuRun.Setting, _ pass: ModelPass
  ) throws -> Int? {
    var (reached, length) = (Int?.none, setting.lengths.upperBound)
    while reached != length {
      let task = try OneHotTask(
        TemporalOrderTask(
          lengths: length...length, seed: setting.seed,
          heldOut: HeldOutSizes(validation: 1, test: Self.reachSequences)))
      // Few at once: the states of a batch grow with its length.
      let data = HeldOutData(task.test, batch: 20)
      guard try error(model, data, task, pass) == 0 else { break }
      reached = length
      length = max(length, min(2 * length, Self.farthest))
    }
    return reached
  }

  private func regularizes(_ setting: PascanuRun.Setting) -> Bool { setting.method == .regularized }

  private func error(
    _ model: SequenceModel, _ data: HeldOutData, _ task: OneHotTask, _ pass: ModelPass
  ) throws -> Double {
    1 - (try data.evaluate(model, on: task, pass: pass).metric.value)
  }
}
