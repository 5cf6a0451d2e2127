import ArgumentParser
import RNNCore

/// Options that every command takes.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .customLong("seed"), parsing: .unconditional,
    help: ArgumentHelp(
      "Seed of the first run; the others follow it. (default: 1)", valueName: "seed"))
  var givenSeed: UInt64?

  var seed: UInt64 { givenSeed ?? 1 }

  @Option(parsing: .unconditional, help: "Threads (default: all cores).")
  var threads: Int?

  @OptionGroup var files: FileOptions

  /// Throws for a seed where nothing is drawn.
  ///
  /// - Parameter expected: what would draw something.
  func refuseSeed(_ expected: String) throws(RNNError) {
    guard let givenSeed else { return }
    throw RNNError(.unsupported, "--seed", expected: expected, found: "\(givenSeed)")
  }

  func makeTeam() throws -> ThreadTeam { try .of(threads) }
}

/// The files that every command can write.
struct FileOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Write configuration, machine and results as JSON", valueName: "file"))
  var json: OutputPath?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Write the results as CSV", valueName: "file"))
  var csv: OutputPath?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Write an HTML report with figures", valueName: "file"))
  var report: OutputPath?
}
