import FoundationEssentials
import RNNCore
import RNNReport
import RNNTasks

/// A training run with a file that always holds its last checkpoint.
package final class TrainSession {
  package let settings: TrainSettings
  package let task: any DataTask
  package let run: TrainingRun
  /// The file.
  package let path: String
  /// The state in which a time limit ended the run between two looks.
  private(set) var glance: Course.Look?
  /// What is seen of the gradients; nil unless it is asked for.
  private(set) var gradients: GradientHistory?
  /// What whoever goes on with a run has to know.
  package private(set) var notices: [String] = []
  private let fingerprint: String
  /// The processes that train together; nil for this one alone.
  private let ranks: (any RankGroup)?
  /// Whether the file holds this run, or one that it goes on with.
  private(set) var isSaved: Bool
  /// Saved as well when an epoch takes longer than that, in seconds.
  private static let saveInterval = 60.0

  /// The task's main score, without a value.
  package var metric: Metric { task.mainMetric }
  var metricName: String { metric.name }

  /// A run from its start.
  ///
  /// - Parameters:
  ///   - settings: all that decides what it does.
  ///   - url: where the data lie; nil for generated ones.
  ///   - path: the model's file.
  ///   - start: what the model begins with; nil for random weights.
  ///   - team: the threads of this process.
  ///   - ranks: the processes that train together; nil for this one alone.
  package convenience init(
    _ settings: TrainSettings, data url: URL?, path: String, start: SavedEncoder? = nil,
    team: ThreadTeam, ranks: (any RankGroup)? = nil
  ) throws {
    try settings.check()
    var settings = settings
    settings.data.noteLayout(of: url, settings.kind)
    try settings.checkGeneratedPairs()
    let task = try makeTask(
      settings.kind, at: url, options: settings.data, vocabulary: start?.vocabulary)
    try self.init(settings, task: task, path: path, team: team, ranks: ranks)
    if let start { try run.begin(with: start.model) }
  }

  /// A run that goes on. Throws when the data are others than it was trained on.
  package convenience init(
    resuming checkpoint: TrainingCheckpoint, saved: SavedRun, settings: TrainSettings,
    data url: URL?, team: ThreadTeam, ranks: (any RankGroup)? = nil
  ) throws {
    try settings.check()
    try settings.checkGeneratedPairs()
    let task = try saved.task(at: url, settings.data)
    try self.init(
      settings, task: task, path: checkpoint.model.path, team: team, ranks: ranks)
    guard task.hasFingerprint(saved.fingerprint) else {
      throw RNNError(
        .unsupported, "--data", expected: "the data that \(path.printable) was trained on",
        found: "others")
    }
    try run.resume(checkpoint)
    isSaved = true
    notices = [
      try saved.lookAheadWarning(for: task), saved.arithmeticWarning,
      settings.planChange(from: saved.settings, at: run),
    ].compactMap { $0 }
  }

  private init(
    _ settings: TrainSettings, task: any DataTask, path: String, team: ThreadTeam,
    ranks: (any RankGroup)?
  ) throws {
    self.settings = settings
    self.task = task
    self.path = path
    self.ranks = ranks
    try settings.checkMemory(for: task)
    fingerprint = task.fingerprint
    isSaved = false
    run = try settings.makeRun(task: task, team: team, ranks: ranks)
  }

  /// Takes a gradient profile of every n-th update from here on, as if those of earlier parts of
  /// the run had been counted.
  ///
  /// Throws `.range` unless `every` is at least 1, `.unsupported` for a step to probe of a model
  /// with one answer.
  package func profileGradients(every: Int, probing: ProfiledLoss) throws(RNNError) {
    if case .step = probing, task.givesOneAnswer {
      throw RNNError(
        .unsupported, "--probe", expected: "all or last: there is one answer, at the end",
        found: "\(probing)")
    }
    let profiler = try GradientProfiler(
      every: every, probing: probing, stepsBefore: run.course.updates)
    run.learner.profiler = profiler
    gradients = GradientHistory(profiler)
  }

  /// The settings that the data, now that they are read, turn out to have no use for, and what
  /// would have one.
  package var unused: [(name: String, expected: String, found: String)] {
    var unused: [(name: String, expected: String, found: String)] = []
    for (name, part) in [("validation-share", HeldOutPart.validation), ("test-share", .test)]
    where task.ownParts.contains(part) {
      unused.append((name, "data without a \(part.rawValue) part", "data with one"))
    }
    if task.ownParts.count == HeldOutPart.allCases.count, settings.kind != .transduce {
      unused.append(("data-seed", "data whose parts are set aside", "all parts"))
    }
    guard let task = task as? any SequenceDataTask else { return unused }
    if task.shape.labels == nil {
      unused.append(("intent-weight", "data with a file label in each part", "tags alone"))
    }
    if case .features = task.shape.input {
      for name in ["unit", "minimum-count", "word-dropout", "lowercase", "digits", "embedding"] {
        unused.append((name, "data of texts", "numbers"))
      }
    }
    return unused
  }

  /// Trains until the end, a signal or a divergence; the file is up to date when this returns, and
  /// holds no numbers that are not finite.
  ///
  /// A file of another run at the same place stays until there is something to save: the first
  /// look, a minute of training, or a signal.
  ///
  /// Of several processes every one calls it. Throws `.ranks` before the first step where they do
  /// not have the same.
  ///
  /// - Parameters:
  ///   - isThere: whether there is such a file.
  ///   - watch: told of every look at the validation data.
  package func train(
    timeLimit: Double?, over isThere: Bool = false, progress: ProgressReporter,
    watch: (Course.Look) -> Void
  ) throws -> TrainEnding {
    if let ranks {
      try RankCheck(settings, fingerprint: fingerprint, run: run).compare(among: ranks)
    }
    Interruption.watch()
    defer { Interruption.endAtOnce() }
    let isFree = try ranks.map { ranks throws(RNNError) in try ranks.gather([!isThere])[0][0] }
    if !isSaved, isFree ?? !isThere { try save() }
    var saved = ContinuousClock.now
    // A look that takes longer than that is not waited for by those who interrupt.
    var looks = LookTime()
    var agreed = Agreement()
    func agree() throws -> Agreement {
      agreed = try Agreement.of(
        Agreement(
          signal: Interruption.signal ?? 0, seconds: run.course.seconds,
          isSaveDue: ContinuousClock.now - saved > .seconds(Self.saveInterval),
          areLooksLong: looks.mayBeLong),
        among: ranks)
      return agreed
    }
    let updates = run.updatesPerEpoch ?? 1
    func whole() -> ProgressReporter.Whole { self.whole(timeLimit: timeLimit) }
    func beginEpoch() {
      guard run.course.epochs < settings.epochs else { return }
      progress.begin(
        "Epoch \(run.course.epochs + 1) of \(settings.epochs)", total: updates, of: whole())
    }
    defer { progress.finish() }
    beginEpoch()
    let ending = try settings.train(
      run, timeLimit: timeLimit, agree: agree,
      willLook: {
        if agreed.areLooksLong {
          try save()
          saved = .now
          Interruption.endAtOnce()
        }
        looks.begin()
      },
      watch: { event in
        var isDue = agreed.isSaveDue
        switch event {
        case .step(let report):
          gradients?.add(report)
          // The look that follows saves.
          if run.owesLook { return }
          progress.update(run.course.updates % updates, of: whole(), note: note(report))
        case .look(let look), .glance(let look):
          if case .glance = event { glance = look }
          looks.end()
          Interruption.watch()
          progress.finish()
          watch(look)
          beginEpoch()
          isDue = true
        }
        if isDue {
          try save()
          saved = .now
        }
      })
    try save()
    if let divergence = run.divergence { return .diverged(divergence) }
    // One that came while the last file was written.
    let last = try agree().signal
    return last == 0 ? ending : .signal(last)
  }

  /// How long looks at the validation data take.
  private struct LookTime {
    private var start = ContinuousClock.now
    private var longest: Duration?

    /// Whether the next one may take longer than those who interrupt should have to wait.
    var mayBeLong: Bool { longest.map { $0 > .milliseconds(500) } ?? true }

    mutating func begin() { start = .now }
    mutating func end() { longest = max(longest ?? .zero, ContinuousClock.now - start) }
  }

  /// The score of the best model on the test data, which is the one in ``run`` from here on; nil
  /// without such data, and for a run that diverged before it had one.
  package func testScore() throws -> (loss: Double, score: TaskScore)? {
    if run.divergence != nil, run.course.best == nil { return nil }
    try run.useBest()
    return try run.learner.score(.test)
  }

  /// Saves the run unless it has diverged: what a file holds is finite.
  private func save() throws {
    guard run.divergence == nil else { return }
    do {
      try run.save(
        to: path,
        metadata: SavedRun.metadata(
          settings, encoding: task.encoding, fingerprint: fingerprint))
      isSaved = true
    } catch {
      if run.divergence == nil { throw error }
    }
  }

  /// How much of the epochs, or of the time, is used up.
  private func whole(timeLimit: Double?) -> ProgressReporter.Whole {
    let course = run.course
    let epochs = run.updatesPerEpoch.map { Double(course.updates) / Double($0) } ?? 0
    let share = max(
      epochs / Double(settings.epochs), timeLimit.map { course.seconds / $0 } ?? 0)
    return ProgressReporter.Whole(share: min(share, 1), mayEndEarlier: settings.patience > 0)
  }

  private func note(_ report: StepReport) -> String {
    let course = run.course
    func part(_ value: Double?, _ text: (Double) -> String) -> String {
      value.flatMap { $0.isFinite ? text($0) : nil } ?? ""
    }
    let parts = [
      part(Double(settings.examplesPerUpdate * course.updates) / course.seconds) {
        NumberFormat.si($0) + " examples/s"
      },
      part(course.recentLoss) { "loss " + NumberFormat.significant($0, digits: 3) },
      part(report.clip?.norm) { "norm " + NumberFormat.significant($0, digits: 2) },
      settings.clipMode == .none
        ? "" : "clipped " + NumberFormat.percent(course.clippedShare, decimals: 0),
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: ", ")
  }
}

extension DataTask {
  /// Whether a model gives one answer a sequence, at its end.
  fileprivate var givesOneAnswer: Bool {
    switch self {
    case let task as any SequenceDataTask: task.shape.answer == .atEnd
    case is VisualQuestionTask: true
    default: false
    }
  }
}

extension TrainingRun {
  /// Puts a trained encoder in the place of the model's own embedding and recurrent layers.
  package func begin(with encoder: EncoderDecoder) throws(RNNError) {
    guard let model = model as? SequenceModel else {
      preconditionFailure("classifiers are sequence models")
    }
    try model.copyEncoder(of: encoder)
  }
}
