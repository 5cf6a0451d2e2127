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
      On a task it looks at each cell at its start and after --updates training steps (0 for the \
      start alone), with one run a cell. `profile saved` looks at a model as it is, on data of its \
      kind, those of pairs and images with attention; `profile --model FILE` is the same.

      rnnbench profile
      rnnbench profile temporal-order --length 50 --cells elman,lstm:forget-bias=3 --layers 2
      rnnbench profile lm --data FILE --probe all --report profile.html
      rnnbench profile adding --cells gru --updates 2000 --save model.safetensors
      rnnbench profile saved --model model.safetensors
      rnnbench profile saved --model translator.safetensors --data DIR
      rnnbench profile saved --model tagger.safetensors --data DIR --probe 3
      """,
    subcommands: [ProfileSaved.self] + TaskKinds.compared.map { $0.profiling },
    defaultSubcommand: ProfileTask<Adding>.self)
}

extension ComparedKind {
  static var profiling: any ParsableCommand.Type { ProfileTask<Self>.self }
}

/// The profile of new models on one task.
struct ProfileTask<Task: ComparedKind>: ParsableCommand {
  static var configuration: CommandConfiguration { CommandConfiguration(task: Task.name) }

  @OptionGroup var options: SettingOptions<StudySource<ProfilingKind, Task>>
  @OptionGroup var files: FileOptions
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Save the one cell's model as it is at the end", valueName: "file"),
    completion: .file())
  var save: OutputPath?

  func run() throws {
    let settings = try options.resolve()
    try options.printIfAsked(settings)
    let files = try CommandFiles(of: self, reading: options.inputs(settings))
    try checkSave(cells: settings.choices.count, at: files[save])
    let lock = try save.map { try FileLock(of: $0.path) }
    defer { lock?.release() }
    var study = try ProfileStudy(RunPlan(settings))
    try study.run(team: settings.makeTeam(), progress: ProgressReporter())
    study.show()
    if let save {
      try study.rows[0].model.save(
        to: save.path,
        metadata: SavedTask.metadata(
          settings.kind, length: settings.lengths?.text, seed: settings.dataSeed))
      Terminal.print("Saved \(study.rows[0].choice.name) to \(save.path.printable).")
    }
    try study.write(to: files.results, threads: settings.makeTeam().count)
  }

  /// Throws, before any work is done, unless there is one model to save and a place for it.
  private func checkSave(cells: Int, at file: OutputFile?) throws {
    guard let file else { return }
    guard cells == 1 else {
      throw RNNError(
        .unsupported, "--save", expected: "one cell in --cells", found: "\(cells)")
    }
    guard !file.isStream else {
      throw OutputError(path: file.path, reason: "it is a device or pipe")
    }
  }
}

enum SavedProfileSource: SettingSource {
  static var command: String { "profile saved" }
  static var standard: SavedProfileSettings { SavedProfileSettings() }
  static var settings: [Setting<SavedProfileSettings>] { SavedProfileSettings.settings }
  static var kind: TaskName? { nil }
}

/// The profile of a saved model, without training.
struct ProfileSaved: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "saved", abstract: "A model of a file as it is, on its own kind of data.",
    discussion: """
      The file is one that train saved, or a program with its encoding, or profile with --save.

      rnnbench profile saved --model model.safetensors
      rnnbench profile saved --model tagger.safetensors --data DIR --probe 3
      """)

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The model's file", valueName: "file"),
    completion: .file())
  var model: InputPath
  @OptionGroup var options: SettingOptions<SavedProfileSource>
  @OptionGroup var files: FileOptions

  func run() throws {
    let settings = try options.resolve()
    try options.printIfAsked(settings)
    let files = try CommandFiles(of: self, reading: options.inputs(settings)).results
    let file = try ModelFile(reading: model.path)
    let team = try ThreadTeam.of(settings.threads)
    if let study = try ownStudy(of: file, settings, team) {
      study.show()
      try study.write(to: files, threads: team.count)
      return
    }
    var study = try SavedTask(file).study(settings)
    try study.run(team: team, progress: ProgressReporter())
    study.show()
    try study.write(to: files, threads: team.count)
  }

  /// The study of a model that knows its data, on its own kind of them; nil for a model of
  /// sequences that is to be looked at on a task.
  private func ownStudy(
    of file: ModelFile, _ settings: SavedProfileSettings, _ team: ThreadTeam
  ) throws -> (any ProfileResults)? {
    if file.kind == ModelConfiguration.kind, settings.task != nil { return nil }
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
        found: "one of kind \(file.kind.shortened()) without")
    }
    for (name, isGiven) in [
      ("--task", settings.task != nil), ("--length", settings.lengths != nil),
      ("--data-seed", settings.dataSeed != nil),
    ] where isGiven {
      throw RNNError(
        .unsupported, name, expected: "--data alone for a model that has a task of its own",
        found: name)
    }
    let url = settings.data.map { URL(place: $0) }
    try DataPlace.check(url, for: saved.kind)
    let batch = settings.batch ?? saved.batch
    switch try saved.task(at: url) {
    case let pairs as PairTask:
      return try PairProfileStudy(saved, pairs, probing: settings.probe, batch: batch, team: team)
    case let questions as VisualQuestionTask:
      guard settings.probe == .lastAnswer else {
        throw RNNError(
          .unsupported, "--probe", expected: "last: a question has one answer",
          found: "\(settings.probe)")
      }
      return try QuestionProfileStudy(saved, questions, batch: batch, team: team)
    case let sequences as any SequenceDataTask:
      return try SequenceProfileStudy(
        saved, sequences, probing: settings.probe, batch: batch, team: team)
    default: preconditionFailure("a task for each kind of model")
    }
  }
}

extension ProfileResults {
  fileprivate func show() {
    for map in maps { Terminal.show(map) }
    Terminal.show(table, terminator: "\n")
    for sentence in sentences { Terminal.print(sentence) }
  }

  fileprivate func write(to files: OutputFiles, threads: Int) throws {
    // Nothing here is a matter of speed: the peak is not measured.
    let json = json(MachineRecord(threads: threads, peak: .nan))
    try files.write(
      json: json, csv: csv,
      report: HTMLReport(
        title: "Where gradients go", subtitle: table.title, generator: MachineRecord.generator,
        sections: sections + [
          ReportSection(
            "Configuration", [.details(summary: "As JSON", text: configuration.text)])
        ]))
  }
}
