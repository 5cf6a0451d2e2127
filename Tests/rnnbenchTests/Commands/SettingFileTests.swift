import Foundation
import RNNCore
import Testing

@Suite("Settings in files, and help that follows from them")
struct SettingFileTests {
  @Test("What --print-config prints gives the same training run", arguments: TrainedKind.all)
  func training(_ kind: TrainedKind) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let printed = try line.run(kind.arguments(["--seed", "5", "--print-config"]))
    #expect(printed.code == 0 && !line.contents.contains("m"), "\(printed.errors)")
    try line.write(printed.output, to: "c.json")
    let again = try line.run(["train", kind.name, "--config", "c.json", "--print-config"])
    #expect(again.output == printed.output, "\(again.errors)")
    for arguments in [
      kind.arguments(["--seed", "5", "--json", "a.json"]),
      ["train", kind.name, "--config", "c.json", "--model", "n", "--json", "b.json"],
    ] {
      let outcome = try line.run(arguments)
      #expect(outcome.code == 0, "\(arguments): \(outcome.errors)")
    }
    #expect(try line.tensors("m") == line.tensors("n"))
    let settings = try ["a.json", "b.json"].map {
      try #require(try line.json($0)["configuration"] as? NSDictionary)
    }
    #expect(settings[0] == settings[1])
  }

  @Test(
    "What --print-config prints gives the same study",
    arguments: [
      "compare slots --hidden 4 --updates 3 --seeds 2 --cells gru,lstm --batch 4",
      "compare adding --length 5-7 --hidden 4 --updates 3 --seeds 1 --cells gru --init normal=0.2",
      "compare copy --fair time --time-limit 0.05 --seeds 1 --cells gru --hidden 4",
      "clip adding --length 6 --hidden 4 --updates 4 --seeds 1 --optimizer sgd",
      "clip --length 10 --hidden 4 --updates 3 --seeds 1 --uniform-start 0.2 --mode value",
      "profile slots --hidden 4 --updates 3 --cells elman,bi-gru --probe 2",
      "surface --grid 5 --path-steps 3 --start 5,-2", "surface linear --weights 1,0.5 --length 30",
      "surface slots --cell gru --hidden 4 --updates 2 --grid 4 --path-steps 2 --batch 4",
      "throughput --cells lstm --preset table --passes train --seconds 0.0001 --threads 1 --peak 5",
    ])
  func studies(_ text: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let arguments = text.split(separator: " ").map(String.init)
    let command = arguments.prefix { !$0.hasPrefix("--") }
    let printed = try line.run(arguments + ["--print-config"])
    #expect(printed.code == 0 && line.contents.isEmpty, "\(printed.errors)")
    try line.write(printed.output, to: "c.json")
    let again = try line.run(command + ["--config", "c.json", "--print-config"])
    #expect(again.output == printed.output, "\(again.errors)")
    let results = try [arguments, command + ["--config", "c.json"]].map { arguments in
      let outcome = try line.run(arguments + ["--json", "r.json"])
      #expect(outcome.code == 0, "\(outcome.errors)")
      return try line.json("r.json")
    }
    #expect(
      results[0]["configuration"] as? NSDictionary == results[1]["configuration"] as? NSDictionary)
    guard !text.contains("time"), !text.contains("throughput") else { return }
    let losses = try results.map { result in
      let rows = result["results"] as? [[String: Any]]
      return try #require(
        rows?.map { "\($0["validLoss"] ?? $0["loss"] ?? $0["slope"] ?? "")" }
          ?? [((result["results"] as? [String: Any])?["error"]).map { "\($0)" } ?? ""])
    }
    #expect(losses[0] == losses[1] && losses[0].contains { !$0.isEmpty })
  }

  @Test("Options win over the file, and what is wrong in it is named with its place")
  func reading() throws {
    let line = try CommandLine()
    defer { line.remove() }
    func run(_ settings: String, _ more: [String] = [], top: String = "") throws
      -> CommandLine.Outcome
    {
      try line.write(
        """
        {"schema": "rnnbench/config/1", "version": "0.1.0", "command": "compare slots"\(top),
         "settings": {\(settings)}}
        """, to: "c.json")
      return try line.run(["compare", "--config", "c.json", "--print-config"] + more)
    }
    let both = try run(#""hidden": 9, "rate": 1e-2, "crf": true"#, ["--hidden", "8", "--no-crf"])
    #expect(both.code == 0 && both.output.contains(#""hidden": 8"#), "\(both.errors)")
    #expect(both.output.contains(#""rate": 0.01"#) && both.output.contains(#""crf": false"#))
    #expect(try run(#""hidden": null"#).output.contains(#""hidden": 64"#))
    for (settings, top, words) in [
      (#""hiden": 9"#, "", ["hiden", "hidden"]), (#""hidden": true"#, "", ["hidden", "true"]),
      (#""hidden": 0"#, "", ["c.json: --hidden", "'0'"]),
      (#""crf": 1"#, "", ["crf", "true or false"]),
      (#""feeding": "answer""#, "", ["feeding"]),
      (#""momentum": 0.5"#, "", ["--momentum", "adam"]),
      ("", #", "colour": 1"#, ["colour"]), (#""hidden": 9, "hidden": 8"#, "", ["hidden"]),
      (#""hidden": 9,"#, "", ["c.json"]),
    ] {
      let outcome = try run(settings, top: top)
      #expect(outcome.code == 1 && outcome.output.isEmpty, "\(settings) \(top)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
      for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
    }
    _ = try run("")
    let other = try line.run(["clip", "--config", "c.json"])
    #expect(other.code == 1 && other.errors.contains("clip temporal-order"), "\(other.errors)")
    let piped = try line.run(
      ["compare", "--config", "-", "--print-config"],
      input: String(contentsOfFile: line.path("c.json"), encoding: .utf8))
    #expect(piped.code == 0 && piped.output.contains("compare slots"), "\(piped.errors)")
    #expect(try line.run(["compare", "--config", "missing.json"]).errors.contains("missing.json"))
  }

  @Test(
    "What depends on an option is settled over the file as without one",
    arguments: [
      ("compare adding", "", "--fair time", #""timeLimit": 10.0"#),
      ("compare adding", "", "--time-limit 3", #""updates": null"#),
      ("compare tag", "", "--updates 3", #""epochs": null"#),
      ("compare slots", "", "--optimizer adamw", #""weightDecay": 0.01"#),
      ("clip temporal-order", "", "--optimizer sgd", #""rate": 0.001"#),
      ("clip temporal-order", "", "--uniform-start 0.1", #""uniformStart": 0.1"#),
      ("throughput", "--seconds 0.1", "--scaling", #""scaling": true"#),
      ("train tag", "", "--cell feedforward", #""cell": "feedforward""#),
      ("train tag", "", "--directions forward", #""cell": "lstm""#),
      ("train translate", "", "--init xavier", #""init": "xavier""#),
      ("train lm", "--unit word --hidden 9", "--unit character", #""unit": "character""#),
    ])
  func settling(_ command: String, _ before: String, _ option: String, _ found: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
    let file = try line.run(words(command) + words(before) + ["--print-config"])
    try line.write(file.output, to: "c.json")
    let over = try line.run(
      words(command) + ["--config", "c.json", "--print-config"] + words(option))
    #expect(over.code == 0 && over.output.contains(found), "\(over.errors)\(over.output)")
    // Where the file says no more than what is standard, the options alone say the same.
    if before.isEmpty {
      let alone = try line.run(words(command) + ["--print-config"] + words(option))
      #expect(alone.output == over.output, "\(alone.errors)")
    }
  }

  @Test("A run goes on with its own printed settings, and no file is lost")
  func resuming() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let small = ["--hidden", "6", "--embedding", "4", "--batch", "8"]
    for (kind, data) in [("classify", "classes.tsv"), ("autoencode", "classes.tsv")] {
      let run = ["train", kind, "--data", data, "--epochs", "1"] + small
      try line.write(line.run(run + ["--print-config"]).output, to: "c.json")
      #expect(try line.run(run + ["--model", kind]).code == 0)
      let more = try line.run(
        ["train", kind, "--config", "c.json", "--model", kind, "--resume", "--epochs", "2"])
      #expect(more.code == 0, "\(more.errors)")
      let printed = try line.run(["train", kind, "--model", kind, "--resume", "--print-config"])
      #expect(printed.output.contains(#""hidden": 6"#), "\(printed.errors)")
      let other = try line.run(run + ["--model", kind, "--resume", "--rate", "1"])
      #expect(other.code == 1 && other.errors.contains("another --rate\n"), "\(other.errors)")
      // A file that only the settings name is guarded as one that an option names.
      let lost = try line.run(
        ["train", kind, "--config", "c.json", "--model", "n", "--json", data])
      #expect(lost.code == 1 && lost.errors.contains("same file"), "\(lost.errors)")
    }
    let start = ["train", "classify", "--data", "classes.tsv", "--start", "autoencode"]
    for more in [
      ["--report", "autoencode"], ["--config", "c.json"], ["--print-config"], ["--hidden", "3"],
    ] {
      let outcome = try line.run(start + ["--model", "n"] + more)
      #expect(outcome.code == 1, "\(more)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }
    #expect(try line.run(start + ["--model", "n", "--epochs", "1"]).code == 0)
  }

  @Test(
    "What the run would refuse is not printed",
    arguments: [
      "surface --x-range foo", "surface linear --weights 1,,2", "throughput --cells foo",
      "throughput --threads 0", "clip adding --thresholds foo", "profile --updates 0 --rate 0.1",
      "surface slots --updates 0 --dropout 0.1", "compare slots --layers 1025",
      "profile saved --model=m --data x --data-seed 3", "train lm --data -",
    ])
  func refused(_ text: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let arguments = text.split(separator: " ").map(String.init)
    let isPrinted = !text.contains("--data -")
    let outcome = try line.run(arguments + (isPrinted ? ["--print-config"] : ["--model", "m"]))
    #expect(outcome.code != 0 && outcome.output.isEmpty, "\(outcome.output)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
  }

  // MARK: - Help

  private struct Help: Decodable {
    var command: Command

    struct Command: Decodable {
      var commandName: String
      var abstract: String?
      var subcommands: [Command]?
      var arguments: [Argument]?
    }

    struct Argument: Decodable {
      struct Name: Decodable { var name: String }
      var kind: String
      var abstract: String?
      var defaultValue: String?
      var isOptional: Bool
      var shouldDisplay: Bool
      var preferredName: Name?
    }
  }

  /// Options that name a file or where nothing stands in the place of what was not given.
  private static let withoutDefault: Set = [
    "json", "csv", "report", "config", "model", "save", "start", "data", "shapes", "input",
  ]

  @Test("Every option of every command has a meaning, and a default where it has a value")
  func help() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let text = try line.run(["--experimental-dump-help"]).output
    let help = try JSONDecoder().decode(Help.self, from: Data(text.utf8))
    var count = 0
    func look(_ command: Help.Command, _ path: String) {
      #expect(!(command.abstract ?? "").isEmpty || command.commandName == "help", "\(path)")
      if command.commandName == "help" { return }
      for argument in command.arguments ?? [] where argument.shouldDisplay {
        let name = argument.preferredName?.name ?? ""
        count += 1
        #expect(!(argument.abstract ?? "").isEmpty, "\(path) \(name)")
        guard argument.kind == "option", argument.isOptional, !Self.withoutDefault.contains(name)
        else { continue }
        let hasDefault =
          argument.defaultValue != nil || argument.abstract?.contains("default: ") == true
        #expect(hasDefault, "\(path) --\(name): \(argument.abstract ?? "")")
      }
      for next in command.subcommands ?? [] { look(next, path + " " + next.commandName) }
    }
    look(help.command, "rnnbench")
    #expect(count > 500, "options of all commands, found \(count)")
  }

  @Test("The help of a kind fits two screens", arguments: ["tag", "lm", "music", "vqa"])
  func length(_ kind: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let help = try line.run(["train", kind, "--help"], environment: ["COLUMNS": "80"]).output
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 61, "60 lines and the end")
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(help.contains("(default: ") && !help.contains("--patch") || kind == "vqa")
    let all = try line.run(["train", kind, "--help-hidden"]).output
    #expect(all.contains("--momentum") && !help.contains("--momentum"))
  }
}
