import RNNCore
import RNNTasks

/// One network on the adding problem, and how its training went.
struct AddingRun: Codable, Sendable {
  struct Setting: Codable, Sendable {
    /// Its place among the rows of the plan.
    var row: Int
    var length: Int
    var seed: UInt64
  }

  /// A look at the validation data.
  struct Look: Codable, Sendable {
    var updates: Int
    /// The mean squared error.
    var error: Double
  }

  var setting: Setting
  var updates = 0
  /// Training sequences seen.
  var sequences = 0
  var seconds = 0.0
  var looks: [Look] = []
  var isSolved = false
  /// Steps whose gradient or loss was not finite.
  var nonFiniteSteps = 0
  /// On the test sequences at the end: the mean squared error, and how many are off by more than
  /// ``AddingTask/tolerance``.
  var testError = Double.nan
  var wrong = 0
}

/// The sequences that runs of one length are judged by, made once for all of them.
struct AddingData: Sendable {
  let task: AddingTask
  let validation: HeldOutData
  let test: HeldOutData

  init(_ plan: AddingPlan, length: Int) throws {
    task = try AddingTask(
      lengths: plan.range(length), target: plan.target, seed: plan.dataSeed, heldOut: plan.heldOut)
    validation = HeldOutData(task.validation)
    test = HeldOutData(task.test)
  }
}

extension AddingPlan {
  /// Trains until success or the last update.
  func run(
    _ setting: AddingRun.Setting, data: AddingData, team: ThreadTeam, report: ParallelRuns.Report
  ) throws -> AddingRun {
    let trainer = try makeTrainer(rows[setting.row].cell, seed: setting.seed, team: team)
    let model = trainer.model
    let pass = model.makePass()
    var run = AddingRun(setting: setting)
    var source = data.task.makeTrainingSource(seed: setting.seed)
    var streak = Streak()
    let begin = ContinuousClock.now
    while run.updates < updates, !run.isSolved {
      let examples = source.nextBatch(batch).examples
      if case .recentSequences(let count) = success {
        try streak.add(examples, model: model, task: data.task, pass: pass)
        run.isSolved = streak.count >= count
      }
      let step = try trainer.step(SequenceBatch(examples))
      streak.lastLoss = step.loss
      run.updates += 1
      run.sequences += batch
      if !step.didUpdate || !step.loss.isFinite { run.nonFiniteSteps += 1 }
      guard run.updates % interval == 0 || run.updates == updates || run.isSolved else { continue }
      let error = try data.validation.evaluate(model, on: data.task, pass: pass).loss
      run.looks.append(AddingRun.Look(updates: run.updates, error: error))
      if case .validationError(let limit) = success { run.isSolved = error < limit }
      report(Double(run.updates) / Double(updates))
    }
    run.seconds = (ContinuousClock.now - begin) / .seconds(1)
    let (error, solved) = try data.test.evaluate(model, on: data.task, pass: pass)
    run.testError = error
    run.wrong = data.task.test.count - Int((solved.value * Double(data.task.test.count)).rounded())
    return run
  }

  /// How many training sequences in a row were right before the network was trained on them. A
  /// batch with a wrong one begins anew.
  private struct Streak {
    private(set) var count = 0
    /// Of the batch before.
    var lastLoss = Double.infinity

    /// A mean squared error of tolerance² or more has a wrong answer in it: right after such a
    /// batch no forward pass is spent on the next one, which then does not count.
    mutating func add(
      _ examples: [Example], model: SequenceModel, task: AddingTask, pass: ModelPass
    ) throws {
      guard lastLoss < Double(AddingTask.tolerance * AddingTask.tolerance) else {
        count = 0
        return
      }
      let solved = try HeldOutData(ExampleList(examples)).evaluate(model, on: task, pass: pass)
        .metric
      count = solved.value == 1 ? count + examples.count : 0
    }
  }
}
