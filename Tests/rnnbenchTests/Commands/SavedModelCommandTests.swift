import Foundation
import RNNCore
import Testing

@testable import RNNReport
@testable import RNNStudies
@testable import rnnbench

@Suite("Saved models are looked at without training")
struct SavedModelCommandTests {
  private func results(_ line: CommandLine, _ file: String) throws -> [[String: Any]] {
    let data = try Data(contentsOf: URL(fileURLWithPath: line.path(file)))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    return try #require(object["results"] as? [[String: Any]])
  }

  /// What was measured, without the name of the look and the sentence that holds it.
  private func numbers(_ result: [String: Any]) throws -> String {
    var result = result
    result["when"] = nil
    return String(
      decoding: try JSONSerialization.data(withJSONObject: result, options: .sortedKeys),
      as: UTF8.self)
  }

  @Test(
    "A saved model has the profile that it had after its training, on the task that it was saved with",
    arguments: [
      "adding --length 9 --cells lstm:peephole --layers 2 --seed 3",
      "slots --cells bi-gru --window 3 --embedding 5 --dropout 0.2",
      "temporal-order --length 12-15 --cells jordan --directions bidirectional-sum",
    ])
  func profileOfSaved(_ options: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    let trained = try line.run(
      ["profile"] + options.split(separator: " ").map(String.init) + [
        "--hidden", "6", "--updates", "5", "--save", "m.st", "--json", "a.json",
      ])
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(trained.output.contains("to m.st"))
    let saved = try line.run(
      ["profile", "--model", "m.st", "--json", "b.json", "--report", "b.html"])
    #expect(saved.code == 0, "\(saved.errors)")
    #expect(saved.output.contains("saved") && !saved.output.contains("trained"))
    let after = try results(line, "a.json").filter { $0["when"] as? String == "trained" }
    let looked = try results(line, "b.json")
    #expect(looked.allSatisfy { $0["when"] as? String == "saved" })
    #expect(!after.isEmpty)
    #expect(try looked.map(numbers) == after.map(numbers))
    #expect(line.contents == ["m.st", "a.json", "b.json", "b.html"])
  }

  @Test("With --updates 0 the start is saved, and --task names other data of the same shape")
  func otherTask() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run([
      "profile", "--cells", "elman", "--hidden", "4", "--length", "6", "--updates", "0", "--save",
      "m.st",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let other = try line.run([
      "profile", "--model", "m.st", "--task", "adding", "--length", "15", "--data-seed", "8",
    ])
    #expect(other.code == 0, "\(other.errors)")
    #expect(other.output.contains("at 14 steps"))
  }

  @Test("explain follows every layer of a saved model, and the outputs are the model's")
  func explainsLayers() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.write("id\n4\n0\n2\n2\n", to: "ids.csv")
    for cell in ["lstm:peephole", "gru", "gru:reset-before", "elman", "jordan", "elman-jordan"] {
      for directions in Directions.allCases {
        let model = try SequenceModel(
          ModelConfiguration(
            input: .tokens(vocabulary: 5, embedding: 3), contextWindow: 3,
            body: .recurrent(CellKind(cell), layers: 2, directions: directions), hiddenSize: 4,
            outputs: 7), seed: 2)
        try model.save(to: line.path("m.st"))
        let examples = try WorkedExample.model(
          ModelFile(reading: line.path("m.st")), on: InputFile(reading: line.path("ids.csv")),
          name: "ids.csv", team: .shared)
        #expect(
          examples.map(\.name)
            == (directions == .forward ? ["l0", "l1"] : ["l0", "l0_reverse", "l1", "l1_reverse"]))
        for example in examples { try expectFunctions(example.trace, "\(cell) \(directions)") }
        // The figure and tables of more outputs than units.
        _ = examples.map { ($0.section, $0.text(for: Terminal(isTerminal: false, width: 100))) }
        guard !cell.hasSuffix("jordan") || directions != .forward else { continue }
        var state = model.zeroState(sequences: 1)
        let outputs = try model.outputs(
          for: SequenceBatch(inputs: [.tokens([4, 0, 2, 2])]), state: &state,
          pass: model.makePass())[0]
        let last = examples[examples.count - (directions == .forward ? 1 : 2)]
        #expect(last.trace.quantities.last?.values.flatMap { $0 } == outputs.map { Double($0) })
      }
    }
  }

  /// Expects each gate to be its function of the sum that is shown for it, which is computed from
  /// the inputs that are shown: so they are what the layer has read.
  private func expectFunctions(_ trace: CellTrace, _ what: String) throws {
    let sums = trace.quantities.filter { $0.symbol.hasPrefix("a_") }
    #expect(!sums.isEmpty)
    for sum in sums {
      let symbol = String(sum.symbol.dropFirst(2))
      let gate = try #require(trace[symbol])
      for (sums, values) in zip(sum.values, gate) {
        for (a, value) in zip(sums, values) {
          let expected = ["g", "n", "h"].contains(symbol) ? tanh(a) : 1 / (1 + exp(-a))
          // The engine's own sum is in Float, of numbers below 4.
          #expect(abs(expected - value) < 2e-6, "\(symbol) of \(what)")
        }
      }
    }
  }

  @Test("explain on a model that answers at the end says what it answers")
  func explainsEnd() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let model = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 2), body: .recurrent(.lstm()), hiddenSize: 3, outputs: 1,
        loss: .meanSquaredError, answer: .atEnd), seed: 2)
    try model.parameters.set("readout.weight", to: [0, 0, 0])
    try model.parameters.set("readout.bias", to: [5])
    try model.save(to: line.path("m.st"))
    try line.write("1,0.5\n-2,0\n", to: "steps.csv")
    let outcome = try line.run([
      "explain", "--model", "m.st", "--input", "steps.csv", "--json", "r.json", "--csv", "r.csv",
      "--report", "r.html",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("outputs are 5."))
    #expect(outcome.output.contains("m.st, layer l0: lstm, H 3, on 2 steps"))
    let result = try #require(try results(line, "r.json").first)
    #expect(result["inputs"] as? [[Double]] == [[1, 0.5], [-2, 0]])
    let csv = try String(contentsOfFile: line.path("r.csv"), encoding: .utf8)
    #expect(csv.contains("l0,2,x,1,-2.0\r\n"))
  }
}
