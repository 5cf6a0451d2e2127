import ArgumentParser
import RNNCore

/// Options that every command takes.
struct OutputOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Seed of the first run; the others follow it.")
  var seed: UInt64 = 1

  @Option(parsing: .unconditional, help: "Threads (default: all cores).")
  var threads: Int?

  @OptionGroup var files: FileOptions

  func makeTeam() throws -> ThreadTeam {
    if let threads { try ThreadTeam(count: threads) } else { .shared }
  }
}

/// The files that every command can write.
struct FileOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Write configuration, machine and results as JSON.", valueName: "file"))
  var json: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Write the results as CSV.", valueName: "file"))
  var csv: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Write an HTML report with figures.", valueName: "file.html"))
  var report: String?

  /// The files to write, checked now, before any work is done.
  func open() throws -> OutputFiles {
    OutputFiles(
      json: try json.map { try OutputFile(path: $0) },
      csv: try csv.map { try OutputFile(path: $0) },
      report: try report.map { try OutputFile(path: $0) })
  }
}

/// The files that a command was asked to write.
struct OutputFiles {
  var json: OutputFile?
  var csv: OutputFile?
  var report: OutputFile?

  func write(json: JSONValue, csv: String, report: HTMLReport) throws {
    try self.json?.write(json.text + "\n")
    try self.csv?.write(csv)
    try self.report?.write(report.html)
  }
}
