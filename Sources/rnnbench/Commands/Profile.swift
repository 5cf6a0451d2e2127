import ArgumentParser
import RNNCore
import RNNTasks

/// Where gradients vanish or explode.
struct Profile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Where gradients vanish or explode: per layer, time step and gate, with verdicts.",
    discussion: """
      Looks at each cell at its start and after --updates training steps (300; 0 for the start alone), with one \
      run a cell.

      rnnbench profile
      rnnbench profile --task temporal-order --length 50 --cells elman,lstm:forget-bias=3 --layers 2
      rnnbench profile --task chars --data FILE --probe all --report profile.html
      """)

  @OptionGroup var task: TaskOptionGroup
  @OptionGroup var training: TrainingOptions
  @OptionGroup var profile: ProfileOptions
  @OptionGroup var output: OutputOptions

  private static let standardCells = "elman,irnn,gru,lstm:forget-bias=1"
  private static let standardUpdates = 300

  func run() throws {
    let files = try output.files.open()
    var study = try makeStudy()
    try study.run(team: output.makeTeam(), seed: output.seed, progress: ProgressReporter())
    let terminal = Terminal.standardOutput
    for map in study.maps {
      print(TerminalHeatMap(map).rendered(width: terminal.width, style: terminal.style))
    }
    print(TextTable(study.table).rendered(width: terminal.width, style: terminal.style))
    for sentence in study.sentences { print(sentence) }
    // Nothing here is a matter of speed: the peak is not measured.
    let json = study.json(MachineRecord(threads: try output.makeTeam().count, peak: .nan))
    try files.write(
      json: json, csv: study.csv,
      report: HTMLReport(
        title: "Where gradients go",
        subtitle: "\(study.plan.taskName.rawValue): \(study.summary)",
        generator: MachineRecord.generator,
        sections: study.sections + [
          ReportSection(
            "Configuration", [.details(summary: "As JSON", text: study.configuration.text)])
        ]))
  }

  private func makeStudy() throws -> ProfileStudy {
    let made = try task.make(.adding, seed: output.seed)
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
