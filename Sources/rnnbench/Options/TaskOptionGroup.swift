import ArgumentParser
import FoundationEssentials
import RNNCore
import RNNStudies
import RNNTasks

/// Which task, on which data.
struct TaskOptionGroup: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "slots, adding, temporal-order, copy, spelled-digits, lm or tag.", valueName: "task"))
  var task: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "lm: a text file. tag: a folder with train, valid and test, each with seq.in and seq.out.",
      valueName: "path"))
  var data: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps of a sequence (adding, temporal-order) or digits (spelled-digits), a number or LO-HI; steps of the delay (copy) or of a batch (lm), a number.",
      valueName: "steps"))
  var length: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Seed of generated validation and test data, the same for all runs (default: 1; lm: of the whole text).",
      valueName: "seed"))
  var dataSeed: UInt64?

  /// - Parameter savedSeed: of the data of a model from a file; nil without one.
  func make(
    _ standard: TaskName, savedSeed: UInt64? = nil
  ) throws -> NamedTask {
    let name = task ?? standard.rawValue
    if dataSeed != nil, data != nil {
      throw RNNError(
        .unsupported, "--data-seed", expected: "generated data", found: "--data as well")
    }
    var options = TaskOptions(
      seed: dataSeed ?? savedSeed ?? NamedTask.standardSeed,
      data: data.map { URL(fileURLWithPath: $0) })
    options.lengths = try length.map { try Self.lengths($0, option: "--length") }
    return try NamedTask(TaskName(named: name, among: TaskName.compared), options: options)
  }

  /// Reads a number or LO-HI.
  static func lengths(_ text: String, option: String) throws -> ClosedRange<Int> {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard let low = ends.first ?? nil, let high = ends.last ?? nil, ends.count <= 2, low <= high
    else {
      throw RNNError(.format, option, expected: "a number or LO-HI", found: "'\(text)'")
    }
    return low...high
  }
}
