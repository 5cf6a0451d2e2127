import Foundation
import Testing

@testable import RNNStudies

@Suite("profile looks at saved models of pairs")
struct PairProfileCommandTests {
  private static let small = [
    "--hidden", "8", "--embedding", "6", "--batch", "4", "--epochs", "1", "--model", "m",
  ]

  /// What `profile` writes as JSON about a model that was trained for a moment.
  private func profile(
    _ line: CommandLine, train: String, profile: String
  ) throws -> (document: [String: Any], output: String) {
    func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
    let trained = try line.run(["train"] + words(train) + Self.small)
    #expect(trained.code == 0, "\(trained.errors)")
    let outcome = try line.run(
      ["profile", "--model", "m", "--json", "r.json", "--csv", "r.csv", "--report", "r.html"]
        + words(profile))
    #expect(outcome.code == 0, "\(outcome.errors)")
    let data = try Data(contentsOf: URL(fileURLWithPath: line.path("r.json")))
    let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(document["schema"] as? String == "rnnbench/profile/1")
    return (document, outcome.output)
  }

  @Test("Encoder, decoder and attention have their rows in every kind of output")
  func rows() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let (document, output) = try profile(
      line,
      train:
        "translate --data parallel --languages en,de --cell lstm --directions bidirectional --layers 2",
      profile: "--data parallel --threads 2")
    let results = try #require(document["results"] as? [[String: Any]])
    let layers = [
      "encoder.l0", "encoder.l0_reverse", "encoder.l1", "encoder.l1_reverse", "decoder.l0",
      "decoder.l1",
    ]
    #expect(results.compactMap { $0["layer"] as? String } == layers)
    for result in results {
      #expect(["vanishing", "exploding", "holding"].contains(result["verdict"] as? String))
      // Sentences of four words are the longest held out, and a target has an end.
      let norms = try #require(result["cellNorms"] as? [String: [Double]])
      let isEncoder = (result["layer"] as? String)?.hasPrefix("encoder") ?? false
      #expect(norms["byStep"]?.count == (isEncoder ? 4 : 5))
    }
    let paths = try #require(document["encoderPaths"] as? [String: Any])
    #expect((paths["finalStates"] as? Double ?? 0) > 0)
    let attention = try #require(paths["attention"] as? [String: Any])
    let (entropy, uniform) = (attention["entropy"] as? Double, attention["uniformEntropy"])
    #expect(entropy ?? .nan > 0 && entropy ?? .nan <= uniform as? Double ?? 0)
    let parameters = try #require(document["parameters"] as? [String: [String: Double]])
    #expect(parameters["attention.key.weight"]?["gradientNorm"] ?? 0 > 0)

    for text in ["attention", "final states", "attention looks at", "encoder.l1_reverse"] {
      #expect(output.contains(text), "\(text)")
    }
    let csv = try String(contentsOfFile: line.path("r.csv"), encoding: .utf8)
    #expect(csv.split(separator: "\r\n").count == 1 + 4 * 4 + 2 * 5 + 4)
    let html = try line.report("r.html")
    for text in ["What reaches each source step", "attention.combination.weight", "translate: H 8"]
    {
      #expect(html.contains(text), "\(text)")
    }
  }

  @Test("Without attention all comes through the final states")
  func withoutAttention() throws {
    let line = try CommandLine()
    defer { line.remove() }
    let (document, output) = try profile(
      line,
      train: "transduce --problem reverse --lengths 3-7 --pairs 40 --attention none --cell gru",
      profile: "--batch 3")
    let paths = try #require(document["encoderPaths"] as? [String: Any])
    #expect(paths["attention"] is NSNull)
    #expect(output.contains("through its final states alone"))
    let configuration = try #require(document["configuration"] as? [String: Any])
    #expect(configuration["pairs"] as? Int == 3)
    // The longest of the validation pairs.
    let results = try #require(document["results"] as? [[String: Any]])
    let norms = try #require(results[0]["hiddenNorms"] as? [String: [Double]])
    #expect(norms["byDistance"]?.count == 7)
  }

  @Test("A source of one step, and a probe of all answers, whose verdicts say what it hides")
  func oneStep() throws {
    let line = try CommandLine()
    defer { line.remove() }
    for part in ["train", "val", "test"] {
      try line.write("e1\ne2\ne1\n", to: "words/\(part).en")
      try line.write("d1\nd2\nd1\n", to: "words/\(part).de")
    }
    let (document, _) = try profile(
      line, train: "translate --data words --languages en,de --attention concat --feeding answer",
      profile: "--data words --probe all")
    let results = try #require(document["results"] as? [[String: Any]])
    #expect(results.allSatisfy { ($0["verdict"] as? String)?.hasPrefix("masked") == true })
  }

  @Test(
    "What does not fit is refused in one line that names it",
    arguments: [
      ("translate", "", "--data"),
      ("translate", "--data trees", "trees"),
      ("translate", "--data parallel --task adding", "--task"),
      ("translate", "--data parallel --length 5", "--length"),
      ("translate", "--data parallel --cells gru", "--cells"),
      ("translate", "--data parallel --batch 0", "--batch"),
      ("translate", "--data parallel --save other", "--save"),
      ("translate", "--data parallel --reverse-source", "--reverse-source"),
      ("transduce", "--data parallel", "--data"),
    ])
  func refuses(_ kind: String, _ options: String, _ name: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let data =
      kind == "translate"
      ? ["--data", "parallel", "--languages", "en,de"]
      : ["--problem", "copy", "--lengths", "3-7", "--pairs", "20"]
    let trained = try line.run(["train", kind] + data + Self.small)
    #expect(trained.code == 0, "\(trained.errors)")
    let before = line.contents
    let outcome = try line.run(
      ["profile", "--model", "m"] + options.split(separator: " ").map(String.init))
    #expect(outcome.code == 1 || outcome.code == 64, "\(outcome.output)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains(name), "\(outcome.errors)")
    #expect(line.contents == before)
  }
}
