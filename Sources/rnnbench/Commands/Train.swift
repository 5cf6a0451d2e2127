import ArgumentParser
import CLibrary
import FoundationEssentials
import RNNCore
import RNNParallel
import RNNReport
import RNNStudies
import RNNTasks

/// A model on data files.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a model on data files; save it, stop it, go on.",
    discussion: """
      The file holds the best model so far and all that is needed to go on: after Ctrl-C, TERM or \
      a crash the same command with --resume ends with the same bits as a run that was never \
      stopped.

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
      """,
    subcommands: TaskKinds.learned.map { $0.training })
}

extension LearnedKind {
  static var training: any ParsableCommand.Type { TrainKind<Self>.self }
}

enum TrainSource<Kind: LearnedKind>: SettingSource {
  static var command: String { "train \(Kind.name.rawValue)" }
  static var standard: TrainRequest { standard(unit: nil) }
  static var settings: [Setting<TrainRequest>] { TrainRequest.declared }

  static func standard(unit: TextUnit?) -> TrainRequest {
    TrainRequest(.standard(for: Kind.name, unit: unit, threads: Joined.threads))
  }
}

/// The training of one kind of model.
struct TrainKind<Kind: LearnedKind>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      task: Kind.name,
      discussion: [Kind.name.dataForm.map { "--data: \($0)" }, moreOptions]
        .compactMap { $0 }.joined(separator: " "))
  }

  @OptionGroup var options: SettingOptions<TrainSource<Kind>>
  @OptionGroup var output: FileOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The model's file", valueName: "file"),
    completion: .file())
  var model: OutputPath?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Begin with the encoder and the vocabulary of a model of pairs", valueName: "file",
      visibility: Kind.name == .classify ? .default : .private),
    completion: .file())
  var start: InputPath?
  @Flag(help: "Go on with the run in --model") var resume = false
  @Flag(help: "Replace the file in --model") var overwrite = false

  func run() throws {
    try checkStart()
    if !options.printConfig { try Joined.join() }
    let lock = try model.flatMap { try claim($0.path) }
    defer { lock?.release() }
    let saved = try resume ? model.map { try savedRun($0.path) } : nil
    let request = try resolved(saved)
    try options.printIfAsked(request)
    guard let model else {
      throw ValidationError("--model: expected the file to save the model in, found none")
    }
    let files = try CommandFiles(of: self, reading: options.inputs(request))
    let isThere = try checkPlace(model.path, files[model])
    try check(request)
    let session = try saved.map { try resumed($0, request) } ?? fresh(request, model.path)
    let given = options.given.names
    if let (name, expected, found) = session.unused.first(where: { given.contains($0.name) }) {
      throw RNNError(.unsupported, "--" + name, expected: expected, found: found)
    }
    if let every = request.profileEvery, Joined.speaks {
      try session.profileGradients(every: every, probing: request.probe)
    }
    let terminal = Terminal.standardOutput
    session.notices.forEach(Terminal.warn)
    printHead(session, terminal)
    let ending = try session.train(
      timeLimit: request.timeLimit, over: isThere, progress: ProgressReporter()
    ) { StandardOutput.print(session.line(for: $0, width: terminal.width)) }
    Terminal.print(session.sentence(for: ending))
    if let warning = session.warning { Terminal.print(warning) }
    for sentence in session.gradientSentences { Terminal.print(sentence) }
    if case .signal(let number) = ending { throw ExitCode(128 + number) }

    let score = try session.testScore()
    guard Joined.speaks else { return }
    for table in score.map({ $0.score.tables(part: "test", loss: $0.loss) }) ?? [] {
      Terminal.show(table)
    }
    // Nothing here is a matter of speed alone: the peak is not measured.
    let machine = MachineRecord(threads: session.settings.threads, peak: .nan)
    let json = session.json(machine, score: score)
    try files.results.write(
      json: json, csv: session.csv,
      report: HTMLReport(
        title: "Training of \(session.settings.cell)", subtitle: session.summary,
        generator: MachineRecord.generator,
        sections: session.sections(score: score) + [machine.section(configuration: json)]))
    if case .diverged(let divergence) = ending {
      throw ProgramFailure(code: .diverged, description: session.advice(on: divergence))
    }
  }

  /// Keeps others from training on the file, from here to the last save; nil where none is written,
  /// and for what ``CommandFiles`` is going to refuse.
  private func claim(_ model: String) throws -> FileLock? {
    guard Joined.speaks, !options.printConfig, model != "-",
      (try? OutputFile(path: model))?.isStream == false
    else { return nil }
    return try FileLock(of: model)
  }

  /// The settings of a new run, or of one that goes on.
  private func resolved(_ saved: Saved?) throws -> TrainRequest {
    try options.resolve { given in
      var request =
        if let saved { TrainRequest(saved.run.settings) } else {
          TrainSource<Kind>.standard(unit: given["unit"].flatMap { TextUnit(rawValue: $0) })
        }
      // What it ran on is no part of a run.
      request.settings.threads = Joined.threads
      if saved == nil, Joined.ranks != nil, given["reduction"] != GradientOrder.fast.rawValue {
        request.settings.shards = Self.standardShards
      }
      return request
    }
  }

  /// Of a batch that several processes share.
  private static var standardShards: Int { max(4, Joined.ranks?.count ?? 1) }

  private func check(_ request: TrainRequest) throws {
    let url = request.url
    try DataPlace.check(url, for: Kind.name)
    try DataPlace.checkColumns(options.given.names, in: url)
  }

  /// Throws for an encoder where none can begin, and beside settings that it would decide.
  private func checkStart() throws(RNNError) {
    guard start != nil else { return }
    guard Kind.name == .classify else {
      throw RNNError(.unsupported, "--start", expected: "classify", found: Kind.name.rawValue)
    }
    if options.config != nil || options.printConfig || resume {
      let other =
        resume ? "--resume" : options.config != nil ? "--config" : "--print-config"
      throw RNNError(
        .unsupported, "--start", expected: "a new run with options alone",
        found: "\(other) as well")
    }
    if let name = TrainSettings.decided(among: options.given.names) {
      throw RNNError(
        .unsupported, "--" + name, expected: "what the encoder of --start has",
        found: "--\(name) as well")
    }
  }

  private func fresh(_ request: TrainRequest, _ path: String) throws -> TrainSession {
    var settings = request.settings
    let team = try ThreadTeam(count: settings.threads)
    let encoder = try start.map { try SavedEncoder(reading: $0.path, team: team) }
    if let encoder, let start {
      settings.begin(with: encoder.model.configuration, from: start.path)
    }
    return try TrainSession(
      settings, data: request.url, path: path, start: encoder, team: team,
      ranks: Joined.ranks)
  }

  /// A run as its file has it.
  private typealias Saved = (checkpoint: TrainingCheckpoint, run: SavedRun)

  private func savedRun(_ path: String) throws -> Saved {
    let checkpoint = try TrainingCheckpoint(reading: path)
    let saved = try SavedRun(checkpoint.model)
    guard saved.settings.kind == Kind.name else {
      throw RNNError(
        .unsupported, path.printable, expected: "a run of \(Kind.name.rawValue)",
        found: "one of \(saved.settings.kind.rawValue)")
    }
    return (checkpoint, saved)
  }

  private func resumed(_ saved: Saved, _ request: TrainRequest) throws -> TrainSession {
    let changed = request.settings.differences(from: saved.run.settings)
    guard changed.isEmpty else {
      throw RNNError(
        .unsupported, "--resume",
        expected: "the options of the run in \(saved.checkpoint.model.path.printable)",
        found: "another \(changed.joined(separator: ", "))")
    }
    return try TrainSession(
      resuming: saved.checkpoint, saved: saved.run, settings: request.settings, data: request.url,
      team: ThreadTeam(count: request.settings.threads), ranks: Joined.ranks)
  }

  /// Throws unless there is a run to go on with, or room for a new one; returns whether there is a
  /// file.
  private func checkPlace(_ model: String, _ file: OutputFile?) throws -> Bool {
    guard Joined.speaks else { return false }
    guard file?.isStream == false else {
      throw OutputError(path: model, reason: "it is a device or pipe")
    }
    let exists = FileSystem.status(of: model) != nil
    if exists, !resume, !overwrite {
      throw OutputError(
        path: model,
        reason: "it is there already: --resume goes on with it, --overwrite replaces it")
    }
    if resume, overwrite {
      throw RNNError(
        .unsupported, "--overwrite", expected: "a new run", found: "--resume as well")
    }
    return exists
  }

  private func printHead(_ session: TrainSession, _ terminal: Terminal) {
    Terminal.print(session.summary)
    StandardOutput.print(terminal.style.bold(TrainSession.head(session, width: terminal.width)))
    for look in session.run.course.looks {
      StandardOutput.print(session.line(for: look, width: terminal.width))
    }
  }
}
