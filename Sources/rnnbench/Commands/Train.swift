import ArgumentParser
import CLibrary
import FoundationEssentials
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// A model on data files.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a model on data files; save it, stop it, go on.",
    discussion: """
      The file holds the best model so far and all that is needed to go on: after Ctrl-C, TERM or a crash the \
      same command with --resume ends with the same bits as a run that was never stopped.

      rnnbench train tag --data DIR --model tagger.safetensors
      rnnbench train lm --data TEXT --model lm.safetensors --hidden 256
      rnnbench train classify --data DIR --model speaker.safetensors --cell bi-gru
      rnnbench train music --data FILE.json --model tunes.safetensors
      rnnbench train translate --data DIR --languages de,en --model de-en.safetensors
      rnnbench train parse --data DIR --model parser.safetensors
      rnnbench train autoencode --data DIR --lowercase --model ae.safetensors
      rnnbench train classify --data DIR --start ae.safetensors --model c.safetensors
      rnnbench train transduce --problem dates --model dates.safetensors
      rnnbench train vqa --data DIR --model answers.safetensors
      rnnbench train lm --data TEXT --model lm.safetensors --resume --epochs 60
      rnnbench train tag --data DIR --model m.safetensors --profile-every 50 --report r.html
      """)

  @Argument(
    help: "What to learn: tag, lm, classify, music, translate, autoencode, parse, transduce or vqa."
  )
  var kind: TaskName
  @OptionGroup var data: DataOptionGroup
  @OptionGroup var options: TrainOptions
  @OptionGroup var output: OutputOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The model's file.", valueName: "file"))
  var model: String
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Begin with the encoder of a model that autoencode (or translate, …) saved, and its vocabulary (classify).",
      valueName: "file"))
  var start: String?
  @Flag(help: "Go on with the run in --model.") var resume = false
  @Flag(help: "Replace the file in --model.") var overwrite = false

  func run() throws {
    let files = try output.files.open(beside: [("--model", model)] + data.place.place)
    if let limit = options.timeLimit {
      try require(limit > 0, "--time-limit", "more than 0 seconds", "\(limit)")
    }
    if let every = options.profileEvery {
      try require(every >= 1, "--profile-every", "1 or more", "\(every)")
    } else if options.probe != nil {
      throw RNNError(
        .unsupported, "--probe", expected: "--profile-every as well", found: "--probe alone")
    }
    try checkPlace()
    Interruption.watch()
    let session = try resume ? resumed() : fresh()
    try options.checkUse(in: session.task, data: data)
    if let every = options.profileEvery {
      try session.profileGradients(every: every, probing: options.probe ?? .allAnswers)
    }
    let terminal = Terminal.standardOutput
    session.notices.forEach(Terminal.warn)
    printHead(session, terminal)
    let ending = try session.train(timeLimit: options.timeLimit, progress: ProgressReporter()) {
      print(session.line(for: $0, width: terminal.width))
      fflush(nil)
    }
    Terminal.print(session.sentence(for: ending))
    if let warning = session.warning { Terminal.print(warning) }
    for sentence in session.gradientSentences { Terminal.print(sentence) }
    if case .signal(let number) = ending { throw ExitCode(128 + number) }

    let score = try session.testScore()
    for table in score.map({ $0.score.tables(part: "test", loss: $0.loss) }) ?? [] {
      print(
        TextTable(table).rendered(width: terminal.width, style: terminal.style), terminator: "")
    }
    // Nothing here is a matter of speed alone: the peak is not measured.
    let machine = MachineRecord(threads: session.settings.threads, peak: .nan)
    let json = session.json(machine, score: score)
    try files.write(
      json: json, csv: session.csv,
      report: HTMLReport(
        title: "Training of \(session.settings.cell)", subtitle: session.summary,
        generator: MachineRecord.generator,
        sections: session.sections(score: score) + [machine.section(configuration: json)]))
  }

  private func fresh() throws -> TrainSession {
    var settings = TrainSettings.standard(
      for: kind, unit: data.unit, threads: try output.makeTeam().count)
    settings.seed = output.seed
    try settings.apply(options, data: data)
    try options.checkUse(in: settings, data: data)
    let team = try ThreadTeam(count: settings.threads)
    let encoder = try start.map { try startEncoder($0, &settings, team: team) }
    return try TrainSession(
      settings, data: data.url, path: model, start: encoder, team: team)
  }

  private func startEncoder(
    _ path: String, _ settings: inout TrainSettings, team: ThreadTeam
  ) throws -> SavedEncoder {
    guard kind == .classify else {
      throw RNNError(.unsupported, "--start", expected: "classify", found: kind.rawValue)
    }
    let given = data.given + options.model.given + (options.cell == nil ? [] : ["--cell"])
    if let name = TrainSettings.decided(among: given) {
      throw RNNError(
        .unsupported, name, expected: "what the encoder of --start has", found: "\(name) as well")
    }
    let encoder = try SavedEncoder(reading: path, team: team)
    settings.begin(with: encoder.model.configuration, from: path)
    return encoder
  }

  private func resumed() throws -> TrainSession {
    guard start == nil else {
      throw RNNError(.unsupported, "--start", expected: "a new run", found: "--resume as well")
    }
    let checkpoint = try TrainingCheckpoint(reading: model)
    let saved = try SavedRun(checkpoint.model)
    guard saved.settings.kind == kind else {
      throw RNNError(
        .unsupported, model.printable, expected: "a run of \(kind.rawValue)",
        found: "one of \(saved.settings.kind.rawValue)")
    }
    var settings = saved.settings
    try settings.apply(options, data: data)
    try options.checkUse(in: settings, data: data)
    if let seed = output.givenSeed { settings.seed = seed }
    if let threads = output.threads { settings.threads = threads }
    let changed = settings.differences(from: saved.settings)
    guard changed.isEmpty else {
      throw RNNError(
        .unsupported, "--resume", expected: "the options of the run in \(model.printable)",
        found: "another \(changed.joined(separator: ", "))")
    }
    return try TrainSession(
      resuming: checkpoint, saved: saved, settings: settings, data: data.url,
      team: ThreadTeam(count: settings.threads))
  }

  /// Throws unless there is a run to go on with, or room for a new one.
  private func checkPlace() throws {
    let place = try OutputFile(path: model)
    guard !place.isStream else { throw OutputError(path: model, reason: "it is a device or pipe") }
    let exists = FileManager.default.fileExists(atPath: model)
    if exists, !resume, !overwrite {
      throw OutputError(
        path: model,
        reason: "it is there already: --resume goes on with it, --overwrite replaces it")
    }
    if resume, overwrite {
      throw RNNError(
        .unsupported, "--overwrite", expected: "a new run", found: "--resume as well")
    }
  }

  private func printHead(_ session: TrainSession, _ terminal: Terminal) {
    Terminal.print(session.summary)
    print(terminal.style.bold(TrainSession.head(session, width: terminal.width)))
    for look in session.run.course.looks { print(session.line(for: look, width: terminal.width)) }
    fflush(nil)
  }
}
