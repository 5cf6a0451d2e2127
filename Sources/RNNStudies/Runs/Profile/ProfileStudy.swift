import RNNCore
import RNNReport
import RNNTasks

/// Every cell looked at before and after some training: what `profile` measures.
package struct ProfileStudy {
  /// One cell.
  package struct Row {
    package var choice: CellChoice
    var start: Snapshot
    /// After training; nil when there was none.
    var trained: Snapshot?
    /// Profiles of training steps, of all answers, oldest first.
    var history: [GradientProfile] = []
    var clips = ClipStatistics()
    /// As it is at the end.
    package var model: SequenceModel
    /// What the first look is called.
    var firstLook: String

    /// The last look at the model.
    var last: Snapshot { trained ?? start }
    /// All looks, with what they are called.
    var looks: [(name: String, snapshot: Snapshot)] {
      [(firstLook, start)] + (trained.map { [("trained", $0)] } ?? [])
    }
  }

  package let plan: RunPlan
  let clipping: Clipping
  /// The model that is looked at instead of new ones; nil for those.
  let saved: ModelFile?
  package private(set) var rows: [Row] = []

  /// - Parameter saved: a model to look at as it is, without training; nil to make new ones.
  package init(_ plan: RunPlan, saved: ModelFile? = nil) throws {
    self.plan = plan
    self.saved = saved
    clipping = try Clipping(plan.clipMode, threshold: plan.clip)
    let carries = plan.task.makeTrainingSource(seed: 0).carriesState
    let limit = carries ? (plan.task.memoryNeeded ?? 0) + 1 : .max
    probe = plan.task.validation.enumerated()
      .sorted { ($1.element.length, $0.offset) < ($0.element.length, $1.offset) }
      .prefix(plan.batch).map { $0.element.prefix(limit) }
    for choice in plan.choices {
      guard !choice.isFeedForward else {
        throw RNNError(
          .unsupported, "--cells", expected: "recurrent cells", found: choice.name)
      }
      _ = try plan.configuration(choice)
    }
  }

  var probing: ProfiledLoss { plan.probe }
  /// Training steps a cell; 0 for a look at the start alone.
  var updates: Int { saved == nil ? plan.updates ?? 0 : 0 }

  /// What the first look at a model is called.
  var firstLook: String { saved == nil ? "start" : "saved" }

  /// How many profiles are taken while training.
  private static let looks = 24

  /// The longest validation examples, a batch of them. Those of a stream of text are cut to the
  /// steps that training looks back.
  private let probe: [Example]

  /// The steps over which the task asks to remember.
  var memoryNeeded: Int {
    min(plan.task.memoryNeeded ?? .max, max(0, (probe.map(\.length).max() ?? 1) - 1))
  }

  package mutating func run(team: ThreadTeam, progress: ProgressReporter) throws {
    let (batch, seed) = (try SequenceBatch(probe), plan.seed)
    for choice in plan.choices {
      progress.begin(choice.name, total: updates + 2)
      let model =
        try saved.map { try SequenceModel($0, team: team) }
        ?? plan.makeModel(choice, seed: seed, team: team)
      var row = Row(
        choice: choice, start: try Snapshot(model, batch, probing: probing, context(choice)),
        model: model, firstLook: firstLook)
      progress.update(1)
      if updates > 0 { try train(model, seed: seed, batch: batch, row: &row, progress: progress) }
      rows.append(row)
      progress.finish()
    }
  }

  private func context(_ choice: CellChoice, clips: ClipStatistics? = nil) -> VerdictContext {
    VerdictContext(
      cell: choice.cell ?? .elman(.tanh), memoryNeeded: memoryNeeded, clips: clips)
  }

  private func train(
    _ model: SequenceModel, seed: UInt64, batch probe: SequenceBatch, row: inout Row,
    progress: ProgressReporter
  ) throws {
    let profiler = try GradientProfiler(every: max(1, updates / Self.looks))
    let trainer = try Trainer(
      model, rule: plan.settings.rule, rate: plan.rate, weightDecay: plan.weightDecay,
      clipping: clipping, nonFinite: .skip, profiler: profiler, seed: seed)
    var feed = TrainingFeed(plan.task, seed: seed, batch: plan.batch, for: model)
    for update in 0..<updates {
      let batch = try feed.next().batch
      try trainer.step(batch, state: &feed.state)
      progress.update(update + 2)
    }
    row.history = profiler.history
    row.clips = trainer.statistics
    row.trained = try Snapshot(
      model, probe, probing: probing, context(row.choice, clips: trainer.statistics))
  }
}

extension Example {
  /// The first `steps` steps of an example with an answer at each; others stay whole.
  fileprivate func prefix(_ steps: Int) -> Example {
    guard length > steps, case .tokens(let ids) = input, case .classPerStep(let classes) = target
    else { return self }
    return Example(
      input: .tokens(Array(ids.prefix(steps))), target: .classPerStep(Array(classes.prefix(steps))))
  }
}
