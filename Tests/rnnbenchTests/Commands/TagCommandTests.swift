import Foundation
import Testing

@Suite("Taggers from the command line")
struct TagCommandTests {
  private static let small = [
    "--embedding", "4", "--hidden", "4", "--epochs", "2", "--minimum-count", "1", "--overwrite",
  ]

  private func train(_ line: CommandLine, _ data: String, _ more: String = "") throws
    -> [String: Any]
  {
    let outcome = try line.run(
      ["train", "tag", "--data", data, "--model", "m", "--json", "t.json"] + Self.small
        + more.split(separator: " ").map(String.init))
    #expect(outcome.code == 0, "\(outcome.errors)")
    return try line.json("t.json")
  }

  private func evaluate(_ line: CommandLine, _ data: String, _ more: String = "") throws
    -> (output: String, json: [String: Any])
  {
    let outcome = try line.run(
      ["evaluate", "--model", "m", "--data", data, "--json", "e.json", "--report", "e.html"]
        + more.split(separator: " ").map(String.init))
    #expect(outcome.code == 0, "\(outcome.errors)")
    return (outcome.output, try line.json("e.json"))
  }

  private func fillTreebank(_ line: CommandLine) throws {
    for (part, words) in [
      ("train", ["the DET", "dog NOUN", "runs VERB"]), ("dev", ["dog NOUN"]),
      ("test", ["the DET", "cat NOUN", "runs VERB"]),
    ] {
      let rows = words.enumerated().map { index, word in
        let pair = word.split(separator: " ")
        return "\(index + 1)\t\(pair[0])\t\(pair[0])\t\(pair[1])\tX\t_\t0\troot\t_\t_\n"
      }
      let sentence =
        "# a\n1-2\tx\t_\t_\t_\t_\t_\t_\t_\t_\n" + rows.joined() + "9.1\tx\t_\t_\t_\t_\t_\t_\t_\t_\n"
      try line.write(
        String(repeating: sentence + "\n", count: 4), to: "treebank/xx_y-ud-\(part).conllu")
    }
  }

  @Test("A treebank trains a part-of-speech tagger, scored by accuracy")
  func treebank() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try fillTreebank(line)
    _ = try train(line, "treebank", "--epochs 40 --rate 0.05")
    let (output, json) = try evaluate(line, "treebank")
    let score = try #require(json["score"] as? [String: Any])
    let metrics = try #require(score["metrics"] as? [String: Double])
    #expect(Set(metrics.keys) == ["accuracy", "accuracy of unknown words"])
    #expect(json["examples"] as? Int == 4)
    let classes = try #require(score["classes"] as? [String])
    #expect(classes == ["DET", "NOUN", "VERB", "<unknown>"])
    let counts = try #require(score["confusion"] as? [[Int]])
    // Twelve words, a third of them unknown: the metrics are those of the matrix.
    #expect(counts.flatMap { $0 }.reduce(0, +) == 12)
    let right = classes.indices.reduce(0) { $0 + counts[$1][$1] }
    #expect(metrics["accuracy"] == Double(right) / 12)
    #expect(metrics["accuracy of unknown words"] == Double(counts[1][1]) / 4)
    // Trained to the end, it knows the words that it has seen.
    #expect(counts[0][0] == 4 && counts[2][2] == 4)
    #expect(output.contains("accuracy of unknown words") && output.contains("Reference (rows)"))
    let report = try String(contentsOfFile: line.path("e.html"), encoding: .utf8)
    #expect(report.contains("accuracy of unknown words") && report.contains("Confusion"))
    // Another column, by its name: every tag is X.
    _ = try train(line, "treebank", "--columns form,xpos")
    let other = try evaluate(line, "treebank").json["score"] as? [String: Any]
    #expect(other?["classes"] as? [String] == ["X", "<unknown>"])
  }

  @Test("A file in BIOES trains the same model and scores the same as in IOB2")
  func schemes() throws {
    let line = try CommandLine()
    defer { line.remove() }
    for part in ["train", "dev", "test"] {
      let rows = ["a S-x", "b B-y", "c I-y", "d E-y", "-DOCSTART- O", "e O", "a S-x"]
      let text = rows.joined(separator: "\n") + "\n"
      try line.write(text, to: "bioes/\(part).txt")
      try line.write(
        text.replacing("S-", with: "B-").replacing("E-", with: "I-"), to: "iob2/\(part).txt")
    }
    var results: [String] = []
    for data in ["iob2", "bioes"] {
      _ = try train(line, data, "--epochs 20 --rate 0.03")
      let (_, json) = try evaluate(line, data)
      // The document's start separates two sentences.
      #expect(json["examples"] as? Int == 2)
      let score = try #require(json["score"])
      let text = try JSONSerialization.data(withJSONObject: score, options: .sortedKeys)
      results.append(
        "\(text.base64EncodedString()) \(try line.tensors("m").sorted { $0.key < $1.key })")
    }
    #expect(results[0] == results[1])
    let named = try line.run(
      ["train", "tag", "--data", "bioes", "--model", "n", "--scheme", "iob2"] + Self.small)
    #expect(named.code == 1 && named.errors.contains("train.txt, line 1"))
    #expect(named.errors.contains("'S-x'") && named.errors.split(separator: "\n").count == 1)
    // Chunks as labels are another model's.
    let labels = try line.run(
      ["evaluate", "--model", "m", "--data", "bioes", "--scheme", "labels"])
    #expect(labels.code == 1 && labels.errors.contains("scheme"), "\(labels.errors)")
  }
}
