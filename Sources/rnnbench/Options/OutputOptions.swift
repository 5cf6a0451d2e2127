import ArgumentParser
import FoundationEssentials
import RNNCore
import RNNReport

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

  func makeTeam() throws -> ThreadTeam {
    if let threads { try ThreadTeam(count: threads) } else { .shared }
  }
}

/// The files that every command can write.
struct FileOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Write configuration, machine and results as JSON", valueName: "file"))
  var json: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Write the results as CSV", valueName: "file"))
  var csv: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Write an HTML report with figures", valueName: "file"))
  var report: String?

  /// The files to write, checked now, before any work is done.
  ///
  /// - Parameter others: what else the command reads or writes, with the options that name it.
  func open(beside others: [(option: String, path: String)] = []) throws -> OutputFiles {
    try checkStreams(others)
    let outputs = [("--json", json), ("--csv", csv), ("--report", report)]
    let written = outputs.compactMap { name, path in path.map { (name, $0) } }
    try Self.checkDistinct(others + written)
    try Self.checkKept(written, in: others)
    return OutputFiles(
      json: try json.map { try OutputFile(path: $0) },
      csv: try csv.map { try OutputFile(path: $0) },
      report: try report.map { try OutputFile(path: $0) })
  }

  /// Throws for a model or data in no file, and for two that would share standard input or
  /// output.
  private func checkStreams(_ others: [(option: String, path: String)]) throws(RNNError) {
    let models: Set = ["--model", "--save", "--start", "--data"]
    let inputs = others.filter { $0.path == "-" }.map(\.option)
    if let model = inputs.first(where: models.contains) {
      throw RNNError(.unsupported, model, expected: "a file", found: "-")
    }
    let outputs = [("--json", json), ("--csv", csv), ("--report", report)]
      .filter { $0.1 == "-" }.map(\.0)
    for (names, stream) in [(inputs, "input"), (outputs, "output")] where names.count > 1 {
      throw RNNError(
        .unsupported, names[1], expected: "standard \(stream) for one alone",
        found: "\(names[0]) - as well")
    }
  }

  /// Throws when a file of a folder that is read would be written over.
  static func checkKept(
    _ outputs: [(option: String, path: String)], in inputs: [(option: String, path: String)]
  ) throws {
    func place(_ path: String) -> String {
      URL(fileURLWithPath: AtomicFile.followingLinks(path)).standardizedFileURL.path
    }
    var isFolder = false
    for (option, path) in outputs where FileManager.default.fileExists(atPath: path) {
      for (input, folder) in inputs
      where FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
        && isFolder && place(path).hasPrefix(place(folder) + "/")
      {
        throw OutputError(
          path: path, reason: "\(option) names a file that is there, in the folder of \(input)")
      }
    }
  }

  /// Throws when one file would be written over another.
  static func checkDistinct(_ files: [(option: String, path: String)]) throws {
    var names: [String: String] = [:]
    for (option, path) in files
    where !path.isEmpty && !path.hasPrefix("/dev/") && path != "-" {
      let place = URL(fileURLWithPath: AtomicFile.followingLinks(path)).standardizedFileURL.path
      if let first = names[place] {
        throw OutputError(path: path, reason: "\(first) and \(option) name the same file")
      }
      names[place] = option
    }
  }
}
