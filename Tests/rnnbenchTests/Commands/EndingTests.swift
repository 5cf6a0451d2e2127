import Foundation
import RNNCore
import Testing

@Suite("How runs end")
struct EndingTests {
  @Test("A run whose numbers stop being finite says so, and keeps what was finite")
  func diverges() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    var diverged: Set<String> = []
    for kind in TrainedKind.all {
      let outcome = try line.run(
        kind.arguments([
          "--rate", "3e37", "--clip-mode", "none", "--epochs", "2", "--overwrite", "--json",
          "r.json",
        ]))
      let results = try String(contentsOfFile: line.path("r.json"), encoding: .utf8)
      let isDiverged = !results.contains("\"divergence\": null")
      #expect(outcome.code == (isDiverged ? 3 : 0), "\(kind.name): \(outcome.errors)")
      if isDiverged {
        diverged.insert(kind.name)
        let last = outcome.errors.split(separator: "\n").last ?? ""
        #expect(last.contains("not finite in epoch") && last.contains("try --rate"), "\(last)")
        #expect(outcome.output.contains("Diverged in epoch"), "\(outcome.output)")
      } else {
        #expect(!results.contains("\"validLoss\": null"), "\(kind.name): \(results)")
      }
      let parameters = try ModelFile(reading: line.path("m")).tensors
      for tensor in parameters.tensors {
        #expect(try parameters.values(of: tensor.name).allSatisfy { $0.isFinite })
      }
    }
    #expect(diverged.count >= 6, "\(diverged)")
  }

  @Test("What --overwrite replaces stays until there is something better")
  func overwrites() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let kind = TrainedKind.all[1]
    #expect(try line.run(kind.arguments()).code == 0)
    let old = try Data(contentsOf: URL(fileURLWithPath: line.path("m")))
    let diverging = try line.run(
      kind.arguments(["--overwrite", "--rate", "3e38", "--clip-mode", "none", "--hidden", "7"]))
    #expect(diverging.code == 3 && diverging.output.contains("m is as it was"), "\(diverging)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: line.path("m"))) == old)
    #expect(try line.run(kind.arguments(["--overwrite", "--hidden", "7"])).code == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: line.path("m"))) != old)
  }

  @Test(
    "What cannot be printed is a failure", arguments: ["cells", "evaluate", "--version", "predict"])
  func fullDevice(_ command: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let kind = TrainedKind.all[1]
    #expect(try line.run(kind.arguments()).code == 0)
    let more = ["evaluate", "predict"].contains(command) ? ["--model", "m", "--data", "text"] : []
    let outcome = try line.run([command] + more, output: "/dev/full")
    #expect(outcome.code == 1)
    #expect(
      outcome.errors.contains("cannot write standard output: No space left"), "\(outcome.errors)")
  }

  @Test("All files are tried, and each that could not be written is named")
  func severalOutputs() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run([
      "explain", "rnn", "--json", "/dev/full", "--csv", "steps.csv", "--report", "/dev/full",
    ])
    #expect(outcome.code == 1)
    #expect(outcome.errors.components(separatedBy: "/dev/full").count == 3, "\(outcome.errors)")
    #expect(line.contents.contains("steps.csv") && outcome.output.contains("Wrote steps.csv"))
  }
}
