import Foundation
import RNNCore
import Testing

@testable import RNNStudies

@Suite("Seeds of runs")
struct SeedTests {
  private func rows(_ line: CommandLine, _ arguments: [String]) throws -> [[String: Any]] {
    let outcome = try line.run(arguments + ["--threads", "1", "--json", "j"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let data = try Data(contentsOf: URL(fileURLWithPath: line.path("j")))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let results = object["results"] ?? object["runs"]
    return try #require(results as? [[String: Any]]).map { row in
      // What the clock says is another each time.
      row.filter {
        !$0.key.contains("econd") && !["gflops", "peakShare", "curve"].contains($0.key)
      }
    }
  }

  @Test(
    "A row is the same alone and beside others, and the seed of its data is another's",
    arguments: [
      "compare adding --length 6 --cells gru --hidden 5 --updates 12 --batch 4",
      "compare slots --cells elman --hidden 5 --embedding 4 --updates 8 --batch 4",
      "clip temporal-order --length 12 --hidden 5 --thresholds 1 --updates 12 --batch 4",
      "reproduce irnn --lengths 8 --updates 6",
    ])
  func rowAlone(_ command: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let arguments = command.split(separator: " ").map(String.init)
    let both = try rows(line, arguments + ["--seeds", "2"]).filter { $0["seed"] as? Int == 2 }
    let alone = try rows(line, arguments + ["--seed", "2", "--seeds", "1"])
    #expect(!alone.isEmpty && both as NSArray == alone as NSArray)
    let other = try rows(line, arguments + ["--seed", "2", "--seeds", "1", "--data-seed", "9"])
    #expect(other as NSArray != alone as NSArray)
  }

  @Test("Data from files have no seed")
  func files() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let outcome = try line.run(
      ["compare", "lm", "--data", "text", "--data-seed", "2", "--updates", "1"])
    #expect(outcome.code != 0 && outcome.errors.contains("--data-seed"))
  }
}
