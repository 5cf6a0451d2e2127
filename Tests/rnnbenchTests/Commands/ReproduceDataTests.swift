import Foundation
import Testing

@testable import RNNStudies

@Suite("reproduce on data files and on the adding problem")
struct ReproduceDataTests {
  /// An experiment, on data that train in a moment.
  private struct Experiment: CustomTestStringConvertible, Sendable {
    var name: String
    var arguments: [String]
    var rows: [String]
    /// In the output: published numbers and where they are from.
    var published: [String]
    /// Whether some of them are marked as unverified.
    var isMarked = false

    var testDescription: String { name }

    static let all = [
      Experiment(
        name: "atis", arguments: ["--data", "tags"],
        rows: [
          "Elman, Mesnil", "Jordan, Mesnil", "Elman-Jordan, Mesnil", "Elman, Adam", "Jordan, Adam",
          "Elman-Jordan, Adam",
          "bi-LSTM, Adam", "bi-LSTM + CRF + intent, Adam",
        ],
        published: [
          "94.20 to 94.50 %", "97.30 %", "95.06 %", "92.93 %", "94.80 %", "95.20 %", "94.10 %",
          "own folds", "Goo et al. 2018",
        ]),
      Experiment(
        name: "chars", arguments: ["--data", "text"],
        rows: ["LSTM 2x128", "GRU 2x128", "Elman 2x128", "LSTM 2x256, dropout"],
        published: ["1.926", "1.739", "1.654", "1.565", "1.495", "1.469", "1.558", "1.663"]),
      Experiment(
        name: "zaremba-small", arguments: ["--data", "text", "--tied", "--minimum-count", "2"],
        rows: ["LSTM 2x200, tied"], published: ["120.7", "114.5", "Penn Treebank"]),
      Experiment(
        name: "music", arguments: ["--data", "tunes.json", "--set", "nottingham"],
        rows: ["LSTM", "GRU", "Elman"],
        published: ["3.290 ?", "3.460 ?", "4.050 ?", "3.800", "3.480", "3.360"], isMarked: true),
      Experiment(
        name: "attention", arguments: ["--data", "parallel", "--languages", "en,de"],
        rows: ["attention", "no attention", "no attention, source reversed"],
        published: ["Bahdanau", "Sutskever", "by the length of the source"]),
      Experiment(
        name: "pretraining", arguments: ["--data", "classes.tsv"],
        rows: ["random weights", "auto-encoder"], published: ["Dai and Le 2015"]),
      Experiment(
        name: "music", arguments: ["--data", "my-JSB.json"], rows: ["LSTM", "GRU", "Elman"],
        published: ["8.450 ?", "8.430 ?", "8.910 ?"], isMarked: true),
    ]
  }

  @Test(
    "Each experiment has a row for each model and seed, beside the published numbers",
    arguments: Experiment.all)
  private func data(_ experiment: Experiment) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    try FileManager.default.copyItem(
      atPath: line.path("tunes.json"), toPath: line.path("my-JSB.json"))
    let outcome = try line.run(
      ["reproduce", experiment.name] + experiment.arguments + [
        "--seeds", "2", "--seed", "7", "--epochs", "1", "--threads", "2", "--json", "r.json",
        "--csv", "r.csv", "--report", "r.html",
      ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    for word in experiment.rows + experiment.published {
      #expect(outcome.output.contains(word), "\(word) in \(outcome.output)")
    }
    #expect(outcome.output.contains("recalled and not checked") == experiment.isMarked)

    let object = try json(line, "r.json")
    #expect(object["schema"] as? String == "rnnbench/reproduce-\(experiment.name)/1")
    #expect(object["machine"] != nil && object["configuration"] != nil && object["notes"] != nil)
    let results = try #require(object["results"] as? [[String: Any]])
    #expect(results.compactMap { $0["model"] as? String } == experiment.rows.flatMap { [$0, $0] })
    #expect(results.compactMap { $0["seed"] as? Int } == experiment.rows.flatMap { _ in [7, 8] })
    for result in results {
      #expect(result["epochs"] as? Int == 1 && (result["looks"] as? [Any])?.count == 1)
      #expect(result["testLoss"] as? Double != nil)
    }
    try checkSummary(object, results)
    let csv = try String(contentsOfFile: line.path("r.csv"), encoding: .utf8)
    #expect(csv.split(separator: "\r\n").count == 1 + results.count)
    let html = try line.report("r.html")
    #expect(html.contains("<svg") && html.contains("Learning curves"))
  }

  /// Means over the seeds are those of the rows, and every number is of some model.
  private func checkSummary(_ object: [String: Any], _ results: [[String: Any]]) throws {
    let summary = try #require(object["summary"] as? [[String: Any]])
    var compared = 0
    for entry in summary {
      let score = try #require(entry["score"] as? String)
      let values = results.filter { $0["model"] as? String == entry["model"] as? String }
        .compactMap { $0[score] as? Double }
      let mean = (entry["here"] as? [String: Any])?["mean"] as? Double
      guard values.count == 2 else {
        // Epochs that these short runs do not reach.
        #expect(values.isEmpty && mean == nil && score.hasPrefix("validation loss after"))
        continue
      }
      compared += 1
      // Both are sums of the same two numbers.
      #expect(abs(try #require(mean) - (values[0] + values[1]) / 2) < 1e-12)
    }
    #expect(compared >= 2)
  }

  @Test("hs97 counts the sequences until success and the wrong ones of its test")
  func hs97() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let outcome = try line.run([
      "reproduce", "hs97", "--lengths", "4,9,4", "--seeds", "2", "--updates", "3", "--seed", "3",
      "--threads", "2", "--json", "r.json", "--csv", "r.csv", "--report", "r.html",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    for word in ["74,000, 209,000 and 853,000", "0 of 2", "with Adam", "2560"] {
      #expect(outcome.output.contains(word), "\(word)")
    }
    let object = try json(line, "r.json")
    #expect(object["schema"] as? String == "rnnbench/reproduce-hs97/1")
    let results = try #require(object["results"] as? [[String: Any]])
    #expect(results.compactMap { $0["length"] as? Int } == [4, 4, 9, 9])
    for result in results {
      #expect(result["sequences"] as? Int == 60 && result["solved"] as? Bool == false)
      // Three updates teach nothing: most answers are wrong, none is left out.
      #expect((1...2560).contains(try #require(result["wrong"] as? Int)))
    }
    let html = try line.report("r.html")
    #expect(html.contains("<svg") && html.contains("Validation error, T 9"))
  }

  @Test("A short adding problem is solved, and its run ends there")
  func solvesAdding() throws {
    let line = try CommandLine()
    defer { line.remove() }
    // Two steps: the sum of both, which a relu network learns within some hundred updates.
    let outcome = try line.run([
      "reproduce", "irnn", "--lengths", "2", "--seeds", "1", "--updates", "2000", "--json",
      "r.json",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    for word in ["0.1767 ?", "1 of 1", "Adam 0.00"] {
      #expect(outcome.output.contains(word), "\(word)")
    }
    let object = try json(line, "r.json")
    #expect(object["schema"] as? String == "rnnbench/reproduce-irnn/1")
    let results = try #require(object["results"] as? [[String: Any]])
    #expect(results.compactMap { $0["network"] as? String } == ["IRNN", "LSTM", "Elman, tanh"])
    for result in results {
      #expect(result["solved"] as? Bool == true)
      #expect(try #require(result["updates"] as? Int) < 2000)
      #expect(try #require(result["testError"] as? Double) < 0.1767 / 2)
    }
    let summary = try #require(object["summary"] as? [[String: Any]])
    #expect(summary.allSatisfy { $0["belowHalf"] as? Int == 1 && $0["solved"] as? Int == 1 })
  }

  @Test("What cannot be done is said in one line")
  func refusals() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let cases: [([String], String)] = [
      (["poetry"], "poetry"),
      (["atis"], "--data"),
      (["atis", "--data", "nothing"], "nothing"),
      (["atis", "--data", "text"], "text"),
      (["atis", "--data", "tags", "--seeds", "0"], "--seeds"),
      (["chars", "--data", "text", "--epochs", "0"], "--epochs"),
      (["chars", "--data", "text", "--json", "nowhere/r.json"], "nowhere"),
      (["zaremba-small", "--data", "text", "--minimum-count", "0"], "--minimum-count"),
      (["music", "--data", "tunes.json"], "--set"),
      (["music", "--data", "tunes.json", "--set", "bach"], "bach"),
      (["hs97", "--lengths", "100,x"], "--lengths"),
      (["hs97", "--lengths", "1"], "--lengths"),
      (["irnn", "--updates", "0"], "--updates"),
      (["irnn", "--seeds", "-1"], "--seeds"),
      (["irnn", "--threads", "0"], "thread"),
      (["pascanu", "--lengths", "9"], "--lengths"),
    ]
    for (arguments, word) in cases {
      let outcome = try line.run(["reproduce"] + arguments)
      #expect(outcome.code != 0, "\(arguments)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains(word), "\(arguments): \(outcome.errors)")
    }
  }

  private func json(_ line: CommandLine, _ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: line.path(name)))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}
