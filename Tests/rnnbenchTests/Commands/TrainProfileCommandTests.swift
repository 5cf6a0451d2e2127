import Foundation
import RNNCore
import Testing

@testable import RNNStudies

@Suite("train --profile-every")
struct TrainProfileCommandTests {
  private static let files = ["--json", "g.json", "--report", "g.html"]

  private func gradients(_ line: CommandLine) throws -> (
    all: [String: Any], profiles: [[String: Any]]
  ) {
    let gradients = try #require(try line.json("g.json")["gradients"] as? [String: Any])
    return (gradients, try #require(gradients["profiles"] as? [[String: Any]]))
  }

  @Test("Every kind shows its gradients, and learns the same bits", arguments: TrainedKind.all)
  func everyKind(_ kind: TrainedKind) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    // Masks and own tokens are drawn as without.
    let disturbed = ["--dropout", "0.2", "--clip", "0.05"]
    let plain = try line.run(kind.arguments(disturbed))
    #expect(plain.code == 0, "\(plain.errors)")
    let expected = try line.tensors("m")
    let watched = try line.run(
      kind.arguments(disturbed + ["--overwrite", "--profile-every", "2"] + Self.files))
    #expect(watched.code == 0, "\(watched.errors)")
    #expect(try line.tensors("m") == expected)

    let (all, profiles) = try gradients(line)
    #expect(all["every"] as? Int == 2 && all["probe"] as? String == "all")
    let updates = try #require(try line.json("g.json")["updates"] as? Int)
    #expect(
      profiles.map { $0["updates"] as? Int } == stride(from: 0, to: updates, by: 2).map { $0 })
    let counted = profiles.compactMap { ($0["until"] as? [String: Int])?["updates"] }
    #expect(counted.reduce(0, +) == updates)
    for profile in profiles {
      let layers = try #require(profile["layers"] as? [String: [String: Any]])
      #expect(!layers.isEmpty)
      for (name, layer) in layers {
        let norms = try #require((layer["hiddenNorms"] as? [String: [Double]])?["byStep"])
        #expect(norms.contains { $0 > 0 }, "\(name)")
        let gates = try #require(layer["gates"] as? [String: Double])
        #expect(gates["update"] ?? gates["forget"] ?? .nan > 0)
      }
      let parameters = try #require(profile["parameters"] as? [String: [String: Any]])
      let squares = parameters.values.reduce(0) {
        $0 + pow($1["gradientNorm"] as? Double ?? .nan, 2)
      }
      let norm = try #require(profile["globalNorm"] as? Double)
      #expect(abs(norm - squares.squareRoot()) <= 1e-9 * norm)
    }
    let report = try line.report("g.html")
    #expect(report.contains("Where its gradients went"))
    // A map and gates for each layer, norms, and clipping where it had something to do.
    let names = try #require(profiles[0]["layers"] as? [String: Any]).keys
    for name in names {
      #expect(
        report.contains("Gradient in \(name)") && report.contains("Gates of \(name)"), "\(name)")
    }
    #expect(report.contains("Gradient norms") && report.contains("Clipped updates"))
    #expect(watched.output.contains("Gradients of \(profiles.count) update"))
  }

  @Test("A run that goes on is profiled as if it had not stopped")
  func goesOn() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let kind = TrainedKind.all[0]
    let profiling = ["--profile-every", "3", "--probe", "last"] + Self.files
    #expect(try line.run(kind.arguments(profiling)).code == 0)
    let whole = try gradients(line).profiles
    #expect(
      try line.run(kind.arguments(["--epochs", "1", "--schedule-epochs", "3", "--overwrite"])).code
        == 0)
    let outcome = try line.run(
      kind.arguments(["--resume", "--schedule-epochs", "3"] + profiling))
    #expect(outcome.code == 0, "\(outcome.errors)")
    let (all, profiles) = try gradients(line)
    #expect(all["probe"] as? String == "last")
    let object = try line.json("g.json")
    let updates = try #require(object["updates"] as? Int)
    let looks = try #require(object["looks"] as? [[String: Any]])
    let first = try #require(looks.first?["updates"] as? Int)
    #expect(first % 3 != 0)
    #expect(
      profiles.map { $0["updates"] as? Int }
        == stride(from: (first / 3 + 1) * 3, to: updates, by: 3).map { $0 })
    // To the numbers those of a run that did not stop.
    for profile in profiles {
      let same = try #require(whole.first { $0["updates"] as? Int == profile["updates"] as? Int })
      for part in ["layers", "parameters", "globalNorm", "loss"] {
        #expect(profile[part] as? NSObject == same[part] as? NSObject, "\(part)")
      }
    }
    let layer = try #require(
      (profiles[0]["layers"] as? [String: [String: Any]])?.first?.value)
    #expect((layer["hiddenNorms"] as? [String: [Double]])?["byDistance"]?.isEmpty == false)
    #expect(outcome.output.contains("gradient of the last answer"))

    // Too few updates for one to be profiled.
    let none = try line.run(
      kind.arguments(["--resume", "--epochs", "4", "--profile-every", "100000"] + Self.files))
    #expect(none.code == 0 && none.output.contains("No update was profiled"), "\(none.errors)")
    #expect(try gradients(line).profiles.isEmpty)
  }

  @Test("What cannot be profiled is refused before a model is written")
  func refusals() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let byName = Dictionary(uniqueKeysWithValues: TrainedKind.all.map { ($0.name, $0) })
    let cases: [(String, [String], String)] = [
      ("tag", ["--profile-every", "0"], "--profile-every"),
      ("tag", ["--probe", "last"], "--probe"),
      ("tag", ["--profile-every", "2", "--probe", "first"], "--probe"),
      ("classify", ["--profile-every", "2", "--probe", "3"], "--probe"),
      ("vqa", ["--profile-every", "2", "--probe", "3"], "--probe"),
    ]
    for (name, options, word) in cases {
      let kind = try #require(byName[name])
      let outcome = try line.run(kind.arguments(options))
      #expect(outcome.code != 0 && outcome.errors.contains(word), "\(name) \(options)")
    }
    #expect(!line.contents.contains("m"))
  }
}
