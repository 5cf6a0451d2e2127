import ArgumentParser
import CLibrary
import RNNCore
import RNNReport
import RNNStudies

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
      var command = try parseAsRoot()
      try command.run()
    } catch {
      leave(with: error)
    }
  }

  /// Help and version go to standard output; an error is one line on standard error.
  private static func leave(with error: any Error) -> Never {
    let code = exitCode(for: error)
    if code.isSuccess {
      print(fullMessage(for: error))
    } else {
      let text = message(for: error)
        .split(separator: "\n").map(\.trimmed)
        .joined(separator: " ")
      Terminal.warn(text)
    }
    CLibrary.exit(code.rawValue)
  }
}
