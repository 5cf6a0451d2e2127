import ArgumentParser
import RNNCore
import RNNReport

/// All files of a command, opened and compared before it does any work.
///
/// A command that writes anything makes one of these when its settings are known:
///
/// ```swift
/// let files = try CommandFiles(of: self, reading: options.inputs(settings))
/// ```
///
/// What its options name is found by their types, ``InputPath`` and ``OutputPath``.
struct CommandFiles {
  /// What `--json`, `--csv` and `--report` name.
  let results: OutputFiles
  private let others: [String: OutputFile]

  /// Throws for an output that is one of the inputs, lies among the files of an input folder, is
  /// another output, or cannot be written; for a model or data on a standard stream, and for two
  /// files on the same one.
  ///
  /// - Parameters:
  ///   - command: whose options are looked at.
  ///   - settings: the files that its settings name.
  init(of command: some ParsableArguments, reading settings: [NamedPath] = []) throws {
    let declared = DeclaredPaths(of: command)
    let inputs = declared.inputs + settings
    try Self.checkStreams(inputs, declared.outputs)
    try Self.checkApart(inputs: inputs, outputs: declared.outputs)
    var opened: [String: OutputFile] = [:]
    for (option, path) in declared.outputs { opened[option] = try OutputFile(path: path) }
    results = OutputFiles(
      json: opened["--json"], csv: opened["--csv"], report: opened["--report"])
    others = Dictionary(
      declared.outputs.compactMap { option, path in opened[option].map { (path, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// The file that an option names.
  subscript(option: OutputPath?) -> OutputFile? { option.flatMap { others[$0.path] } }

  /// Options whose file is no text that could be piped.
  private static let neverStreams: Set = ["--model", "--save", "--start", "--data"]

  private static func checkStreams(
    _ inputs: [NamedPath], _ outputs: [NamedPath]
  ) throws(RNNError) {
    for (paths, stream) in [(inputs, "input"), (outputs, "output")] {
      let names = paths.filter { $0.path == "-" }.map(\.option)
      if let name = names.first(where: neverStreams.contains) {
        throw RNNError(.unsupported, name, expected: "a file", found: "-")
      }
      guard names.count > 1 else { continue }
      throw RNNError(
        .unsupported, names[1], expected: "standard \(stream) for one alone",
        found: "\(names[0]) - as well")
    }
  }

  private static func checkApart(inputs: [NamedPath], outputs: [NamedPath]) throws(OutputError) {
    var known: [FileIdentity: String] = [:]
    if let read = FileIdentity(descriptor: 0) { known[read] = "standard input" }
    for (option, path) in inputs {
      if let identity = FileIdentity(path), identity.exists { known[identity] = option }
    }
    // The shell may have led what is printed to a file.
    if let printed = FileIdentity(descriptor: 1) {
      if let input = known[printed] {
        throw OutputError(path: "standard output", reason: "it leads to the file of \(input)")
      }
      known[printed] = "standard output"
    }
    for (option, path) in outputs where path != "-" {
      guard let identity = FileIdentity(path) else { continue }
      if let first = known[identity] {
        throw OutputError(path: path, reason: "\(first) and \(option) name the same file")
      }
      known[identity] = option
      // A model may lie beside its data, and is replaced there by a better one.
      guard identity.exists, (try? ModelFile(reading: path)) == nil else { continue }
      for (input, folder) in inputs where identity.isIn(folder: folder) {
        throw OutputError(
          path: path, reason: "\(option) names a file that is there, in the folder of \(input)")
      }
    }
  }
}
