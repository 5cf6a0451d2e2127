import Foundation
import RNNCore
import Testing

@testable import RNNStudies

@Suite("Commands do what they say")
struct CommandTests {
  @Test("compare writes rows with all fields for each cell and seed")
  func compareWritesRows() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run([
      "compare", "slots", "--cells", "feedforward,elman:relu,bi-lstm:peephole+coupled",
      "--seeds", "2", "--updates", "4", "--hidden", "9", "--layers", "2", "--threads", "2",
      "--json", "r.json", "--csv", "r.csv", "--report", "r.html",
    ])
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "no progress where nobody watches")
    #expect(outcome.output.contains("elman:relu") && outcome.output.contains("bi-lstm"))
    let results = try Self.results(line, schema: "rnnbench/compare/1")
    #expect(results.count == 6)
    for result in results {
      for key in [
        "cell", "seed", "parameters", "trainLoss", "validLoss", "metric", "metricName",
        "tokensPerSecond", "gflops", "peakShare", "seconds", "diverged",
      ] {
        #expect(result[key] != nil, "\(key)")
      }
      #expect(try #require(result["validLoss"] as? Double) > 0)
      #expect(result["metricName"] as? String == "token accuracy")
    }
    let csv = try String(contentsOfFile: line.path("r.csv"), encoding: .utf8)
    #expect(csv.split(separator: "\r\n").count == 7)
    let html = try line.report("r.html")
    #expect(html.contains("<svg") && html.contains("bi-lstm:peephole+coupled"))
  }

  @Test("clip reports thresholds, modes, shares and quantiles")
  func clipReportsTelemetry() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run([
      "clip", "temporal-order", "--length", "20", "--thresholds", "none,0.01,100",
      "--seeds",
      "1", "--updates", "6", "--hidden", "8", "--mode", "layer-norm", "--json", "r.json",
      "--report", "r.html",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("elman:"))
    let results = try Self.results(line, schema: "rnnbench/clip/1")
    #expect(results.count == 3)
    #expect(results.map { $0["threshold"] as? Double } == [nil, 0.01, 100])
    #expect(results.map { $0["clipMode"] as? String } == ["none", "layer-norm", "layer-norm"])
    #expect(results.map { $0["clippedShare"] as? Double } == [0, 1, 0])
    for result in results {
      let quantiles = try #require(result["normQuantiles"] as? [String: Double])
      #expect(try #require(quantiles["0.1"]) <= #require(quantiles["0.9"]))
      let history = try #require(result["normHistory"] as? [[String: Any]])
      #expect(history.map { $0["updates"] as? Int } == [1, 2, 3, 4, 5, 6])
      #expect(
        history.allSatisfy { $0["clippedShare"] as? Double == result["clippedShare"] as? Double })
    }
    #expect(outcome.output.contains("90 % quantile") && outcome.output.contains("--mode norm"))
    let html = try line.report("r.html")
    #expect(html.contains("Gradient norms while training") && html.contains("Clipped steps"))
  }

  /// A learning rate that throws the weights so far that relu overflows in the second update at the
  /// latest.
  @Test("clip says where a gradient was not finite")
  func clipNamesOrigin() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run([
      "clip", "temporal-order", "--length", "20", "--cells", "irnn", "--thresholds",
      "none",
      "--optimizer", "sgd", "--rate", "1e6", "--seeds", "1", "--updates", "6", "--hidden", "8",
      "--json", "r.json", "--csv", "r.csv",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("irnn, threshold none: 1 of 1 runs met a gradient"))
    let result = try #require(try Self.results(line, schema: "rnnbench/clip/1").first)
    #expect(result["diverged"] as? Bool == true && result["nonFiniteSteps"] as? Int == 1)
    #expect(result["firstNonFiniteLayer"] as? String == "l0")
    #expect((0..<20).contains(try #require(result["firstNonFiniteTimeStep"] as? Int)))
    #expect(try #require(result["firstNonFiniteUpdate"] as? Int) <= 6)
    let csv = try String(contentsOfFile: line.path("r.csv"), encoding: .utf8)
    #expect(csv.contains("firstNonFiniteTimeStep"))
  }

  @Test("The same seed gives the same numbers")
  func sameSeedSameNumbers() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let losses = try (0..<2).map { _ in
      let outcome = try line.run([
        "compare", "adding", "--length", "12-20", "--cells", "gru", "--seeds", "1",
        "--seed",
        "7", "--updates", "5", "--hidden", "7", "--dropout", "0.2", "--json", "r.json",
      ])
      #expect(outcome.code == 0, "\(outcome.errors)")
      return try Self.results(line, schema: "rnnbench/compare/1").map { $0["validLoss"] as? Double }
    }
    #expect(losses[0] == losses[1])
    #expect(losses[0].count == 1)
  }

  @Test("compare trains on labels without places, and scores them")
  func labellings() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run([
      "compare", "spelled-digits", "--cells", "gru", "--seeds", "1", "--updates", "100",
      "--hidden", "32", "--rate", "0.01", "--json", "r.json",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let result = try #require(try Self.results(line, schema: "rnnbench/compare/1").first)
    #expect(result["metricName"] as? String == "exact match")
    // A digit by guessing: one of five numbers of them, each one of ten; three on average.
    let guess = Foundation.log(5.0) / 3 + Foundation.log(10.0)
    #expect(try #require(result["validLoss"] as? Double) < guess / 2)
  }

  @Test("Equal parameters give nearly equal counts")
  func equalParameters() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run([
      "compare", "--cells", "lstm,elman,gru:reset-before", "--fair", "parameters", "--seeds", "1",
      "--updates", "1", "--hidden", "40", "--json", "r.json",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let counts = try Self.results(line, schema: "rnnbench/compare/1")
      .map { try #require($0["parameters"] as? Int) }
    // One hidden unit more or less is the best that a whole number can do: under 4 % at this size.
    for count in counts { #expect(abs(Double(count) / Double(counts[0]) - 1) < 0.04) }
  }

  @Test("Data files are trained on", arguments: ["chars", "tagging"])
  func trainsOnFiles(_ task: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    if task == "chars" {
      let text = (0..<200).map { "line \($0) says (once more).\n" }.joined()
      try line.write(text, to: "data")
    } else {
      for split in ["train", "valid", "test"] {
        let count = split == "train" ? 30 : 6
        try line.write(
          String(repeating: "fly to new york\nback to boston\n", count: count),
          to: "data/\(split)/seq.in")
        try line.write(
          String(repeating: "O O B-city I-city\nO O B-city\n", count: count),
          to: "data/\(split)/seq.out")
      }
    }
    let outcome = try line.run([
      "compare", task, "--data", "data", "--cells", "elman,jordan,irnn,gru,lstm",
      "--hidden",
      "8", "--seeds", "1", "--epochs", "1", "--batch", "8", "--json", "r.json",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try Self.results(line, schema: "rnnbench/compare/1").count == 5)
  }

  @Test(
    "Help and doctor print to standard output", arguments: ["--help", "compare --help", "doctor"])
  func printsToStandardOutput(_ arguments: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run(arguments.split(separator: " ").map(String.init))
    #expect(outcome.code == 0)
    #expect(!outcome.output.isEmpty && outcome.errors.isEmpty)
  }

  @Test(
    "Doctor tells who made OpenBLAS use an old core",
    .enabled(
      if: InstructionSet.avx2.isAvailable
        && MachineProfile.current().blas.contains("DYNAMIC_ARCH")))
  func oldCore() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run(["doctor"], environment: ["OPENBLAS_CORETYPE": "Prescott"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("core Prescott although this CPU can use"))
    #expect(outcome.output.contains(": unset OPENBLAS_CORETYPE."))
    #expect(!outcome.output.contains("Nothing to change"))
  }

  @Test("Doctor measures rates, and predicts with them what each grid costs and which is taken")
  func schedule() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let measured = try line.run(["doctor", "--rates", "rates.json", "--threads", "1"])
    #expect(measured.code == 0, "\(measured.errors)")
    let outcome = try line.run(
      ["doctor", "--schedule", "10,80,300,650", "--threads", "4", "--json", "r.json"],
      environment: ["RNNCORE_RATES": line.path("rates.json")])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("Time loop of B 10, T 80, I 300, H 650"))
    let data = try Data(contentsOf: URL(fileURLWithPath: line.path("r.json")))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let lines = try #require(object["schedule"] as? [[String: Any]])
    // Three cells, two directions, grids 1x1, 4x1, 2x2 and 1x4.
    #expect(lines.count == 3 * 2 * 4)
    #expect(lines.filter { $0["isTaken"] as? Bool == true }.count == 3 * 2)
    #expect(lines.allSatisfy { ($0["stepNanoseconds"] as? Double ?? 0) > 0 })
  }

  @Test(
    "A shape that is none is refused",
    arguments: ["10,80,300", "10,80,300,0", "a,1,1,1", "", "1,,1,1"])
  func badSchedule(_ text: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run(["doctor", "--schedule", text])
    #expect(outcome.code != 0 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("B,T,I,H"), "\(outcome.errors)")
  }

  private static func results(_ line: CommandLine, schema: String) throws -> [[String: Any]] {
    let data = try Data(contentsOf: URL(fileURLWithPath: line.path("r.json")))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["schema"] as? String == schema)
    #expect(object["machine"] != nil && object["configuration"] != nil)
    return try #require(object["results"] as? [[String: Any]])
  }
}
