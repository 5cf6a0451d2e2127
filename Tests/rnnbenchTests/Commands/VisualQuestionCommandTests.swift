import Foundation
import RNNCore
import RNNTasks
import Testing

@testable import RNNStudies
@testable import TestSupport
@testable import rnnbench

@Suite("Questions about images on the command line")
struct VisualQuestionCommandTests {
  private static let train = [
    "train", "vqa", "--model", "m", "--data", "pictures", "--hidden", "6", "--embedding", "5",
    "--batch", "8",
  ]

  @Test("A model of questions alone has no image in it, and guesses what images would show")
  func noImage() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    func accuracy(_ more: [String]) throws -> Double {
      let outcome = try line.run(
        Self.train + ["--epochs", "60", "--rate", "1e-2", "--json", "t.json", "--overwrite"] + more)
      #expect(outcome.code == 0, "\(outcome.errors)")
      let object = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: line.path("t.json"))))
      let test = try #require((object as? [String: Any])?["test"] as? [String: Any])
      let metrics = try #require(test["metrics"] as? [String: Double])
      return try #require(metrics["accuracy"])
    }
    #expect(try accuracy(["--patch", "4"]) == 1)
    let seen = try ModelFile(reading: line.path("m")).configuration(
      VisualQuestionConfiguration.self)
    #expect(seen.image?.rows == 2 && seen.image?.columns == 2 && seen.image?.patchWidth == 48)
    #expect(seen.image?.attention == .concat)
    #expect(try accuracy(["--no-image"]) < 0.9)
    #expect(
      try ModelFile(reading: line.path("m")).configuration(VisualQuestionConfiguration.self).image
        == nil)
    let again = try line.run(["evaluate", "--model", "m", "--data", "pictures"])
    #expect(again.code == 0 && again.output.contains("accuracy, colour"), "\(again.errors)")
  }

  @Test("generate answers a question about an image, and draws what of it was looked at")
  func answers() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let trained = try line.run(Self.train + ["--epochs", "60", "--rate", "1e-2", "--patch", "4"])
    #expect(trained.code == 0, "\(trained.errors)")
    func generate(_ more: String...) throws -> CommandLine.Outcome {
      try line.run(["generate", "--model", "m", "--data", "pictures"] + more)
    }
    for image in 0..<2 {
      let outcome = try generate(
        "--prompt", "is it red?", "--image", "\(image)", "--attention", "map.svg")
      #expect(outcome.code == 0, "\(outcome.errors)")
      // Red and blue images take turns.
      #expect(outcome.output.hasPrefix(image == 0 ? "yes  " : "no  "), "\(outcome.output)")
      let svg = try WellFormedXML(
        String(contentsOfFile: line.path("map.svg"), encoding: .utf8))
      #expect(svg.count(of: "image") == 3)
      // A shadow for each of the four patches beside the paper.
      #expect(svg.count(of: "rect") >= 5)
    }
    for (more, name) in [
      (["--prompt", "is it red?", "--image", "99"], "--image"),
      (["--prompt", " ", "--image", "0"], "--prompt"), (["--image", "0"], "--prompt"),
      (["--prompt", "is it red?", "--image", "0", "--beam", "2"], "--beam"),
    ] {
      let outcome = try line.run(["generate", "--model", "m", "--data", "pictures"] + more)
      #expect(outcome.code == 1 && outcome.errors.contains(name), "\(outcome.errors)")
    }
    let blind = try line.run(Self.train + ["--epochs", "1", "--no-image", "--overwrite"])
    #expect(blind.code == 0, "\(blind.errors)")
    let refused = try generate(
      "--prompt", "is it red?", "--image", "0", "--attention", "map.svg")
    #expect(refused.code == 1 && refused.errors.contains("--attention"), "\(refused.errors)")
  }

  @Test("profile shows what reaches question and image", arguments: [true, false])
  func profile(seesImage: Bool) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let trained = try line.run(
      Self.train + ["--epochs", "1"] + (seesImage ? ["--patch", "4"] : ["--no-image"]))
    #expect(trained.code == 0, "\(trained.errors)")
    let outcome = try line.run([
      "profile", "--model", "m", "--data", "pictures", "--json", "r.json", "--csv", "r.csv",
      "--report", "r.html", "--batch", "3",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let object = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: line.path("r.json"))))
    let document = try #require(object as? [String: Any])
    #expect((document["configuration"] as? [String: Any])?["questions"] as? Int == 3)
    let results = try #require(document["results"] as? [[String: Any]])
    #expect(results.compactMap { $0["layer"] as? String } == ["question.l0"])
    let paths = try #require(document["questionPaths"] as? [String: Any])
    #expect(paths["state"] as? Double ?? 0 > 0)
    let image = paths["image"] as? [String: Any]
    #expect((image?["regions"] as? [Double])?.count == (seesImage ? 4 : nil))
    #expect((paths["scores"] is NSNull) == !seesImage)
    let steps = try #require((results[0]["cellNorms"] as? [String: [Double]])?["byStep"]).count
    let csv = try String(contentsOfFile: line.path("r.csv"), encoding: .utf8)
    #expect(csv.split(separator: "\r\n").count == 1 + steps + (seesImage ? 4 : 0))
    let html = try line.report("r.html")
    for text in ["regions of the image", "image.region.weight", "attention looks at"] {
      #expect(html.contains(text) == seesImage, "\(text)")
    }
    #expect(outcome.output.contains("does not look at images") == !seesImage)
    let all = try line.run(
      ["profile", "--model", "m", "--data", "pictures", "--probe", "all"])
    #expect(all.code == 1 && all.errors.contains("--probe"), "\(all.errors)")
  }

  @Test(
    "What does not fit is refused in one line that names it",
    arguments: [
      ("train vqa --model x", "--data"),
      ("train vqa --model x --data text", "text"),
      ("train vqa --model x --data pictures --patch 3", "patch"),
      ("train vqa --model x --data pictures --patch 0", "--patch"),
      ("train vqa --model x --data pictures --patch 2 --no-image", "--patch"),
      ("train vqa --model x --data pictures --no-image --attention dot", "--attention"),
      ("train vqa --model x --data pictures --patch 2 --attention none", "--attention"),
      ("train vqa --model x --data pictures --patch 2 --window 3", "--window"),
      ("train vqa --model x --data pictures --patch 2 --cell jordan", "cell"),
      ("train vqa --model x --data pictures --patch 2 --cell feedforward", "cell feedforward"),
      ("train vqa --model x --data pictures --patch 2 --cell bi-lstm --hidden 7", "--hidden"),
      ("train vqa --model x --data pictures --patch 2 --beam 2", "--beam"),
      ("train lm --model x --data text --patch 2", "--patch"),
      ("train lm --model x --data text --no-image", "--no-image"),
      ("evaluate --model m --data trees", "trees"),
    ])
  func refuses(_ command: String, _ name: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    if command.contains("--model m") {
      let made = try line.run(Self.train + ["--epochs", "1", "--patch", "4"])
      #expect(made.code == 0, "\(made.errors)")
    }
    let before = line.contents
    let outcome = try line.run(command.split(separator: " ").map(String.init))
    #expect(outcome.code == 1, "\(outcome.output)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains(name), "\(outcome.errors)")
    #expect(line.contents == before)
  }
}
