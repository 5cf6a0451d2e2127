import ArgumentParser
import Foundation

/// Published experiments, made again. One file an experiment.
struct Reproduce: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Repeat a published experiment and set its result beside the published one.",
    discussion: """
      Every experiment prints the published numbers with their sources beside those measured here, as means over \
      seeds with 95 % intervals, and how its settings differ from the published ones. Small networks are trained \
      side by side, one a thread.
      """,
    subcommands: [
      ReproducePascanu.self, ReproduceATIS.self, ReproduceCharacters.self,
      ReproduceZarembaSmall.self, ReproduceHS97.self, ReproduceIRNN.self, ReproduceMusic.self,
      ReproduceAttention.self, ReproducePretraining.self,
    ])
}

/// Where the data of an experiment lie, how often it is run, and what is written.
struct DataExperimentOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The data, as train reads them: see rnnbench help train.", valueName: "path"))
  var data: String
  @OptionGroup var repetition: RepetitionOptions
  @OptionGroup var output: OutputOptions

  /// Trains all models of `experiment` and shows what became of them.
  func run(_ experiment: DataExperiment) throws {
    try experiment.reproduce(data: URL(fileURLWithPath: data), repetition, output)
  }
}

extension DataExperiment {
  /// Trains all models and shows what became of them.
  func reproduce(
    data url: URL?, _ repetition: RepetitionOptions, _ output: OutputOptions
  ) throws {
    let files = try output.files.open()
    let team = try output.makeTeam()
    let machine = MachineRecord(team: team)
    var experiment = self
    experiment.limit(epochs: repetition.epochs)
    var study = try DataStudy(experiment, seeds: repetition.seedList(from: output.seed))
    try study.run(data: url, threads: team.count, progress: ProgressReporter())
    try study.show(files, machine: machine)
  }
}
