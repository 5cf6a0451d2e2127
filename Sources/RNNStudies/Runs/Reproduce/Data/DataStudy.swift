import FoundationEssentials
import RNNCore
import RNNReport
import RNNTasks

/// All runs of an experiment on data files.
package struct DataStudy {
  package let experiment: DataExperiment
  package let seeds: [UInt64]
  private(set) var runs: [DataRun] = []
  /// Wall-clock time of all runs.
  package private(set) var seconds = 0.0

  /// Throws for settings that no run could have.
  package init(_ experiment: DataExperiment, seeds: [UInt64]) throws {
    self.experiment = experiment
    self.seeds = seeds
    for row in experiment.rows {
      try row.settings.check()
      try row.pretraining?.check()
    }
  }

  /// A way of reading the data.
  private struct DataKey: Hashable {
    let kind: TaskName
    let options: DataOptions

    init(_ settings: TrainSettings) { (kind, options) = (settings.kind, settings.data) }
  }

  /// The data of one way of reading them, made once for all runs.
  private struct Data: Sendable {
    let task: any DataTask

    /// What an embedding has vectors for, of texts in and classes or texts out.
    var vocabulary: TextEncoding? {
      switch task.encoding {
      case .pairs(let pairs): return pairs.source
      case .classify(let encoding):
        guard case .text(let text) = encoding.input else { return nil }
        return text
      case .tag, .lm, .music, .vqa: return nil
      }
    }
  }

  /// Trains all models, `threads` at a time, fewer with several threads each; what each becomes
  /// depends on its settings and seed alone.
  ///
  /// - Parameter url: where the data lie; nil for data that are generated.
  package mutating func run(
    data url: URL?, threads: Int, among ranks: (any RankGroup)? = nil, progress: ProgressReporter
  ) throws {
    var data: [DataKey: Data] = [:]
    let items = experiment.rows.indices.flatMap { row in seeds.map { item(row, seed: $0) } }
    for settings in items.flatMap({ [$0.settings, $0.pretraining].compactMap { $0 } })
    where data[DataKey(settings)] == nil {
      let task = try makeTask(settings.kind, at: url, options: settings.data)
      data[DataKey(settings)] = Data(task: task)
    }
    for settings in items.flatMap({ [$0.settings, $0.pretraining].compactMap { $0 } }) {
      guard let task = data[DataKey(settings)]?.task else { continue }
      try settings.checkMemory(for: task, runs: min(threads, items.count))
    }
    let shared = data
    (runs, seconds) = try ParallelRuns.timed(
      items, threads: threads, among: ranks, progress: progress
    ) { item, team, report in
      guard let pretraining = item.pretraining else {
        return try Self.run(item, shared, team: team, report)
      }
      precondition(
        shared[DataKey(pretraining)]?.vocabulary == shared[DataKey(item.settings)]?.vocabulary,
        "both number the same words alike")
      // Of two runs, the first is half of the work that is shown.
      let first = try Self.train(pretraining, shared, team: team) { report($0 / 2) }
      guard let start = first.model as? EncoderDecoder else {
        preconditionFailure("a model of pairs is trained first")
      }
      return try Self.run(item, shared, start: start, team: team) { report(0.5 + $0 / 2) }
    }
  }

  /// What is trained for a row.
  private struct Item: Sendable {
    let row: Int
    let settings: TrainSettings
    let pretraining: TrainSettings?
  }

  private func item(_ index: Int, seed: UInt64) -> Item {
    func seeded(_ settings: TrainSettings) -> TrainSettings {
      var settings = settings
      (settings.seed, settings.threads) = (seed, 1)
      if experiment.splitsBySeed { settings.data.seed = seed }
      return settings
    }
    let row = experiment.rows[index]
    return Item(
      row: index, settings: seeded(row.settings), pretraining: row.pretraining.map(seeded))
  }

  private static func run(
    _ item: Item, _ data: [DataKey: Data], start: EncoderDecoder? = nil, team: ThreadTeam,
    _ report: ParallelRuns.Report
  ) throws -> DataRun {
    let run = try train(item.settings, data, start: start, team: team, report)
    let score = try run.learner.score(.test)
    return DataRun(
      row: item.row, seed: item.settings.seed,
      parameters: run.model.parameters.layout.parameterCount,
      course: run.course,
      testLoss: score?.loss ?? .nan, test: score?.score.metrics ?? [],
      byLength: score?.score.byLength ?? [])
  }

  /// A run to its end, the best model in it.
  private static func train(
    _ settings: TrainSettings, _ data: [DataKey: Data], start: EncoderDecoder? = nil,
    team: ThreadTeam, _ report: ParallelRuns.Report
  ) throws -> TrainingRun {
    guard let data = data[DataKey(settings)] else { preconditionFailure("made for all rows") }
    let run = try settings.makeRun(task: data.task, team: team)
    if let start { try run.begin(with: start) }
    let updates = settings.epochs * (run.updatesPerEpoch ?? 1)
    _ = try settings.train(run) { _ in
      report(Double(run.course.updates) / Double(updates))
    }
    try run.useBest()
    return run
  }

  /// Runs that differ by their seed alone.
  func runs(ofRow row: Int) -> [DataRun] { runs.filter { $0.row == row } }

  /// Over the seeds; not finite where some run has no such number.
  func interval(_ measure: DataExperiment.Measure, row: Int) -> Interval {
    Interval(runs(ofRow: row).map { $0.value(of: measure) })
  }
}

/// How a model of a study was trained, and what became of it.
struct DataRun: Codable, Sendable {
  /// Its place among the rows of the experiment.
  var row: Int
  var seed: UInt64
  var parameters: Int
  var course: Course
  /// Of the best model on the test data.
  var testLoss: Double
  var test: [Metric]
  /// The same by the length of the source, of models of pairs.
  var byLength: [LengthScore]

  /// Not a number where the run was too short for it, or its task has no such score.
  func value(of measure: DataExperiment.Measure) -> Double {
    switch measure {
    case .test(let name): test.first { $0.name == name }?.value ?? .nan
    case .bestValidation: course.bestLook?.metric ?? .nan
    case .validationLoss(let epoch):
      course.looks.first { $0.epochs == epoch }?.validLoss ?? .nan
    case .lowestValidationLoss: course.looks.map(\.validLoss).filter(\.isFinite).min() ?? .nan
    }
  }
}
