import Foundation
import Testing

/// Runs a built program as a user does, in a folder of its own.
struct CommandLine {
  struct Outcome {
    var code: Int32
    var output: String
    var errors: String
  }

  let folder: URL

  private let program: URL

  /// - Parameter name: of the program.
  init(_ name: String = "rnnbench") throws {
    program = Self.place(of: name)
    folder = FileManager.default.temporaryDirectory.appending(path: "rnnbench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private init(program: URL, folder: URL) {
    self.program = program
    self.folder = folder
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }

  func write(_ data: Data, to name: String) throws {
    let file = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  /// Names of everything in the folder.
  var contents: Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
  }

  /// - Parameters:
  ///   - input: what the program reads from standard input; nil for nothing.
  ///   - taken: how many bytes of it another has read before.
  ///   - output: what standard output leads to; nil for what the outcome has.
  ///   - shell: what a shell does with the program, which is `"$0"`, and its arguments, `"$@"`; nil
  ///     to run it without one.
  func run(
    _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
    taken: UInt64 = 0, output: String? = nil, shell: String? = nil
  ) throws -> Outcome {
    let running = try start(
      arguments, environment: environment, input: input, taken: taken, output: output,
      shell: shell)
    return try running.outcome()
  }

  /// What a line of the shell does, in which `"$0"` is the program.
  func shell(_ text: String) throws -> Outcome {
    let shell = CommandLine(program: URL(fileURLWithPath: "/bin/sh"), folder: folder)
    return try shell.run(["-c", text, program.path])
  }

  /// A program on its way.
  struct Running {
    let process: Process
    fileprivate let out: URL
    fileprivate let err: URL

    /// Waits for its end. A program that was killed by a signal has the signal's number as its
    /// code.
    func outcome() throws -> Outcome {
      process.waitUntilExit()
      defer { for file in [out, err] { try? FileManager.default.removeItem(at: file) } }
      return Outcome(
        code: process.terminationStatus, output: try String(contentsOf: out, encoding: .utf8),
        errors: try String(contentsOf: err, encoding: .utf8))
    }
  }

  func start(
    _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
    taken: UInt64 = 0, output: String? = nil, shell: String? = nil
  ) throws -> Running {
    let process = Process()
    process.executableURL = shell == nil ? program : URL(fileURLWithPath: "/bin/sh")
    process.arguments = (shell.map { ["-c", $0, program.path] } ?? []) + arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files, not pipes: nobody has to read or write while the program runs.
    if let input {
      try write(input, to: ".in")
      let file = try FileHandle(forReadingFrom: folder.appending(path: ".in"))
      try file.seek(toOffset: taken)
      process.standardInput = file
    }
    // Several programs may run at once.
    let name = UUID().uuidString
    let (out, err) = (
      folder.appending(path: ".out-\(name)"), folder.appending(path: ".err-\(name)")
    )
    for file in [out, err] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(
      forWritingTo: output.map { URL(fileURLWithPath: $0) } ?? out)
    process.standardError = try FileHandle(forWritingTo: err)
    try process.run()
    return Running(process: process, out: out, err: err)
  }

  /// Programs lie beside the test bundle or in the folder above it.
  private static func place(of name: String) -> URL {
    var folder = Bundle.main.bundleURL
    for _ in 0..<4 {
      let candidate = folder.appending(path: name)
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder),
        !isFolder.boolValue
      {
        return candidate
      }
      folder.deleteLastPathComponent()
    }
    return URL(fileURLWithPath: ".build/debug/\(name)")
  }
}
