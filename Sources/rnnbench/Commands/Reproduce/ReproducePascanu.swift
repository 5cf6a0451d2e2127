import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

extension RetentionRegularizer.Form: ExpressibleByArgument {}

/// Temporal order as in Pascanu, Mikolov and Bengio (2013).
struct ReproducePascanu: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pascanu",
    abstract: "Temporal order with clipping and the regulariser Ω (Pascanu et al. 2013).",
    discussion: """
      Plain SGD, with clipping, and with clipping and the regulariser Ω. By default a small \
      version that takes some minutes; --paper has the paper's lengths, starts, seeds and \
      5,000,000 updates, which takes weeks on two cores.

      rnnbench reproduce pascanu
      rnnbench reproduce pascanu --lengths 20,50,50-200 --init smart-tanh --methods msgd-c,msgd-cr
      rnnbench reproduce pascanu --paper --lengths 50 --report pascanu.html
      """)

  @OptionGroup var output: OutputOptions

  @Flag(help: "The paper's size.") var paper = false
  @Option(
    parsing: .unconditional,
    help:
      """
      Steps of the sequences, numbers or LO-HI joined by commas (default: 20,30,40; --paper: \
      50,100,150,200,50-200).
      """
  )
  var lengths: String?
  @Option(
    name: .customLong("init"), parsing: .unconditional,
    help: "Starts, joined by commas: sigmoid, tanh, smart-tanh (default: tanh; --paper: all).")
  var starts: String?
  @Option(
    parsing: .unconditional, help: "Methods, joined by commas: sgd, msgd-c, msgd-cr (default: all)."
  )
  var methods: String?
  @Option(parsing: .unconditional, help: "Runs of each setting (default: 5).") var seeds: Int?
  @Option(
    parsing: .unconditional, help: "Updates a run at most (default: 30000; --paper: 5000000).")
  var updates: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Seed of the held-out data, the same for all runs (default: 1).", valueName: "seed"))
  var dataSeed: UInt64?
  @Option(
    parsing: .unconditional,
    help: "Held-out sequences that decide on success (default: 2000; --paper: 10000).")
  var heldOut: Int?
  @Option(
    parsing: .unconditional,
    help:
      """
      How Ω compares: paper, (ρ − 1)², or released, (ρ² − 1)² as in the released code (default: \
      released).
      """
  )
  var omega: RetentionRegularizer.Form?

  func run() throws {
    let files = try CommandFiles(of: self).results
    try Joined.join()
    let team = try output.makeTeam()
    var study = PascanuStudy(try plan())
    let machine = MachineRecord(team: team)
    try study.run(
      threads: team.count, among: Joined.ranks, progress: ProgressReporter())
    guard Joined.speaks else { return }
    try study.show(files, machine: machine)
  }

  /// Throws for whatever a run would stumble over, before the first one begins.
  func plan() throws -> PascanuPlan {
    var plan = PascanuPlan.standard(paper: paper)
    if let starts { plan.starts = try Self.list(starts, option: "--init") }
    if let methods { plan.methods = try Self.list(methods, option: "--methods") }
    if let lengths { plan.lengths = try Self.lengths(lengths) }
    if let omega { plan.form = omega }
    if let dataSeed { plan.dataSeed = dataSeed }
    plan.updates = updates ?? plan.updates
    plan.heldOut = heldOut ?? plan.heldOut
    for (name, value) in [("--updates", plan.updates), ("--held-out", plan.heldOut)] {
      try SettingRange.count(from: 1).check(value, name)
    }
    plan.seeds = try RepetitionOptions.seedList(seeds ?? plan.seeds.count, from: output.seed)
    for lengths in plan.lengths {
      try require(
        lengths.lowerBound >= 10, "--lengths", "10 steps or more", "\(lengths.lowerBound)")
    }
    return plan
  }

  /// Reads names joined by commas, each once.
  private static func list<Name: RawRepresentable & CaseIterable & Equatable>(
    _ text: String, option: String
  ) throws -> [Name] where Name.RawValue == String {
    var names: [Name] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let word = part.trimmingPrefix(while: \.isWhitespace).description
      guard let name = Name(rawValue: word) else {
        throw RNNError(
          .format, option,
          expected: Name.allCases.map(\.rawValue).joined(separator: ", ") + ", joined by commas",
          found: word.excerpt)
      }
      if !names.contains(name) { names.append(name) }
    }
    return names
  }

  private static func lengths(_ text: String) throws -> [ClosedRange<Int>] {
    var result: [ClosedRange<Int>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let lengths = try ClosedRange(lengths: String(part), option: "--lengths")
      if !result.contains(lengths) { result.append(lengths) }
    }
    return result
  }
}
