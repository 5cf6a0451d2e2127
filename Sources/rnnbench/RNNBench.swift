import ArgumentParser
import CLibrary
import RNNCore
import RNNParallel
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
      Without a subcommand it runs a suite of about a minute on generated data: cells on slot \
      filling, then clipping thresholds on temporal order.

      Exit codes: 0 done, 1 failed, 3 diverged (train), 64 wrong arguments, 130 and 143 \
      interrupted.
      """,
    version: Version.current,
    subcommands: [
      Suite.self, Compare.self, Clip.self, Throughput.self, Profile.self, Surface.self,
      Explain.self, Cells.self, Train.self, Predict.self, Evaluate.self, Generate.self,
      Reproduce.self, Doctor.self,
    ],
    defaultSubcommand: Suite.self)

  static func main() {
    StandardOutput.openStreams()
    Interruption.unblock()
    do {
      try InstructionSet.validateEnvironment()
      try ProductBackend.validateEnvironment()
      try ThreadTeam.validateEnvironment()
      let arguments = Self.complete(Self.arguments)
      try checkSubcommands(arguments)
      var command = try parseAsRoot(arguments)
      try command.run()
      try StandardOutput.finish()
      Ranks.finish()
    } catch {
      leave(with: named(error))
    }
  }

  /// What follows the program's name; bytes that are no UTF-8 stay, as in names of files.
  private static var arguments: [String] {
    (0..<Int(CommandLine.argc)).dropFirst().compactMap { index in
      CommandLine.unsafeArgv[index].map { String(fileName: UnsafePointer($0)) }
    }
  }

  /// With the subcommand that `profile --model FILE` leaves out.
  private static func complete(_ arguments: [String]) -> [String] {
    guard arguments.first == Profile._commandName, arguments.count > 1,
      arguments[1].hasPrefix("-"),
      arguments.contains(where: { $0 == "--model" || $0.hasPrefix("--model=") })
    else { return arguments }
    return [arguments[0], ProfileSaved._commandName] + arguments.dropFirst()
  }

  /// Throws for a word in the place of a subcommand that is none: to the parser it would be an
  /// argument of the default subcommand, which has none.
  private static func checkSubcommands(_ arguments: [String]) throws {
    var command: any ParsableCommand.Type = RNNBench.self
    for word in arguments {
      let subcommands = command.configuration.subcommands
      guard !subcommands.isEmpty, !word.hasPrefix("-"), word != "help" else { return }
      if let next = subcommands.first(where: { $0.names.contains(word) }) {
        command = next
        continue
      }
      let names = subcommands.map { $0._commandName } + (command == RNNBench.self ? ["help"] : [])
      throw ValidationError(
        "subcommand: expected \(names.joined(separator: ", ")), found \(word.excerpt)"
          + (nearest(word, among: names).map { ": did you mean \($0)?" } ?? ""))
    }
  }

  /// The options that an argument of the library's may be about where their names differ, by its
  /// first words.
  private static let options: [(argument: String, options: [String])] = [
    ("cell", ["cells"]), ("teacher forcing", ["cell", "cells"]), ("encoder", ["start"]),
    ("model of ", ["cell", "cells"]), ("data of ", ["data"]), ("format of the input", ["input"]),
    ("testShare", ["test-share", "data"]), ("validationShare", ["validation-share", "data"]),
    ("shares of validation and test", ["test-share", "validation-share"]),
    ("position in the training data", ["model"]), ("problem", ["model"]),
  ]

  /// What the library says of its `top-p` is of the option `--top-p`, where that was given; what it
  /// says under another name keeps that.
  private static func named(_ error: any Error) -> any Error {
    guard let error = error as? RNNError, !error.argument.isEmpty else { return error }
    let names =
      [String(error.argument.map { $0 == " " ? "-" : $0 })]
      + options.filter { error.argument.hasPrefix($0.argument) }.flatMap(\.options)
    let given = names.lazy.map { "--" + $0 }.first { option in
      CommandLine.arguments.contains { $0 == option || $0.hasPrefix(option + "=") }
    }
    guard let given else { return error }
    let isSame = given.filter(\.isLetter).hasPrefix(error.argument.lowercased().filter(\.isLetter))
    return error.naming(isSame ? given : "\(given): \(error.argument)")
  }

  /// Help and version go to standard output; an error is one line on standard error. A run that a
  /// signal ended has said so.
  private static func leave(with error: any Error) -> Never {
    var code = (error as? ProgramFailure)?.code ?? exitCode(for: error)
    if code.isSuccess {
      let text = fullMessage(for: error)
      if !text.isEmpty { StandardOutput.print(text) }
      do { try StandardOutput.finish() } catch {
        Terminal.warn("\(error)")
        code = .failure
      }
    } else {
      let text = message(for: error)
        .split(separator: "\n").map(\.trimmed)
        .joined(separator: " ")
      // The parser repeats what it was given.
      if !text.isEmpty { Terminal.warn(text.cut(to: 1_500)) }
      Joined.leave(with: error, code: code, text: text.cut(to: 1_500))
    }
    CLibrary.exit(code.rawValue)
  }
}

/// A failure with an exit code of its own.
struct ProgramFailure: Error, CustomStringConvertible {
  let code: ExitCode
  let description: String
}

extension ExitCode {
  /// Of a training run whose numbers stopped being finite.
  static let diverged = ExitCode(3)
}

extension ParsableCommand {
  /// The words that stand for it.
  fileprivate static var names: [String] { [_commandName] + configuration.aliases }
}
