import Foundation
import RNNCore
import TestSupport
import Testing

@testable import RNNStudies
@testable import rnnbench

@Suite("explain follows networks step by step")
struct ExplainCommandTests {
  @Test("Two linear units with all weights 1 give 4, 12 and 32, exactly")
  func linearNetwork() throws {
    let example = try WorkedExample.linearNetwork(team: .shared)
    #expect(example.trace["h"] == [[2, 2], [6, 6], [16, 16]])
    #expect(example.trace["a_h"] == example.trace["h"])
    #expect(example.trace["y"] == [[4, 4], [12, 12], [32, 32]])
    #expect(example.conclusion?.contains("8, 20, 44") == true)
  }

  @Test("The gates write, keep, show and clear the lecture's numbers")
  func gates() throws {
    let columns: [(x: [Double], cell: [Double], shown: [Double])] = [
      ([3, 1, 0], [3], [0]), ([4, 1, 0], [7], [0]), ([2, 0, 0], [7], [0]), ([1, 0, 1], [7], [7]),
      ([3, -1, 0], [0], [0]),
    ]
    #expect(columns.map(\.x) == WorkedExample.gateInputs)
    try expectMemory(columns)
  }

  @Test("So they do in the longer sequence")
  func longerSequence() throws {
    let x1 = [1.0, 3, 2, 4, 2, 1, 3, 6, 1]
    let x2 = [0.0, 1, 0, 1, 0, 0, -1, 1, 0]
    let x3 = [0.0, 0, 0, 0, 0, 1, 0, 0, 1]
    let cell = [0.0, 3, 3, 7, 7, 7, 0, 6, 6]
    let shown = [0.0, 0, 0, 0, 0, 7, 0, 0, 6]
    try expectMemory(x1.indices.map { ([x1[$0], x2[$0], x3[$0]], [cell[$0]], [shown[$0]]) })
  }

  private func expectMemory(_ columns: [(x: [Double], cell: [Double], shown: [Double])]) throws {
    let trace = try WorkedExample.gates(columns.map(\.x), team: .shared).trace
    let (cell, shown) = (try #require(trace["c"]), try #require(trace["h"]))
    for (step, column) in columns.enumerated() {
      // A shut gate is σ(−10) = 4.5e-5: each step leaks that share of numbers up to 7.
      let leak = 1e-3
      #expect(abs(cell[step][0] - column.cell[0]) < leak, "c at step \(step + 1)")
      #expect(abs(shown[step][0] - column.shown[0]) < leak, "h at step \(step + 1)")
    }
  }

  @Test(
    "Gates and states are the functions of the preactivations that are shown",
    arguments: [
      "elman", "elman:relu", "jordan:sigmoid", "elman-jordan:sigmoid", "lstm", "lstm:peephole",
      "lstm:peephole+coupled",
      "lstm:linear-input", "gru", "gru:reset-before",
    ])
  func preactivations(_ name: String) throws {
    let cell = try CellKind(name)
    let trace = try WorkedExample.cell(
      cell, hidden: 3, inputs: [[0.5, -1], [2, 0.3], [-0.7, 1.1]], seed: 5, team: .shared
    ).trace
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    func activation(_ symbol: String) -> (Double) -> Double {
      switch symbol {
      case "h" where name == "elman:relu": { max(0, $0) }
      case "h" where name.hasSuffix("jordan:sigmoid"): sigmoid
      case "g" where name == "lstm:linear-input": { $0 }
      case "h", "n", "g": { tanh($0) }
      default: sigmoid
      }
    }
    let sums = trace.quantities.filter { $0.symbol.hasPrefix("a_") }
    #expect(!sums.isEmpty)
    for sum in sums {
      let symbol = String(sum.symbol.dropFirst(2))
      let gate = try #require(trace[symbol])
      let function = activation(symbol)
      for (sums, values) in zip(sum.values, gate) {
        for (a, value) in zip(sums, values) {
          // The engine's own sum is in Float, of numbers below 4.
          #expect(abs(function(a) - value) < 2e-6, "\(symbol)")
        }
      }
    }
  }

  @Test("What a layer gives is told where it is not its state", arguments: ["gru", "lstm", "lru"])
  func outputs(_ name: String) throws {
    let trace = try WorkedExample.cell(
      CellKind(name), hidden: 4, inputs: [[0.5, -1], [2, 0.3]], seed: 5, team: .shared
    ).trace
    #expect(trace["y"]?.map(\.count) == (name == "lru" ? [4, 4] : nil))
    #expect(trace["h"]?.map(\.count) == [4, 4])
  }

  @Test("The command prints both examples, and writes all numbers")
  func command() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run([
      "explain", "--json", "r.json", "--csv", "r.csv", "--report", "r.html",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    for word in ["a_h", "32", "a_f", "-110", "the old 7 is cleared", "h = 7"] {
      #expect(outcome.output.contains(word), "\(word)")
    }
    let data = try Data(contentsOf: URL(fileURLWithPath: line.path("r.json")))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["schema"] as? String == "rnnbench/explain/1")
    let results = try #require(object["results"] as? [[String: Any]])
    #expect(results.map { $0["example"] as? String } == ["rnn", "lstm"])
    let values = try #require(results[0]["values"] as? [String: [[Double]]])
    #expect(values["y"] == [[4, 4], [12, 12], [32, 32]])
    let csv = try String(contentsOfFile: line.path("r.csv"), encoding: .utf8)
    #expect(csv.contains("rnn,3,y,2,32.0\r\n"))
    _ = try line.report("r.html")
  }

  @Test("Any cell runs on the inputs of a file, and the same seed gives the same numbers")
  func cellOnFile() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.write("left,right\n1,0.5\n-2,0\n\n0.25,3\n", to: "steps.csv")
    let outputs = try (0..<2).map { _ in
      let outcome = try line.run([
        "explain", "--cell", "jordan:relu", "--hidden", "10", "--input", "steps.csv", "--seed", "4",
      ])
      #expect(outcome.code == 0, "\(outcome.errors)")
      return outcome.output
    }
    #expect(outputs[0] == outputs[1])
    #expect(outputs[0].contains("Unit 8 of 10") && outputs[0].contains("8 of 10 units"))
    #expect(outputs[0].contains("0.2500"))
  }
}
