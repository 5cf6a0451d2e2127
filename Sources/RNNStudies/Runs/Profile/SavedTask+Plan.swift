import RNNCore
import RNNReport
import RNNTasks

/// What `profile saved` is told beside the model.
package struct SavedProfileSettings: SettingRoot {
  /// A file or folder; nil for generated examples.
  package var data: String?
  /// The task to look at the model on; nil for its own.
  package var task: TaskName?
  package var lengths: ClosedRange<Int>?
  package var dataSeed: UInt64?
  /// Examples to look at; nil for a training batch of the model's.
  package var batch: Int?
  package var probe = ProfiledLoss.lastAnswer
  package var threads: Int?

  package init() {}

  package func settle(given: Set<String>, from before: SavedProfileSettings) {}

  package static var settings: [Setting<SavedProfileSettings>] {
    [
      .path("data", at: \.data, "Data of the model's kind; none where they are generated"),
      .choice(
        "task", at: \.task, among: TaskName.compared,
        "The task to look at a model on that does not know its own data"
      ).otherwise("the model's"),
      .lengths(at: \.lengths),
      .number("data-seed", at: \.dataSeed, .any, "Seed of generated data").otherwise("the model's")
        .unless { $0.data == nil ? nil : .init("generated data", found: "--data as well") },
      .number("batch", at: \.batch, .count(from: 1), "Examples to look at")
        .otherwise("the model's"),
      .probe(at: \.probe), .threads(at: \.threads),
    ]
  }
}

extension SavedTask {
  /// The study of the model on its task: what the settings do not name comes from the file; the
  /// seed of generated data does when the task does.
  ///
  /// Throws when neither names a task, for a model without recurrence and for one that does not fit
  /// the task.
  package func study(_ settings: SavedProfileSettings) throws -> ProfileStudy {
    let configuration = try file.configuration(ModelConfiguration.self)
    guard case .recurrent(let cell, let layers, let directions) = configuration.body else {
      throw RNNError(
        .unsupported, file.path.printable, expected: "a recurrent model",
        found: "a feed-forward one")
    }
    var plan = try standard(settings)
    plan.data = settings.data
    plan.batch = settings.batch ?? plan.batch
    (plan.probe, plan.seeds, plan.threads) = (settings.probe, 1, settings.threads)
    plan.cells = CellChoice(cell, directions).name
    plan.model = ModelSettings(
      hidden: configuration.hiddenSize, layers: layers, directions: directions,
      window: configuration.contextWindow, dropout: configuration.dropout,
      recurrentDropout: configuration.recurrentDropout,
      usesChain: configuration.loss == .conditionalRandomField,
      tiesEmbedding: configuration.tiesEmbedding)
    if case .tokens(_, let embedding) = configuration.input { plan.model.embedding = embedding }
    plan.model.windowSide = configuration.contextWindow > 1 ? configuration.contextSide : nil
    let run = try RunPlan(plan)
    try Self.check(file, fits: run.configuration(run.choices[0]), run.taskName)
    return try ProfileStudy(run, saved: file)
  }

  private func standard(_ settings: SavedProfileSettings) throws -> StudySettings {
    if let task = settings.task {
      var plan = StudySettings.standard(.profile, for: task)
      plan.lengths = settings.lengths
      plan.dataSeed = settings.dataSeed ?? plan.dataSeed
      return plan
    }
    let texts = file.metadata
    guard let text = texts[Self.nameKey],
      let name = try? TaskName(named: text, among: TaskName.compared)
    else {
      throw RNNError(
        .unsupported, "--task", expected: "a task: \(file.path.printable) names none that is known",
        found: "none")
    }
    var plan = StudySettings.standard(.profile, for: name)
    plan.lengths =
      try settings.lengths
      ?? texts[Self.lengthKey].map {
        try ClosedRange(lengths: $0, option: "\(file.path): \(Self.lengthKey)")
      }
    plan.dataSeed =
      settings.dataSeed ?? texts[Self.seedKey].flatMap { UInt64($0) } ?? plan.dataSeed
    return plan
  }
}
