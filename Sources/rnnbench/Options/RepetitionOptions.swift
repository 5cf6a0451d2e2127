import ArgumentParser
import RNNCore
import RNNStudies

/// How often and how long an experiment on data files is run.
struct RepetitionOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Runs of each model, each with a seed of its own.")
  var seeds = 3
  @Option(parsing: .unconditional, help: "Passes over the training data (default: the published).")
  var epochs: Int?

  /// The seeds of the runs.
  func seedList(from first: UInt64) throws -> [UInt64] {
    if let epochs { try SettingRange.count(from: 1).check(epochs, "--epochs") }
    return try Self.seedList(seeds, from: first)
  }

  static func seedList(_ count: Int, from first: UInt64) throws -> [UInt64] {
    try SettingRange.runs.check(count, "--seeds")
    return (0..<count).map { first &+ UInt64($0) }
  }
}
