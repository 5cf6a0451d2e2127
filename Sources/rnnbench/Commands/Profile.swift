import ArgumentParser
import FoundationEssentials
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// Where gradients vanish or explode.
struct Profile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Where gradients vanish or explode: per layer, time step and gate, with verdicts.",
    discussion: """
      Looks at each cell at its start and after --updates training steps (300; 0 for the start alone), with one \
      run a cell. A model that train saved, or a program with its encoding, is looked at as it is, on data of its kind, \
      those of pairs and images with attention.

      rnnbench profile
      rnnbench profile --task temporal-order --length 50 --cells elman,lstm:forget-bias=3 --layers 2
      rnnbench profile --task lm --data FILE --probe all --report profile.html
      rnnbench profile --cells gru --updates 2000 --save model.safetensors
      rnnbench profile --model model.safetensors
      rnnbench profile --model translator.safetensors --data DIR
      rnnbench profile --model tagger.safetensors --data DIR --probe 3
      """)

  @OptionGroup var task: TaskOptionGroup
  @OptionGroup var training: TrainingOptions
  @OptionGroup var profile: ProfileOptions
  @OptionGroup var output: OutputOptions

  private static let standardCells = "elman,irnn,gru,lstm:forget-bias=1"
  private static let standardUpdates = 300

  func run() throws {
    let files = try output.files.open()
    try training.refuseManyRuns("profile")
    try checkSave()
    let file = try profile.model.map { try ModelFile(reading: $0) }
    if let file, let study = try makeSavedStudy(of: file) {
      show(study)
      try write(study, to: files)
      return
    }
    var study = try file.map { try makeStudy(of: $0) } ?? makeStudy()
    try study.run(team: output.makeTeam(), seed: output.seed, progress: ProgressReporter())
    show(study)
    if let save = profile.save {
      try study.rows[0].model.save(
        to: save,
        metadata: SavedTask.metadata(
          study.plan.taskName, length: task.length,
          seed: task.dataSeed ?? NamedTask.standardSeed))
      Terminal.print("Saved \(study.rows[0].choice.name) to \(save.printable).")
    }
    try write(study, to: files)
  }

  private func show(_ results: some ProfileResults) {
    let terminal = Terminal.standardOutput
    for map in results.maps {
      print(TerminalHeatMap(map).rendered(width: terminal.width, style: terminal.style))
    }
    print(TextTable(results.table).rendered(width: terminal.width, style: terminal.style))
    for sentence in results.sentences { Terminal.print(sentence) }
  }

  private func write(_ results: some ProfileResults, to files: OutputFiles) throws {
    // Nothing here is a matter of speed: the peak is not measured.
    let json = results.json(MachineRecord(threads: try output.makeTeam().count, peak: .nan))
    try files.write(
      json: json, csv: results.csv,
      report: HTMLReport(
        title: "Where gradients go", subtitle: results.table.title,
        generator: MachineRecord.generator,
        sections: results.sections + [
          ReportSection(
            "Configuration", [.details(summary: "As JSON", text: results.configuration.text)])
        ]))
  }

  /// Throws, before any work is done, unless there is one model to save and a place for it.
  private func checkSave() throws {
    guard let save = profile.save else { return }
    if profile.model != nil {
      throw RNNError(
        .unsupported, "--save", expected: "a model that is trained here", found: "--model as well")
    }
    let count = try CellChoice.list(training.cells ?? Self.standardCells).count
    guard count == 1 else {
      throw RNNError(
        .unsupported, "--save", expected: "one cell in --cells", found: "\(count)")
    }
    guard try !OutputFile(path: save).isStream else {
      throw OutputError(path: save, reason: "it is a device or pipe")
    }
  }

  /// The study of a saved model, which is not trained.
  private func makeStudy(of file: ModelFile) throws -> ProfileStudy {
    try training.refuseModelOptions()
    let (made, plan, choice) = try SavedTask(file).plan(
      training, task: task, seed: output.seed)
    try SavedTask.check(
      file, fits: plan.configuration(choice, hidden: plan.model.hidden), made.name)
    return try ProfileStudy(
      plan, cells: [choice], clipping: Clipping(profile.clipMode, threshold: profile.clip),
      probing: profile.probe, updates: 0, saved: file)
  }

  /// The study of a model that knows its data, on its own kind of them; nil for a model of sequences that is to be looked at
  /// on a task.
  private func makeSavedStudy(of file: ModelFile) throws -> (any ProfileResults)? {
    if file.kind == ModelConfiguration.kind, task.task != nil { return nil }
    let saved: ProfiledModel
    if SavedRun.isIn(file) {
      saved = ProfiledModel(try SavedRun(file))
    } else if let encoding = try TaskEncoding(file) {
      saved = try ProfiledModel(file, encoding)
    } else if file.kind == ModelConfiguration.kind {
      return nil
    } else {
      throw RNNError(
        .unsupported, file.path.printable, expected: "a model that was saved with its encoding",
        found: "one of kind \(file.kind) without")
    }
    try training.refuseModelOptions()
    for (name, isGiven) in [
      ("--task", task.task != nil), ("--length", task.length != nil),
      ("--data-seed", task.dataSeed != nil),
    ] where isGiven {
      throw RNNError(
        .unsupported, name, expected: "--data alone for a model that has a task of its own",
        found: name)
    }
    let url = task.data.map { URL(fileURLWithPath: $0) }
    try DataPlaceOptions.check(url, for: saved.kind)
    let batch = training.step.batch ?? saved.batch
    try require(batch >= 1, "--batch", "1 or more", "\(batch)")
    switch try saved.task(at: url) {
    case let pairs as PairTask:
      return try PairProfileStudy(
        saved, pairs, probing: profile.probe, batch: batch, team: output.makeTeam())
    case let questions as VisualQuestionTask:
      guard profile.probe == .lastAnswer else {
        throw RNNError(
          .unsupported, "--probe", expected: "last: a question has one answer",
          found: "\(profile.probe)")
      }
      return try QuestionProfileStudy(saved, questions, batch: batch, team: output.makeTeam())
    case let sequences as any SequenceDataTask:
      return try SequenceProfileStudy(
        saved, sequences, probing: profile.probe, batch: batch, team: output.makeTeam())
    default: preconditionFailure("a task for each kind of model")
    }
  }

  private func makeStudy() throws -> ProfileStudy {
    let made = try task.make(.adding)
    let settings = TaskSettings.standard(for: made.name, guessLoss: made.task.guessLoss)
    var options = training
    let updates = training.updates ?? Self.standardUpdates
    guard updates >= 0, training.epochs == nil, training.timeLimit == nil else {
      throw RNNError(
        .unsupported, "length of training", expected: "--updates of 0 or more",
        found: training.epochs != nil
          ? "--epochs" : training.timeLimit != nil ? "--time-limit" : "\(updates)")
    }
    // A plan has at least one update.
    (options.updates, options.seeds) = (max(1, updates), 1)
    let plan = try RunPlan(options, task: made, firstSeed: output.seed, settings: settings)
    return try ProfileStudy(
      plan, cells: CellChoice.list(training.cells ?? Self.standardCells),
      clipping: Clipping(profile.clipMode, threshold: profile.clip), probing: profile.probe,
      updates: updates)
  }
}
