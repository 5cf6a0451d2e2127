import ArgumentParser
import CLibrary
import RNNCore
import RNNReport
import RNNStudies
import RNNTasks

/// The command line of RNNCore. One file a subcommand in `Commands/`.
@main
struct RNNBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rnnbench",
    abstract: "Which recurrent cell, and which clipping threshold? Measured on this machine.",
    discussion: """
      Without a subcommand it runs a suite of about a minute on generated data: cells on slot filling, \
      then clipping thresholds on temporal order.
      """,
    version: Version.current,
    subcommands: [
      Suite.self, Compare.self, Clip.self, Throughput.self, Profile.self, Surface.self,
      Explain.self, Train.self, Evaluate.self, Generate.self, Reproduce.self, Doctor.self,
    ],
    defaultSubcommand: Suite.self)

  static func main() {
    do {
      try InstructionSet.validateEnvironment()
      try checkSubcommand(CommandLine.arguments.dropFirst().first)
      var command = try parseAsRoot()
      try command.run()
    } catch {
      leave(with: error)
    }
  }

  /// Throws for a first word that is no subcommand: to the parser it would be an argument of the suite, which has none.
  private static func checkSubcommand(_ word: String?) throws {
    guard let word, !word.hasPrefix("-") else { return }
    let names =
      configuration.subcommands.map { $0.configuration.commandName ?? "\($0)".lowercased() } + [
        "help"
      ]
    guard !names.contains(word) else { return }
    let distances = names.map { editDistance(Array($0), Array(word)) }
    let nearest = zip(names, distances).filter { $1 <= 2 }.min { $0.1 < $1.1 }?.0
    throw ValidationError(
      "subcommand: expected \(names.joined(separator: ", ")), found '\(word.printable)'"
        + (nearest.map { ": did you mean \($0)?" } ?? ""))
  }

  /// Help and version go to standard output; an error is one line on standard error. A run that a signal ended has said so.
  private static func leave(with error: any Error) -> Never {
    let code = exitCode(for: error)
    if code.isSuccess {
      print(fullMessage(for: error))
    } else {
      let text = message(for: error)
        .split(separator: "\n").map(\.trimmed)
        .joined(separator: " ")
      if !text.isEmpty { Terminal.warn(text) }
    }
    CLibrary.exit(code.rawValue)
  }
}
