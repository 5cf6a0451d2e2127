import RNNCore
import RNNTasks

/// Why a training run ended.
enum TrainEnding: Equatable {
  case epochs, patience, timeLimit
  case signal(Int32)
}

extension TrainSettings {
  /// What happens in a run, in its order.
  enum Event {
    case step(StepReport)
    /// A look at the validation data: after each epoch, and at the end of a run that a time limit ends.
    case look(Course.Look)
  }

  /// A run at its start.
  ///
  /// - Parameter validation: the task's own, packed once for several runs; nil to pack it here.
  func makeRun(
    task: any DataTask, team: ThreadTeam, validation: HeldOutData? = nil
  ) throws -> TrainingRun {
    let choice = try CellChoice(cell)
    let model = try model.makeModel(
      model.configuration(choice, for: task.shape, task: kind.rawValue), seed: seed, team: team)
    let source = task.makeTrainingSource(seed: seed)
    let schedule = schedule.inUpdates(
      perEpoch: source.batchesPerEpoch(batch) ?? 1, epochs: epochs)
    let trainer = try Trainer(
      model, rule: optimizer.rule(momentum: momentum), rate: rate, schedule: schedule,
      weightDecay: weightDecay, clipping: Clipping(clipMode, threshold: clip),
      averaging: averaging > 0 ? averaging : nil, normalizesEmbedding: normalizesEmbedding,
      nonFinite: .skip, reduction: reduction, seed: seed)
    return try TrainingRun(
      task, trainer: trainer, batch: batch, seed: seed, validation: validation)
  }

  /// Trains until the settings, the time limit or a signal end it.
  ///
  /// - Parameter watch: told of everything that happens, right after it.
  func train(
    _ run: TrainingRun, timeLimit: Double? = nil, watch: (Event) throws -> Void
  ) throws -> TrainEnding {
    while true {
      if let signal = Interruption.signal { return .signal(signal) }
      if let ending = ending(run.course, timeLimit: timeLimit) {
        // A time limit may end a run between two looks.
        if run.course.looks.last?.updates != run.course.updates {
          try watch(.look(try run.look()))
        }
        return ending
      }
      let report = try run.step()
      try watch(run.isAtEpochEnd ? .look(try run.look()) : .step(report))
    }
  }

  private func ending(_ course: Course, timeLimit: Double?) -> TrainEnding? {
    if course.epochs >= epochs { return .epochs }
    if patience > 0, course.epochsWithoutGain >= patience { return .patience }
    if let timeLimit, course.seconds >= timeLimit { return .timeLimit }
    return nil
  }
}
