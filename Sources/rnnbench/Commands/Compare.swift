import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// Which cell learns a task best, and which trains fastest.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare cells on a task: loss, metric, speed, over seeds.",
    discussion: """
      rnnbench compare slots
      rnnbench compare tag --data DIR --cells elman,jordan,bi-lstm --epochs 15
      rnnbench compare adding --cells elman:relu,irnn,lstm:peephole+coupled --fair parameters
      """,
    subcommands: TaskKinds.compared.map { $0.comparison },
    defaultSubcommand: CompareTask<Slots>.self)
}

extension ComparedKind {
  static var comparison: any ParsableCommand.Type { CompareTask<Self>.self }
}

/// The comparison on one task.
struct CompareTask<Task: ComparedKind>: ParsableCommand {
  static var configuration: CommandConfiguration { CommandConfiguration(task: Task.name) }

  @OptionGroup var options: SettingOptions<StudySource<ComparisonKind, Task>>
  @OptionGroup var files: FileOptions

  func run() throws {
    if !options.printConfig { try Joined.join() }
    let settings = try options.resolve()
    try options.printIfAsked(settings)
    let files = try CommandFiles(of: self, reading: options.inputs(settings)).results
    var comparison = try Comparison(RunPlan(settings))
    let team = try settings.makeTeam()
    let machine = MachineRecord(team: team)
    try comparison.run(
      Runner(comparison.plan, team: team, peak: machine.peak, keepsBest: true),
      among: Joined.ranks, progress: ProgressReporter())
    guard Joined.speaks else { return }

    Terminal.show(comparison.table)
    let json = comparison.json(machine)
    try files.write(
      json: json, csv: ResultRows.csv(comparison.results, clip: false),
      report: HTMLReport(
        title: "Recurrent cells compared", subtitle: comparison.table.title,
        generator: MachineRecord.generator,
        sections: [comparison.section, machine.section(configuration: json)]))
  }
}

extension Comparison {
  func json(_ machine: MachineRecord) -> JSONValue {
    [
      "schema": "rnnbench/compare/1", "machine": machine.json, "configuration": plan.json(),
      "results": .array(results.map { ResultRows.json($0, clip: false) }),
    ]
  }
}
