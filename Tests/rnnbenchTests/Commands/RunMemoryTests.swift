import Foundation
import RNNCore
import RNNTasks
import TestSupport
import Testing

@testable import RNNStudies

@Suite("Memory of runs", .unsanitized)
struct RunMemoryTests {
  /// What `ulimit -v` is set to, in KiB: 1.5 GB.
  private static let limit = 1_500_000

  @Test(
    "A run that needs more than the process may have is refused by the options that would help",
    arguments: [
      ("explain --cell lstm --hidden 50000", ["--hidden"]),
      ("compare slots --layers 1000 --updates 1", ["--layers"]),
      ("compare slots --hidden 16777216 --updates 1", ["--hidden"]),
      ("compare adding --batch 16777216 --updates 1", ["--batch"]),
      ("compare adding --length 1048576 --updates 1", ["--length"]),
      ("compare copy --length 1048576 --batch 16777216 --updates 1", ["--length", "--batch"]),
      ("clip spelled-digits --length 50000 --updates 1", ["--length"]),
      ("profile temporal-order --embedding 16777216", ["--embedding"]),
      ("surface lm --window 1024 --batch 60000", ["--batch"]),
      ("train tag --model m --data tags --embedding 9999999 --epochs 1", ["--embedding"]),
      ("train lm --model m --data text --steps 999999 --hidden 9999", ["--hidden"]),
      ("train translate --model m --data parallel --languages en,de --hidden 20000", ["--hidden"]),
      ("train vqa --model m --data pictures --patch 4 --hidden 20000", ["--hidden"]),
      ("train transduce --model m --problem copy --pairs 16777216", ["--pairs"]),
      ("train transduce --model m --problem copy --lengths 5-1048576", ["--lengths"]),
      ("reproduce hs97 --lengths 100000 --seeds 1", ["--lengths"]),
      ("reproduce pascanu --held-out 16777216", ["--held-out"]),
      ("reproduce pascanu --lengths 10-1048576 --seeds 1", ["--lengths"]),
    ])
  func refused(_ arguments: String, _ options: [String]) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let before = line.contents
    let outcome = try line.run(
      arguments.split(separator: " ").map(String.init), shell: CommandLine.limited(to: Self.limit))
    #expect(outcome.code == 1, "\(outcome.code) \(outcome.errors)")
    #expect(outcome.errors.contains("left by ulimit -v"), "\(outcome.errors)")
    for option in options { #expect(outcome.errors.contains(option), "\(outcome.errors)") }
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(line.contents == before)
  }

  @Test("The value that an error recommends runs, and hardly a larger one would")
  func recommended() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let arguments = [
      "compare", "copy", "--cells", "gru", "--updates", "1", "--seeds", "1", "--threads", "1",
    ]
    let limit = 900_000
    func run(_ batch: Int) throws -> CommandLine.Outcome {
      try line.run(
        arguments + ["--batch", "\(batch)", "--length", "10"], shell: CommandLine.limited(to: limit)
      )
    }
    let refused = try run(1 << 24)
    let number = refused.errors.firstMatch(of: /--batch: expected at most (\d+)/)
    let most = try #require(number.flatMap { Int($0.1) }, "\(refused.errors)")
    let taken = try run(most)
    #expect(taken.code == 0, "\(taken.errors)")
    let more = try run(most + most / 20)
    #expect(more.code == 1 && more.errors.contains("--batch"), "\(more.errors)")
  }

  // MARK: - Estimates

  /// A run of about 200 MB, and what it is of.
  struct Kind: Sendable, CustomTestStringConvertible {
    var name: TaskName
    var data: String?
    var options: [String]
    var testDescription: String { name.rawValue }

    static let all = [
      Kind(name: .tag, data: "tags", options: ["--hidden", "700", "--embedding", "300"]),
      Kind(name: .lm, data: "text", options: ["--hidden", "1000", "--optimizer", "sgd"]),
      Kind(
        name: .classify, data: "classes.tsv", options: ["--hidden", "700", "--averaging", "0.9"]),
      Kind(
        name: .translate, data: "parallel", options: ["--hidden", "800", "--languages", "en,de"]),
      Kind(name: .vqa, data: "pictures", options: ["--hidden", "900", "--patch", "4"]),
    ]

    func arguments(_ more: [String]) -> [String] {
      ["train", name.rawValue, "--model", "m", "--overwrite", "--epochs", "1", "--threads", "1"]
        + (data.map { ["--data", $0] } ?? []) + options + more
    }
  }

  /// The most memory of a run, in bytes.
  private func peak(_ line: CommandLine, _ arguments: [String]) throws -> Int {
    let running = try line.start(arguments)
    var memory = 0
    while running.process.isRunning {
      let path = "/proc/\(running.process.processIdentifier)/status"
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      if let row = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }) {
        memory = Int(row.filter(\.isNumber)).map { $0 * 1024 } ?? memory
      }
      usleep(2000)
    }
    let outcome = try running.outcome()
    #expect(outcome.code == 0, "\(outcome.errors)")
    return memory
  }

  @Test("A run takes at most what was reckoned, and more than half of it", arguments: Kind.all)
  func reckoned(_ kind: Kind) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    // What the program takes in any case.
    let least = try peak(line, kind.arguments(["--hidden", "4", "--embedding", "4"]))
    let most = try peak(line, kind.arguments([]))
    var settings = TrainSettings.standard(for: kind.name, unit: nil, threads: 1)
    var given = GivenSettings()
    for index in stride(from: 0, to: kind.options.count, by: 2) {
      given.append(String(kind.options[index].dropFirst(2)), kind.options[index + 1])
    }
    try TrainSettings.declared.apply(given, to: &settings)
    settings.threads = 1
    let url = kind.data.map { URL(fileURLWithPath: line.path($0)) }
    settings.data.noteLayout(of: url, kind.name)
    let task = try makeTask(kind.name, at: url, options: settings.data)
    let need = try settings.memoryNeeded(DataExtents(task), profiles: false)
    #expect(most - least > 50_000_000, "\(most) \(least)")
    // Pages that both runs have may be counted for one of them alone.
    #expect(need.bytes > most - least - 4_000_000, "\(need.parts), taken \(most - least)")
    #expect(need.bytes < 2 * (most - least) + 100_000_000, "\(need.parts), taken \(most - least)")
  }
}
