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
    var command = self
    command.output.files.report = output.files.report ?? OutputPath("rnnbench-report.html")
    let files = try CommandFiles(of: command).results
    let team = try output.makeTeam()
    let machine = MachineRecord(team: team)
    var comparison = try makeComparison()
    var study = try makeStudy()

    let progress = ProgressReporter()
    try comparison.run(
      Runner(comparison.plan, team: team, peak: machine.peak, keepsBest: true), progress: progress)
    Terminal.show(comparison.table, terminator: "\n")
    try study.run(
      Runner(study.plan, team: team, peak: machine.peak, keepsBest: false), progress: progress)
    Terminal.show(study.table, terminator: "\n")
    for sentence in study.sentences { Terminal.print(sentence) }

    let json: JSONValue = [
      "schema": "rnnbench/suite/1", "machine": machine.json,
      "configuration": ["compare": comparison.plan.json(), "clip": study.plan.json()],
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
  }

  private func makeComparison() throws -> Comparison {
    var settings = StudySettings.standard(.compare, for: .slots)
    (settings.seed, settings.updates) = (output.seed, 1000)
    return try Comparison(RunPlan(settings))
  }

  private func makeStudy() throws -> ClipStudy {
    var settings = StudySettings.standard(.clip, for: .temporalOrder)
    (settings.seed, settings.cells) = (output.seed, "elman,irnn")
    return try ClipStudy(RunPlan(settings))
  }
}
