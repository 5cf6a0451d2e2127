import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// What a clipping threshold does to training.
struct Clip: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Compare clipping thresholds: loss, success, diverged runs, gradient norms over time.",
    discussion: """
      Without --cells, --optimizer and a start it uses the setting in which clipping decides: an \
      Elman network with orthogonal start, trained by SGD with momentum.

      rnnbench clip temporal-order
      rnnbench clip adding --cells elman,lstm --thresholds none,0.1,1,10 --optimizer sgd --rate 0.05
      """,
    subcommands: TaskKinds.compared.map { $0.clipping },
    defaultSubcommand: ClipTask<TemporalOrder>.self)
}

extension ComparedKind {
  static var clipping: any ParsableCommand.Type { ClipTask<Self>.self }
}

/// The comparison of thresholds on one task.
struct ClipTask<Task: ComparedKind>: ParsableCommand {
  static var configuration: CommandConfiguration { CommandConfiguration(task: Task.name) }

  @OptionGroup var options: SettingOptions<StudySource<ClippingKind, Task>>
  @OptionGroup var files: FileOptions

  func run() throws {
    if !options.printConfig { try Joined.join() }
    let settings = try options.resolve()
    try options.printIfAsked(settings)
    let files = try CommandFiles(of: self, reading: options.inputs(settings)).results
    var study = try ClipStudy(RunPlan(settings))
    let team = try settings.makeTeam()
    let machine = MachineRecord(team: team)
    try study.run(
      Runner(study.plan, team: team, peak: machine.peak, keepsBest: false),
      among: Joined.ranks, progress: ProgressReporter())
    guard Joined.speaks else { return }

    Terminal.show(study.table, terminator: "\n")
    for sentence in study.sentences { Terminal.print(sentence) }
    let json = study.json(machine)
    try files.write(
      json: json, csv: ResultRows.csv(study.results, clip: true),
      report: HTMLReport(
        title: "Clipping thresholds compared",
        subtitle: "\(study.plan.taskName.rawValue): \(study.plan.summary)",
        generator: MachineRecord.generator,
        sections: [study.section, machine.section(configuration: json)]))
  }
}

extension ClipStudy {
  func json(_ machine: MachineRecord) -> JSONValue {
    [
      "schema": "rnnbench/clip/1", "machine": machine.json, "configuration": plan.json(),
      "results": .array(results.map { ResultRows.json($0, clip: true) }),
      "suggestions": suggestions,
    ]
  }

  var suggestions: JSONValue {
    .array(
      choices.map { choice in
        let suggestion = suggestion(for: choice)
        return [
          "cell": JSONValue(suggestion.cell), "threshold": JSONValue(suggestion.threshold),
          "reason": JSONValue(suggestion.reason), "norms": normAdvice(for: choice)?.json ?? .null,
        ]
      })
  }
}

extension NormAdvice {
  var json: JSONValue {
    [
      "threshold": JSONValue(threshold), "quantile90": JSONValue(quantile),
      "average": JSONValue(average), "low": JSONValue(band.lowerBound),
      "high": JSONValue(band.upperBound), "from": JSONValue(source),
    ]
  }
}
