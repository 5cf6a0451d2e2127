import ArgumentParser
import Foundation
import Testing

@testable import rnnbench

/// Files of commands: no output touches an input or another output, whichever command it is. The
/// commands and their options are those that the program itself lists.
@Suite("Files that commands read and write")
struct FilePathTests {
  /// A command of each shape, with what it needs beside its files.
  struct Command: CustomTestStringConvertible, Sendable {
    var words: [String]
    /// Options that name a path.
    var paths: [String]
    /// Those that are declared as written.
    var outputs: Set<String>

    var testDescription: String { words.joined(separator: " ") }

    func isInput(_ option: String) -> Bool { !outputs.contains(option) }

    /// Files that are read, by option.
    var files: [String: String] {
      let data = paths.contains("data")
      return switch words {
      case ["train", "classify"]: ["data": "classes.tsv", "start": "autoencoder"]
      case ["train", "tag"]: ["data": "tags"]
      case ["train", "lm"], ["compare", "lm"], ["clip", "lm"], ["profile", "lm"],
        ["surface", "lm"]:
        ["data": "text"]
      case ["explain"]: ["model": "model", "input": "steps.csv"]
      case ["throughput"]: ["shapes": "shapes.csv"]
      case ["generate"]: ["model": "autoencoder", "data": "classes.tsv"]
      case ["profile", "saved"]: ["model": "model", "data": "text"]
      case ["predict"]: ["model": "answers", "data": "pictures/test", "images": "pictures/test"]
      case ["evaluate"]: ["model": "model", "data": "text"]
      case ["reproduce", "music"]: ["data": "tunes.json"]
      case _ where words[0] == "reproduce" && data: ["data": "text"]
      default: [:]
      }
    }

    /// Where a file is read all the same if its option is not given.
    var isAlwaysRead: [String] {
      files.keys.filter { ["model", "data", "shapes"].contains($0) || words == ["explain"] }
        .sorted()
    }
  }

  private struct Dump: Decodable {
    struct Argument: Decodable {
      struct Name: Decodable { var name: String }
      /// Which of the kinds it is matters, not its details.
      struct Completion: Decodable {
        enum CodingKeys: CodingKey { case file }
        var isFile: Bool
        init(from decoder: any Decoder) throws {
          isFile = try decoder.container(keyedBy: CodingKeys.self).contains(.file)
        }
      }
      var names: [Name]?
      var valueName: String?
      var completionKind: Completion?
      var isPath: Bool {
        completionKind?.isFile == true || valueName?.contains("file") == true || valueName == "path"
      }
    }
    struct Command: Decodable {
      var commandName: String
      var arguments: [Argument]?
      var subcommands: [Command]?
    }
    var command: Command
  }

  /// All commands of the program that have subcommands no more.
  private static func commands() throws -> [Command] {
    let line = try CommandLine()
    defer { line.remove() }
    let text = try line.run(["--experimental-dump-help"]).output
    var found: [Command] = []
    func add(_ command: Dump.Command, _ type: any ParsableCommand.Type, _ words: [String]) {
      for part in type.configuration.subcommands {
        let described = command.subcommands?.first { $0.commandName == part._commandName }
        if let described { add(described, part, words + [part._commandName]) }
      }
      let paths = (command.arguments ?? []).filter(\.isPath).compactMap { $0.names?.first?.name }
      guard type.configuration.subcommands.isEmpty, !paths.isEmpty else { return }
      found.append(
        Command(words: words, paths: paths.sorted(), outputs: Self.outputs(of: type)))
    }
    let dump = try JSONDecoder().decode(Dump.self, from: Data(text.utf8))
    add(dump.command, RNNBench.self, [])
    return found
  }

  /// The options of a command and its groups that are of the type of what is written.
  private static func outputs(of type: any ParsableArguments.Type) -> Set<String> {
    var names: Set<String> = []
    for child in Mirror(reflecting: type.init()).children {
      if let group = child.value as? any NestedOptions {
        names.formUnion(outputs(of: Swift.type(of: group).type))
      } else if let label = child.label,
        child.value is Option<OutputPath> || child.value is Option<OutputPath?>
      {
        names.insert(String(DeclaredPaths.option(label).dropFirst(2)))
      }
    }
    return names
  }

  /// One for each group of subcommands with the same options: those that read data where some do.
  private static func shapes() throws -> [Command] {
    let groups = Dictionary(grouping: try commands()) {
      $0.words[0]
        + (["tag", "classify"].contains($0.words.last) && $0.words[0] == "train"
          ? $0.words[1] : "") + $0.paths.joined()
    }
    return groups.values.compactMap { group in
      group.first { $0.words.last == "lm" || $0.words.last == "music" } ?? group.first
    }.sorted { $0.testDescription < $1.testDescription }
  }

  @Test("No output of any command is one of its inputs or another output")
  func apart() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try fill(line)
    let commands = try Self.shapes()
    #expect(commands.count >= 14)
    var count = 0
    for command in commands {
      for (index, first) in command.paths.enumerated() {
        for second in command.paths[(index + 1)...]
        where !command.isInput(first) || !command.isInput(second) {
          count += 1
          try check(command, first, second, over: Way.allCases[count % 3], in: line)
        }
      }
    }
  }

  /// Names one file by both options: the output by its own name, or over a symbolic or hard link;
  /// or a file of a folder that is read.
  private func check(
    _ command: Command, _ first: String, _ second: String, over way: Way, in line: CommandLine
  ) throws {
    let input = [first, second].first(where: command.isInput)
    let output = input == second ? first : second
    // Other kinds of data are refused where they are given.
    if let input, input != "config", command.files[input] == nil { return }
    if input == "config" { try writeSettings(of: command, in: line) }
    let source = input.flatMap { $0 == "config" ? "config.json" : command.files[$0] }
    let named = try source.map { try share($0, over: way, in: line) } ?? "./shared"
    let before = FileManager.default.contents(atPath: line.path(named))
    let contents = line.contents
    var given = command.files.filter { command.isAlwaysRead.contains($0.key) }
    if command.words[0] == "train" { given["model"] = "new" }
    given[input ?? first] = "shared"
    given[output] = named
    let outcome = try line.run(
      command.words + given.sorted { $0.key < $1.key }.flatMap { ["--\($0.key)", $0.value] }
        + extra(command, output: output))
    let place = "\(command.testDescription) --\(first) --\(second) \(named): \(outcome.errors)"
    #expect(outcome.code == 1, "\(place)")
    #expect(
      outcome.errors.contains("same file") || outcome.errors.contains("in the folder of"),
      "\(place)")
    for option in [first, second] { #expect(outcome.errors.contains("--\(option)"), "\(place)") }
    #expect(FileManager.default.contents(atPath: line.path(named)) == before, "\(place)")
    #expect(line.contents == contents, "\(place)")
  }

  private enum Way: String, CaseIterable { case shared, symbolic, hard }

  /// Copies a file or folder to `shared`; returns another name of it, or that of a file in it.
  private func share(_ source: String, over way: Way, in line: CommandLine) throws -> String {
    let files = FileManager.default
    for way in Way.allCases { try? files.removeItem(atPath: line.path(way.rawValue)) }
    try files.copyItem(atPath: line.path(source), toPath: line.path("shared"))
    var isFolder: ObjCBool = false
    if files.fileExists(atPath: line.path("shared"), isDirectory: &isFolder), isFolder.boolValue {
      let name = try files.subpathsOfDirectory(atPath: line.path("shared")).sorted().last
      return "shared/\(try #require(name))"
    }
    switch way {
    case .shared: break
    case .symbolic:
      try files.createSymbolicLink(
        atPath: line.path("symbolic"), withDestinationPath: line.path("shared"))
    case .hard: try files.linkItem(atPath: line.path("shared"), toPath: line.path("hard"))
    }
    return way.rawValue
  }

  /// The settings of a command as it takes them from a file: `config.json`.
  private func writeSettings(of command: Command, in line: CommandLine) throws {
    let files = command.files.filter { command.isAlwaysRead.contains($0.key) }
    let outcome = try line.run(
      command.words + files.flatMap { ["--\($0.key)", $0.value] } + ["--print-config"])
    try line.write(outcome.output, to: "config.json")
  }

  private func extra(_ command: Command, output: String) -> [String] {
    var options = command.words.last == "music" ? ["--set", "jsb"] : []
    if command.words[0] == "train" { options += ["--overwrite"] }
    if output == "save" { options += ["--cells", "gru"] }
    return options
  }

  /// Every kind of file that a command reads.
  private func fill(_ line: CommandLine) throws {
    try line.fillTinyData()
    try line.write("1,2\n3,4\n", to: "steps.csv")
    try line.write("hidden,batch,length\n8,2,3\n", to: "shapes.csv")
    try line.write("{}", to: "config.json")
    for arguments in [
      "train lm --data text --model model --hidden 4 --embedding 4 --epochs 1",
      "train autoencode --data classes.tsv --model autoencoder --hidden 4 --embedding 4 --epochs 1",
      "train vqa --data pictures --model answers --hidden 4 --embedding 4 --epochs 1 --patch 4",
    ] {
      let outcome = try line.run(arguments.split(separator: " ").map(String.init))
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
  }
}
