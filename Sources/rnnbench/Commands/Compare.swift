import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

extension Comparison.Fairness: ExpressibleByArgument {}

/// Which cell learns a task best, and which trains fastest.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare cells on a task: loss, metric, speed, over seeds.",
    discussion: """
      rnnbench compare --task slots
      rnnbench compare --task tag --data DIR --cells elman,jordan,bi-lstm --epochs 15
      rnnbench compare --task adding --cells elman:relu,irnn,lstm:peephole+coupled --fair parameters
      """)

  @OptionGroup var task: TaskOptionGroup
  @OptionGroup var training: TrainingOptions
  @OptionGroup var output: OutputOptions

  @Option(
    parsing: .unconditional,
    help:
      "What rows have in common: hidden (size), parameters (as the first row), or time (--time-limit)."
  )
  var fair: Comparison.Fairness = .hidden

  @Option(parsing: .unconditional, help: "none, value, norm, layer-norm or norm-over-batch.")
  var clipMode: Clipping.Mode = .globalNorm

  @Option(parsing: .unconditional, help: "Clipping threshold.") var clip: Float = 1

  func run() throws {
    let files = try output.files.open()
    let made = try task.make(.slots)
    let settings = TaskSettings.standard(for: made.name, guessLoss: made.task.guessLoss)
    let plan = try RunPlan(training, task: made, firstSeed: output.seed, settings: settings)
    var comparison = try Comparison(
      plan, cells: CellChoice.list(training.cells ?? settings.cells), fairness: fair,
      clipping: Clipping(clipMode, threshold: clip))
    let team = try output.makeTeam()
    let machine = MachineRecord(team: team)
    try comparison.run(
      Runner(comparison.plan, team: team, peak: machine.peak, keepsBest: true),
      progress: ProgressReporter())

    let terminal = Terminal.standardOutput
    print(
      TextTable(comparison.table).rendered(width: terminal.width, style: terminal.style),
      terminator: "")
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
      "schema": "rnnbench/compare/1", "machine": machine.json, "configuration": configuration,
      "results": .array(results.map { ResultRows.json($0, clip: false) }),
    ]
  }

  var configuration: JSONValue {
    plan.json([
      ("cells", .array(rows.map { JSONValue($0.choice.name) })),
      ("fair", JSONValue(fairness.rawValue)), ("clipMode", JSONValue(clipping.mode.rawValue)),
      ("clip", JSONValue(clipping.threshold.map(decimal))),
    ])
  }
}
