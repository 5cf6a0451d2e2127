import ArgumentParser
import Foundation
import RNNCore
import RNNTasks

/// Which task, on which data.
struct TaskOptionGroup: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "slots, adding, temporal-order, copy, spelled-digits, chars or tagging.", valueName: "task"))
  var task: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "chars: a text file. tagging: a folder with train, valid and test, each with seq.in and seq.out.",
      valueName: "path"))
  var data: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps: of a sequence (adding, temporal-order), of the delay (copy), of a batch (chars); digits (spelled-digits); a number or LO-HI.",
      valueName: "steps"))
  var length: String?

  func make(_ standard: TaskName, seed: UInt64) throws -> (name: TaskName, task: any SequenceTask) {
    let name = task ?? standard.rawValue
    var options = TaskOptions(seed: seed, data: data.map { URL(fileURLWithPath: $0) })
    options.lengths = try length.map { try Self.lengths($0, option: "--length") }
    let task = try makeTask(name, options: options)
    return (TaskName(rawValue: name) ?? standard, task)
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
