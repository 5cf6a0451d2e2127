import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies

/// How an experiment on the adding problem is made longer or shorter.
struct AddingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Steps of the sequences, joined by commas (default: the published).")
  var lengths: String?
  @Option(parsing: .unconditional, help: "Runs of each setting, each with a seed of its own.")
  var seeds = 3
  @Option(parsing: .unconditional, help: "Updates a run at most (default: the published).")
  var updates: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Seed of validation and test data, the same for all runs (default: 1).", valueName: "seed"))
  var dataSeed: UInt64?
  @OptionGroup var output: OutputOptions

  /// Trains all networks of `plan` and shows what became of them.
  func run(_ plan: AddingPlan) throws {
    let files = try CommandFiles(of: self).results
    try Joined.join()
    let team = try output.makeTeam()
    var plan = plan
    if let lengths { plan.lengths = try Self.lengths(lengths) }
    plan.updates = updates ?? plan.updates
    try SettingRange.count(from: 1).check(plan.updates, "--updates")
    plan.seeds = try RepetitionOptions.seedList(seeds, from: output.seed)
    plan.dataSeed = dataSeed ?? plan.dataSeed
    let machine = MachineRecord(team: team)
    var study = AddingStudy(plan)
    try study.run(
      threads: team.count, among: Joined.ranks, progress: ProgressReporter())
    guard Joined.speaks else { return }
    try study.show(files, machine: machine)
  }

  private static func lengths(_ text: String) throws -> [Int] {
    var lengths: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let length = Int(part), (2...100_000).contains(length) else {
        throw RNNError(
          .range, "--lengths", expected: "numbers from 2 to 100000, joined by commas",
          found: part.excerpt)
      }
      if !lengths.contains(length) { lengths.append(length) }
    }
    return lengths
  }
}
