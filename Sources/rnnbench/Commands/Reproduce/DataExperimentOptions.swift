import ArgumentParser
import FoundationEssentials
import RNNReport
import RNNStudies
import RNNTasks

/// Where the data of an experiment lie, how often it is run, and what is written.
struct DataExperimentOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The data, as train reads them: see rnnbench help train.", valueName: "path"))
  var data: InputPath
  @OptionGroup var repetition: RepetitionOptions
  @OptionGroup var output: OutputOptions

  /// Trains all models of `experiment` and shows what became of them.
  func run(_ experiment: DataExperiment) throws {
    try experiment.reproduce(
      data: URL(place: data.path), repetition, output,
      files: CommandFiles(of: self).results)
  }
}

extension DataExperiment {
  /// Trains all models and shows what became of them.
  func reproduce(
    data url: URL?, _ repetition: RepetitionOptions, _ output: OutputOptions, files: OutputFiles
  ) throws {
    try Joined.join()
    let team = try output.makeTeam()
    let machine = MachineRecord(team: team)
    var experiment = self
    experiment.limit(epochs: repetition.epochs)
    var study = try DataStudy(experiment, seeds: repetition.seedList(from: output.seed))
    try study.run(
      data: url, threads: team.count, among: Joined.ranks, progress: ProgressReporter())
    guard Joined.speaks else { return }
    try study.show(files, machine: machine)
  }
}
