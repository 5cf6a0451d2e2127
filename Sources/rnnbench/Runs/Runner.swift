import RNNCore
import RNNTasks

/// Trains one row with one seed and measures it.
struct Runner {
  let plan: RunPlan
  let team: ThreadTeam
  /// GFLOP/s of the machine's sgemm with the same threads.
  let peak: Double
  /// Whether a run is judged by its best look at the validation data (which cell can do more?) or by its
  /// end (did it stay on course?).
  let keepsBest: Bool
  let validation: HeldOutData
  let test: HeldOutData

  init(_ plan: RunPlan, team: ThreadTeam, peak: Double, keepsBest: Bool) throws {
    self.plan = plan
    self.keepsBest = keepsBest
    self.team = team
    self.peak = peak
    validation = try HeldOutData(plan.task.validation)
    test = try HeldOutData(plan.task.test)
  }

  /// Looks at the validation data this often in a run that is not counted in epochs.
  private static let looks = 12

  /// One run a seed of the plan.
  func runAll(
    _ choice: CellChoice, hidden: Int, clipping: Clipping, label: String,
    progress: ProgressReporter
  ) throws -> [RunResult] {
    try plan.seeds.map { seed in
      progress.begin("\(label), seed \(seed)", total: 1000)
      let result = try run(choice, hidden: hidden, clipping: clipping, seed: seed) { done, note in
        progress.update(Int(1000 * done), note: note)
      }
      progress.finish(
        note: result.diverged
          ? "diverged" : plan.format(Interval([result.metric]), name: result.metricName))
      return result
    }
  }

  private func run(
    _ choice: CellChoice, hidden: Int, clipping: Clipping, seed: UInt64,
    progress: (_ done: Double, _ note: String) -> Void
  ) throws -> RunResult {
    let model = try SequenceModel(
      plan.configuration(choice, hidden: hidden),
      initialization: plan.initializationPlan(choice), seed: seed, team: team)
    let trainer = try Trainer(
      model, rule: plan.optimizer.rule(momentum: plan.momentum), rate: plan.rate,
      clipping: clipping, nonFinite: .skip, seed: seed)
    var course = Course(
      result: RunResult(
        cell: choice.name, seed: seed, hidden: hidden, parameters: model.parameterCount),
      best: ParameterStore(layout: model.parameters.layout))
    try train(trainer, seed: seed, course: &course, progress: progress)
    course.result.clipping = clipping
    course.result.clips = trainer.statistics
    course.result.norms.finish()
    try score(model, course: &course)
    return course.result
  }

  /// A run on its way.
  private struct Course {
    var result: RunResult
    /// The parameters with the best validation metric so far, and that metric.
    var best: ParameterStore
    var bestMetric: Metric?
    var tokens = 0
    var epochs = 0
    var lossSum = 0.0
    var lossCount = 0
    var firstLoss: Double?
  }

  private func train(
    _ trainer: Trainer, seed: UInt64, course: inout Course,
    progress: (Double, String) -> Void
  ) throws {
    var feed = TrainingFeed(plan.task, seed: seed, batch: plan.batch, for: trainer.model)
    let pass = trainer.model.makePass()
    try look(trainer.model, pass: pass, course: &course)
    while usedShare(course) < 1, !course.result.diverged {
      let (batch, epochs) = try feed.next()
      let before = usedShare(course)
      let time = try ContinuousClock().measure {
        try add(trainer.step(batch, state: &feed.state), to: &course)
      }
      course.result.seconds += time / .seconds(1)
      course.result.updates += 1
      course.tokens += batch.layout.rowCount
      let finished = epochs.map { $0 > course.epochs } ?? false
      course.epochs = epochs ?? 0
      let after = usedShare(course)
      let passesMark = Int(after * Double(Self.looks)) > Int(before * Double(Self.looks))
      // The last look is due at the end, whichever part of the budget brought it.
      if after >= 1 || (plan.budget.epochs != nil ? finished : passesMark) {
        try look(trainer.model, pass: pass, course: &course)
      }
      progress(min(1, after), note(course))
    }
  }

  /// How much of the budget is used up; 1 and more ends the run.
  private func usedShare(_ course: Course) -> Double {
    let budget = plan.budget
    return max(
      budget.updates.map { Double(course.result.updates) / Double($0) } ?? 0,
      budget.epochs.map { Double(course.epochs) / Double($0) } ?? 0,
      budget.seconds.map { course.result.seconds / $0 } ?? 0)
  }

  private func add(_ report: StepReport, to course: inout Course) {
    course.result.norms.add(report, done: usedShare(course))
    guard report.didUpdate, report.loss.isFinite else {
      course.result.diverged = true
      return
    }
    if course.firstLoss == nil { course.firstLoss = report.loss }
    course.lossSum += report.loss
    course.lossCount += 1
  }

  /// Measures on the validation data and keeps the parameters when they are the best so far.
  private func look(_ model: SequenceModel, pass: ModelPass, course: inout Course) throws {
    let (loss, metric) = try validation.evaluate(model, on: plan.task, pass: pass)
    if course.lossCount > 0 {
      course.result.trainLoss = course.lossSum / Double(course.lossCount)
      (course.lossSum, course.lossCount) = (0, 0)
    }
    course.result.curve.append(
      .init(
        updates: course.result.updates, seconds: course.result.seconds,
        trainLoss: course.result.trainLoss, validLoss: loss))
    if !keepsBest {
      course.result.validLoss = loss
    } else if loss.isFinite, isBetter(metric, loss, course) {
      course.bestMetric = metric
      course.result.validLoss = loss
      try course.best.copy(from: model.parameters)
    }
    if course.result.secondsToTarget == nil, loss <= plan.targetLoss {
      course.result.secondsToTarget = course.result.seconds
    }
  }

  /// A better metric, or the same with a lower loss.
  private func isBetter(_ metric: Metric, _ loss: Double, _ course: Course) -> Bool {
    guard let best = course.bestMetric else { return true }
    if metric.value == best.value { return loss < course.result.validLoss }
    return metric.higherIsBetter ? metric.value > best.value : metric.value < best.value
  }

  /// The test metric of the kept parameters, speed, and whether the run went astray.
  private func score(_ model: SequenceModel, course: inout Course) throws {
    if let last = course.result.curve.last, let first = course.result.curve.first {
      let grew = !(last.validLoss <= 2 * first.validLoss)
      course.result.diverged = course.result.diverged || grew
    }
    // A run that ended in numbers that are none has no final loss.
    if course.result.diverged, !keepsBest { course.result.validLoss = .nan }
    if course.bestMetric != nil { try model.parameters.copy(from: course.best) }
    let metric = try test.evaluate(model, on: plan.task, pass: model.makePass()).metric
    course.result.metric = metric.value
    course.result.metricName = metric.name
    course.result.higherIsBetter = metric.higherIsBetter
    guard course.result.seconds > 0 else { return }
    course.result.tokensPerSecond = Double(course.tokens) / course.result.seconds
    course.result.gflops = 3e-9 * model.flopsPerToken * course.result.tokensPerSecond
    course.result.peakShare = course.result.gflops / peak
  }

  private func note(_ course: Course) -> String {
    guard let last = course.result.curve.last, last.validLoss.isFinite else { return "" }
    return "validation loss " + NumberFormat.significant(last.validLoss, digits: 3)
  }
}
