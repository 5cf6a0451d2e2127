import Foundation
import Testing

@testable import RNNStudies

/// `Fixtures` has a model of each kind, saved after three epochs on the tiny data by the version
/// before random streams had names (a707fd9, AVX-512, one thread), and `expected.json` what that
/// version said of it, then and after two more epochs.
@Suite("Models that earlier versions saved")
struct SavedByEarlierVersionsTests {
  struct Saved: CustomTestStringConvertible, Sendable {
    var name: String
    var kind: String
    var data: String?
    var testDescription: String { name }

    static let all = [
      Saved(name: "tag", kind: "tag", data: "tags"), Saved(name: "lm", kind: "lm", data: "text"),
      Saved(name: "lm-window", kind: "lm", data: "text"),
      Saved(name: "classify", kind: "classify", data: "classes.tsv"),
      Saved(name: "music", kind: "music", data: "tunes.json"),
      Saved(name: "translate", kind: "translate", data: "parallel"),
      Saved(name: "autoencode", kind: "autoencode", data: "classes.tsv"),
      Saved(name: "parse", kind: "parse", data: "trees"),
      Saved(name: "transduce", kind: "transduce", data: nil),
      Saved(name: "vqa", kind: "vqa", data: "pictures"),
    ]
  }

  private struct Expected: Decodable {
    var evaluated: [String: Double]
    var resumed: [String: Double]
    var validLoss: [Double]
  }

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

  private func object(_ line: CommandLine, _ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: line.path(name)))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// Other instruction sets round differently: a loss by a few units in the last place of a Float,
  /// a score not at all.
  private func expectSame(_ found: Any?, _ expected: [String: Double], _ what: String) throws {
    let score = try #require(found as? [String: Any])
    var values = try #require(score["metrics"] as? [String: Double])
    values["loss"] = score["loss"] as? Double
    #expect(values.keys.sorted() == expected.keys.sorted(), "\(what)")
    for (name, value) in expected {
      let found = try #require(values[name])
      #expect(
        abs(found - value) <= 2e-5 * max(1, abs(value)), "\(what): \(name) \(found), \(value)")
    }
  }

  @Test("They load, score the same, and go on to the same scores", arguments: Saved.all)
  func all(_ saved: Saved) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let expected = try #require(
      try JSONDecoder().decode(
        [String: Expected].self,
        from: Data(contentsOf: Self.folder.appending(path: "expected.json")))[saved.name])
    try line.write(
      Data(contentsOf: Self.folder.appending(path: saved.name + ".safetensors")), to: "m")
    let place = saved.data.map { ["--data", $0] } ?? []

    var measured = place
    if saved.name == "lm" {
      // That version scored the last 5 % of a text alone.
      let text = try String(contentsOf: URL(fileURLWithPath: line.path("text")), encoding: .utf8)
      try line.write(String(text.dropFirst(text.count * 95 / 100)), to: "end")
      measured = ["--data", "end"]
    }
    let evaluated = try line.run(
      ["evaluate", "--model", "m", "--threads", "1", "--json", "e"] + measured)
    #expect(evaluated.code == 0, "\(evaluated.errors)")
    if ["lm-window", "classify", "autoencode"].contains(saved.name) {
      // Of words the last 5 %, of lines a tenth that a draw had set aside, which show when training
      // goes on.
      #expect(try object(line, "e")["examples"] as? Int == (saved.kind == "lm" ? 1 : 40))
    } else {
      try expectSame(try object(line, "e")["score"], expected.evaluated, "evaluate")
    }

    let resumed = try line.run(
      [
        "train", saved.kind, "--model", "m", "--resume", "--epochs", "5", "--threads", "1",
        "--json", "r",
      ] + place)
    #expect(resumed.code == 0, "\(resumed.errors)")
    try expectSame(try object(line, "r")["test"], expected.resumed, "resumed")
    let looks = try #require(try object(line, "r")["looks"] as? [[String: Any]])
    let losses = looks.compactMap { $0["validLoss"] as? Double }
    #expect(zip(losses, expected.validLoss).allSatisfy { abs($0 - $1) < 2e-5 * $1 })
    #expect(losses.count == expected.validLoss.count)
    if saved.name == "lm-window" {
      // A window of later words, as models of the next word could have.
      #expect(evaluated.errors.contains("a context window of later steps"))
      #expect(resumed.errors.contains("a context window of later steps"))
    } else {
      #expect(evaluated.errors.isEmpty)
    }
  }
}
