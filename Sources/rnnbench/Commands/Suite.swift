import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// The bare command: cells on slot filling and thresholds on temporal order, in about a minute.
struct Suite: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The default: a suite of about a minute on generated data, with an HTML report.")

  @OptionGroup var output: OutputOptions

  func run() throws {
    var output = output
    output.files.report = output.files.report ?? "rnnbench-report.html"
    let files = try output.files.open()
    let team = try output.makeTeam()
    let machine = MachineRecord(team: team)
    var comparison = try makeComparison()
    var study = try makeStudy()

    let progress = ProgressReporter()
    try comparison.run(
      Runner(comparison.plan, team: team, peak: machine.peak, keepsBest: true), progress: progress)
    show(comparison.table)
    try study.run(
      Runner(study.plan, team: team, peak: machine.peak, keepsBest: false), progress: progress)
    show(study.table)
    for sentence in study.sentences { Terminal.print(sentence) }

    let json: JSONValue = [
      "schema": "rnnbench/suite/1", "machine": machine.json,
      "configuration": ["compare": comparison.configuration, "clip": study.configuration],
      "results": .array(
        comparison.results.map { ResultRows.json($0, clip: true) }
          + study.results.map { ResultRows.json($0, clip: true) }),
      "suggestions": study.suggestions,
    ]
    try files.write(
      json: json,
      csv: ResultRows.csv(comparison.results + study.results, clip: true),
      report: HTMLReport(
        title: "Which cell, which clipping threshold?",
        subtitle: "\(machine.profile.cpu), \(team.count) threads",
        generator: MachineRecord.generator,
        sections: [comparison.section, study.section, machine.section(configuration: json)]))
    print("")
    for path in [output.files.report, output.files.json, output.files.csv].compactMap({ $0 }) {
      Terminal.print("Written: \(path)")
    }
  }

  private func show(_ table: Table) {
    let terminal = Terminal.standardOutput
    print(TextTable(table).rendered(width: terminal.width, style: terminal.style))
  }

  private func makeComparison() throws -> Comparison {
    var training = try TrainingOptions.parse([])
    (training.seeds, training.updates) = (3, 1000)
    let task = try NamedTask(.slots)
    let settings = TaskSettings.standard(for: .slots, guessLoss: nil)
    let plan = try RunPlan(training, task: task, firstSeed: output.seed, settings: settings)
    return try Comparison(
      plan, cells: CellChoice.list(settings.cells), fairness: .hidden,
      clipping: .globalNorm(1))
  }

  private func makeStudy() throws -> ClipStudy {
    var training = try TrainingOptions.parse([])
    (training.seeds, training.updates) = (3, 800)
    let task = try NamedTask(.temporalOrder)
    let plan = try ClipStudy.plan(training, task: task, firstSeed: output.seed)
    return try ClipStudy(
      plan, cells: CellChoice.list("elman,irnn"), mode: .globalNorm,
      thresholds: ClipStudy.thresholds("none,0.1,1,10", mode: .globalNorm))
  }
}
