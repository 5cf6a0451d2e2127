import Foundation
import RNNCore
import Testing

@testable import RNNStudies

@Suite("The numbers of a training run")
struct TrainNumbersTests {
  private func object(_ line: CommandLine, _ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: line.path(name)))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func looks(_ line: CommandLine, _ name: String) throws -> [[String: Double]] {
    let looks = try #require(try object(line, name)["looks"] as? [[String: Any]])
    return looks.map { $0.compactMapValues { $0 as? Double } }
  }

  private func run(_ line: CommandLine, _ arguments: [String]) throws -> CommandLine.Outcome {
    let outcome = try line.run(arguments)
    #expect(outcome.code == 0, "\(outcome.errors)")
    return outcome
  }

  @Test(
    "On the same data training and validation loss are one number, whatever is trained with",
    arguments: [
      ["--intent-weight", "1"], ["--intent-weight", "5"], ["--no-crf"], ["--batch", "7"],
    ])
  func oneLoss(_ more: [String]) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let files = FileManager.default
    for part in ["valid", "test"] {
      try files.removeItem(atPath: line.path("tags/\(part)"))
      try files.copyItem(atPath: line.path("tags/train"), toPath: line.path("tags/\(part)"))
    }
    _ = try run(
      line,
      [
        "train", "tag", "--data", "tags", "--model", "m", "--hidden", "5", "--embedding", "4",
        "--minimum-count", "1", "--dropout", "0", "--rate", "1e-12", "--averaging", "0", "--epochs",
        "1", "--json", "j",
      ] + more)
    let look = try #require(try looks(line, "j").last)
    let (train, valid) = (try #require(look["trainLoss"]), try #require(look["validLoss"]))
    #expect(abs(train - valid) < 1e-5 * valid, "\(train) and \(valid)")
  }

  /// A run of the default schedule of music, a cosine.
  private static let tunes = [
    "train", "music", "--data", "tunes.json", "--model", "m", "--hidden", "6", "--layers", "1",
    "--json", "j",
  ]

  @Test("A run in parts is that in one when its schedule is planned for both")
  func scheduleInParts() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    _ = try run(line, Self.tunes + ["--epochs", "6"])
    let whole = try looks(line, "j").map { $0["validLoss"] }
    try FileManager.default.removeItem(atPath: line.path("m"))

    _ = try run(line, Self.tunes + ["--epochs", "3", "--schedule-epochs", "6"])
    let second = try run(line, Self.tunes + ["--resume", "--epochs", "6"])
    #expect(try looks(line, "j").map { $0["validLoss"] } == whole)
    #expect(!second.errors.contains("planned"), "nothing has changed")
    try FileManager.default.removeItem(atPath: line.path("m"))

    _ = try run(line, Self.tunes + ["--epochs", "3"])
    let jump = try run(line, Self.tunes + ["--resume", "--epochs", "6"])
    #expect(jump.errors.contains("goes on at 0.00250, not at 0"), "\(jump.errors)")
    #expect(try looks(line, "j").map { $0["validLoss"] } != whole)
  }

  @Test("A length is planned for the schedules that have one alone")
  func scheduleLength() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    for schedule in ["constant", "decay=0.5", "warmup=3"] {
      let outcome = try line.run(
        Self.tunes + ["--schedule", schedule, "--schedule-epochs", "4", "--epochs", "1"])
      #expect(outcome.code != 0 && outcome.errors.contains("--schedule-epochs"))
    }
  }

  @Test("A run that a time limit stopped goes on as if it had not been", arguments: ["0", "0.9"])
  func timeLimit(averaging: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let lines = try String(
      contentsOf: URL(fileURLWithPath: line.path("classes.tsv")), encoding: .utf8)
    try line.write(lines, to: "parts/train.tsv")
    try line.write(lines, to: "parts/test.tsv")
    let arguments = [
      "train", "classify", "--data", "parts", "--model", "m", "--hidden", "5", "--embedding", "4",
      "--validation-share", "0.3", "--batch", "2", "--epochs", "6", "--patience", "1",
      "--averaging", averaging, "--json", "j",
    ]
    _ = try run(line, arguments)
    let whole = try object(line, "j")
    try FileManager.default.removeItem(atPath: line.path("m"))

    let stopped = try run(line, arguments + ["--time-limit", "1e-6"])
    let first = try object(line, "j")
    #expect(stopped.output.contains("The time is up"))
    #expect((first["looks"] as? [Any])?.isEmpty == true && first["stoppedAt"] is [String: Any])
    // What it prints last is what its file has.
    _ = try run(line, ["evaluate", "--model", "m", "--data", "parts", "--json", "e"])
    #expect(try object(line, "e")["score"] as? NSDictionary == first["test"] as? NSDictionary)

    for _ in 0..<3 { _ = try run(line, arguments + ["--resume", "--time-limit", "1e-6"]) }
    _ = try run(line, arguments + ["--resume"])
    let resumed = try object(line, "j")
    for key in ["updates", "epochs", "best"] {
      #expect(resumed[key] as? Int == whole[key] as? Int, "\(key)")
    }
    #expect(resumed["test"] as? NSDictionary == whole["test"] as? NSDictionary)
  }

  @Test("AdamW decays weights where nothing is said, as PyTorch's does, and is not Adam")
  func adamW() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    func loss(_ more: [String]) throws -> Double {
      defer { try? FileManager.default.removeItem(atPath: line.path("m")) }
      _ = try run(line, Self.tunes + ["--epochs", "2"] + more)
      return try #require(try looks(line, "j").last?["validLoss"])
    }
    let adamW = try loss(["--optimizer", "adamw"])
    #expect(try loss(["--optimizer", "adamw", "--weight-decay", "0.01"]) == adamW)
    let adam = try loss(["--optimizer", "adam"])
    #expect(try loss(["--optimizer", "adamw", "--weight-decay", "0"]) == adam)
    #expect(adam != adamW)
  }

  @Test("Greedy answers have a name of their own beside those of the search asked for")
  func greedy() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let arguments = [
      "train", "translate", "--data", "parallel", "--languages", "en,de", "--model", "m",
      "--hidden", "6", "--embedding", "4", "--epochs", "1", "--json", "j",
    ]
    let beam = try run(line, arguments)
    #expect(beam.output.contains("greedy BLEU"))
    #expect(try object(line, "j")["metric"] as? String == "greedy BLEU")
    let final = try #require(try object(line, "j")["test"] as? [String: Any])
    #expect((final["metrics"] as? [String: Any])?.keys.contains("BLEU") == true)
    try FileManager.default.removeItem(atPath: line.path("m"))
    let one = try run(line, arguments + ["--beam", "1"])
    #expect(!one.output.contains("greedy"))
  }
}
