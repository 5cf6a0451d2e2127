import RNNCore
import RNNReport
import RNNTasks

/// Why a training run ended.
package enum TrainEnding: Equatable {
  case epochs, patience, timeLimit
  case signal(Int32)
  case diverged(Divergence)
}

extension TrainSettings {
  /// What happens in a run, in its order.
  enum Event {
    case step(StepReport)
    /// A look at the validation data, after each epoch.
    case look(Course.Look)
    /// The state of a run that a time limit ends between two looks. It counts for nothing, so that
    /// the run goes on as if it had not been stopped.
    case glance(Course.Look)
  }

  /// A run at its start.
  ///
  /// - Parameters:
  ///   - task: the data.
  ///   - team: the threads of this process.
  ///   - ranks: the processes that train together; nil for this one alone.
  package func makeRun(
    task: any DataTask, team: ThreadTeam, ranks: (any RankGroup)? = nil
  ) throws -> TrainingRun {
    switch task {
    case let task as any SequenceDataTask:
      try makeRun(makeLearner(task, team: team), ranks)
    case let task as PairTask: try makeRun(makeLearner(task, team: team), ranks)
    case let task as VisualQuestionTask: try makeRun(makeLearner(task, team: team), ranks)
    default: preconditionFailure("every kind of task has a learner")
    }
  }

  private func makeRun(
    _ learner: TaskLearner<some LearningData>, _ ranks: (any RankGroup)?
  ) throws(RNNError) -> TrainingRun {
    try learner.trainer.divideBatches(
      into: shardsPerUpdate(ranks: ranks?.count ?? 1), among: ranks)
    return try TrainingRun(learner)
  }

  private func makeLearner(
    _ task: any SequenceDataTask, team: ThreadTeam
  ) throws -> TaskLearner<SequenceData> {
    let model = try model.makeModel(
      model.configuration(CellChoice(cell), for: task.shape, task: kind.rawValue), seed: seed,
      team: team)
    let trainer = try Trainer(
      model, rule: optimizer.rule(momentum: momentum), rate: rate,
      schedule: schedule(
        updatesPerEpoch: task.makeTrainingSource(seed: seed).batchesPerEpoch(examplesPerUpdate)),
      weightDecay: weightDecay, clipping: Clipping(clipMode, threshold: clip),
      averaging: averaging > 0 ? averaging : nil, normalizesEmbedding: normalizesEmbedding,
      nonFinite: .skip, reduction: reduction, seed: seed)
    do throws(RNNError) { try trainer.checkpointGradients(checkpointing) } catch {
      throw RNNError(
        error.kind, "--checkpoint-steps", expected: error.expected, found: error.found)
    }
    return try TaskLearner(
      task, trainer: trainer, batch: examplesPerUpdate, seed: seed,
      mayLookAhead: self.model.mayLookAhead)
  }

  private func makeLearner(_ task: PairTask, team: ThreadTeam) throws -> TaskLearner<
    ItemData<PairTask>
  > {
    let model = try model.makeModel(
      model.configuration(CellChoice(cell), for: task.pairs), seed: seed, team: team)
    return try makeLearner(task, model)
  }

  private func makeLearner(
    _ task: VisualQuestionTask, team: ThreadTeam
  ) throws -> TaskLearner<ItemData<VisualQuestionTask>> {
    let model = try model.makeModel(
      model.configuration(CellChoice(cell), for: task.visual), seed: seed, team: team)
    return try makeLearner(task, model)
  }

  private func makeLearner<Task: BatchTask>(
    _ task: Task, _ model: Task.Model
  ) throws -> TaskLearner<ItemData<Task>> {
    let updates = (task.training.count - 1) / examplesPerUpdate + 1
    let trainer = try Trainer(
      model, rule: optimizer.rule(momentum: momentum), rate: rate,
      schedule: schedule(updatesPerEpoch: updates), weightDecay: weightDecay,
      clipping: Clipping(clipMode, threshold: clip), averaging: averaging > 0 ? averaging : nil,
      nonFinite: .skip, seed: seed)
    return try TaskLearner(task, trainer: trainer, batch: examplesPerUpdate, seed: seed)
  }

  private func schedule(updatesPerEpoch updates: Int?) -> RateSchedule {
    schedule.inUpdates(perEpoch: updates ?? 1, epochs: scheduleEpochs ?? epochs)
  }

  /// What to say of a run that goes on with another plan for its rate than it was `saved` with; nil
  /// when the plan is the same.
  ///
  /// - Parameters:
  ///   - saved: the settings so far.
  ///   - run: where it goes on.
  func planChange(from saved: TrainSettings, at run: TrainingRun) -> String? {
    let (before, now) = (saved.scheduleEpochs ?? saved.epochs, scheduleEpochs ?? epochs)
    guard schedule.hasLength, before != now else { return nil }
    let rates = [saved, self].map {
      rate * $0.schedule(updatesPerEpoch: run.updatesPerEpoch).factor(update: run.course.updates)
    }
    return "\(schedule) is planned for \(now) epochs now, \(before) before: the rate goes on at "
      + "\(NumberFormat.significant(Double(rates[1]), digits: 3)), not at "
      + "\(NumberFormat.significant(Double(rates[0]), digits: 3)). A run in parts is that in one "
      + "with --schedule-epochs from its start."
  }

  /// Trains until the settings, the time limit, a signal or a divergence end it.
  ///
  /// - Parameters:
  ///   - agree: what this process goes by, together with those that train with it: asked between
  ///     any two things that are done.
  ///   - willLook: told before each look that the run owes.
  ///   - watch: told of everything that happens, right after it, but of what diverged.
  func train(
    _ run: TrainingRun, timeLimit: Double? = nil, agree: (() throws -> Agreement)? = nil,
    willLook: () throws -> Void = {}, watch: (Event) throws -> Void
  ) throws -> TrainEnding {
    func agreed() throws -> Agreement {
      try agree?()
        ?? Agreement(signal: Interruption.signal ?? 0, seconds: run.course.seconds)
    }
    while true {
      let now = try agreed()
      if now.signal != 0 { return .signal(now.signal) }
      if let divergence = run.divergence { return .diverged(divergence) }
      if run.owesLook {
        try willLook()
        if try agreed().signal != 0 { continue }
        try watch(.look(try run.look()))
        continue
      }
      if let ending = ending(run.course, at: now.seconds, timeLimit: timeLimit) {
        if run.course.looks.last?.updates != run.course.updates {
          try willLook()
          let signal = try agreed().signal
          if signal != 0 { return .signal(signal) }
          try watch(.glance(try run.glance()))
        }
        return ending
      }
      let report = try run.step()
      if run.divergence == nil { try watch(.step(report)) }
    }
  }

  private func ending(_ course: Course, at seconds: Double, timeLimit: Double?) -> TrainEnding? {
    if course.epochs >= epochs { return .epochs }
    if patience > 0, course.epochsWithoutGain >= patience { return .patience }
    if let timeLimit, seconds >= timeLimit { return .timeLimit }
    return nil
  }
}
