import Foundation
import RNNCore
import RNNTasks
import Testing

@testable import RNNStudies
@testable import rnnbench

@Suite("profile looks at saved models of sequences")
struct SequenceProfileCommandTests {
  @Test(
    "A model of every kind that train saves, on its data, with one answer probed",
    arguments: [
      ("tag", "tags", "--no-crf"), ("tag", "tags", "--crf"), ("lm", "text", "--cell min-lstm"),
      ("classify", "classes.tsv", "--validation-share 0.2"), ("music", "tunes.json", "--cell lru"),
    ])
  func kinds(kind: String, data: String, options: String) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let train = "train \(kind) --data \(data) --model m --hidden 6 --epochs 1 --batch 4 \(options)"
    let trained = try line.run(train.split(separator: " ").map(String.init))
    #expect(trained.code == 0, "\(trained.errors)")
    func profile(_ more: String) throws -> (CommandLine.Outcome, [String: Any]) {
      let outcome = try line.run(
        "profile --model m --data \(data) --batch 3 --json r.json --csv r.csv --report r.html \(more)"
          .split(separator: " ").map(String.init))
      #expect(outcome.code == 0, "\(outcome.errors)")
      let object = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: line.path("r.json"))))
      return (outcome, try #require(object as? [String: Any]))
    }
    let (last, document) = try profile("")
    let results = try #require(document["results"] as? [[String: Any]])
    let parameters = try #require(document["parameters"] as? [String: [String: Double]])
    #expect(!results.isEmpty && results.allSatisfy { $0["verdict"] as? String != "masked" })
    #expect(parameters.keys.contains("weight_ih_l0"))
    #expect(last.output.contains("l0") && last.output.contains("gradient of the last answer"))
    let configuration = try #require(document["configuration"] as? [String: Any])
    #expect(configuration["probe"] as? String == "last")
    let csv = try String(contentsOfFile: line.path("r.csv"), encoding: .utf8)
    #expect(csv.split(separator: "\r\n").count > results.count)
    if kind == "classify" {
      let refused = try line.run(["profile", "--model", "m", "--data", data, "--probe", "1"])
      #expect(refused.code == 1 && refused.errors.contains("probe"), "\(refused.errors)")
      return
    }
    let (_, all) = try profile("--probe all")
    let masked = try #require(all["results"] as? [[String: Any]])
    #expect(masked.allSatisfy { $0["verdict"] as? String == "masked" })
    let (step, one) = try profile("--probe 1")
    #expect(step.output.contains("gradient of the answer at step 1"))
    let norms = try #require((one["results"] as? [[String: Any]])?[0]["hiddenNorms"])
    #expect(((norms as? [String: [Double]])?["byDistance"])?.count == 2)
  }

  @Test(
    "A model that a program saved with its encoding is looked at as one that train saved",
    arguments: TrainedKind.all)
  func savedByLibrary(_ kind: TrainedKind) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let trained = try line.run(kind.arguments(["--epochs", "1"]))
    #expect(trained.code == 0, "\(trained.errors)")
    let file = try ModelFile(reading: line.path("m"))
    let encoding = try #require(try TaskEncoding(file))
    let options = try SavedRun(file).settings.data
    func save(_ model: some SavableModel) throws {
      try model.save(to: line.path("own"), metadata: encoding.metadata(options: options))
      try model.save(to: line.path("bare"))
    }
    switch file.kind {
    case ModelConfiguration.kind: try save(SequenceModel(file))
    case EncoderDecoderConfiguration.kind: try save(EncoderDecoder(file))
    default: try save(VisualQuestionModel(file))
    }
    func profile(_ name: String) throws -> CommandLine.Outcome {
      try line.run(["profile", "--model", name, "--batch", "3", "--json", "r.json"] + kind.place)
    }
    let outcome = try profile("own")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let own = try line.json("r.json")
    #expect(try profile("m").code == 0)
    let expected = try line.json("r.json")
    for part in ["results", "parameters"] {
      #expect(own[part] as? NSObject == expected[part] as? NSObject)
    }
    #expect((own["results"] as? [Any])?.isEmpty == false)
    let bare = try profile("bare")
    let isSequence = file.kind == ModelConfiguration.kind
    #expect(
      bare.code == 1 && bare.errors.contains(isSequence ? "names none" : "saved with its encoding"),
      "\(bare.errors)")
  }

  @Test("Encodings of another kind of model and damaged texts are refused")
  func badEncodings() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let model = try EncoderDecoder(
      EncoderDecoderConfiguration(
        source: .tokens(vocabulary: 5, embedding: 2), targetVocabulary: 5, targetEmbedding: 2,
        cell: .gru(), hiddenSize: 3, directions: .forward, attention: nil, start: 0, end: 1),
      seed: 1)
    let music = TaskEncoding.music(.piano)
    for (texts, words) in [
      (music.metadata(), "a model for music"),
      (music.metadata().merging([TaskEncoding.metadataKey: "{}"]) { $1 }, "rnntasks.encoding"),
    ] {
      try model.save(to: line.path("own"), metadata: texts)
      let outcome = try line.run(["profile", "--model", "own", "--data", "tunes.json"])
      #expect(outcome.code == 1 && outcome.errors.contains(words), "\(outcome.errors)")
    }
    let notes = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 88), body: .recurrent(.gru()), hiddenSize: 3, outputs: 88,
        loss: .bernoulliCrossEntropy), seed: 1)
    let damaged = music.metadata().merging([TaskEncoding.optionsKey: "[]"]) { $1 }
    try notes.save(to: line.path("own"), metadata: damaged)
    let outcome = try line.run(["profile", "--model", "own", "--data", "tunes.json"])
    #expect(outcome.code == 1 && outcome.errors.contains("rnntasks.data"), "\(outcome.errors)")
    try notes.save(to: line.path("own"), metadata: music.metadata())
    #expect(try line.run(["profile", "--model", "own", "--data", "tunes.json"]).code == 0)
  }

  @Test("Labels are numbered as train numbered them, whatever data are looked at")
  func otherData() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    // The same sentences with the tags in another order of first appearance.
    for part in ["train", "valid", "test"] {
      try line.write("w9 w1\nw1 w9\n", to: "other/\(part)/seq.in")
      try line.write("O B-low\nB-low O\n", to: "other/\(part)/seq.out")
      try line.write("some\nsome\n", to: "other/\(part)/label")
    }
    let train = "train tag --data tags --model m --hidden 6 --epochs 1 --batch 4 --no-crf"
    #expect(try line.run(train.split(separator: " ").map(String.init)).code == 0)
    let outcome = try line.run([
      "profile", "--model", "m", "--data", "other", "--probe", "all", "--json", "r.json",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let object = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: line.path("r.json"))))
    let results = (object as? [String: Any])?["results"] as? [[String: Any]]
    let found = try #require(results?[0]["loss"] as? Double)
    let saved = try SavedRun(reading: line.path("m"))
    let model = try SequenceModel(saved.file, team: .shared)
    let task = try saved.task(at: URL(fileURLWithPath: line.path("other")))
    let examples = try #require(task as? any SequenceDataTask).validation
    let loss = try model.loss(for: SequenceBatch(Array(examples)), pass: model.makePass())
    #expect(abs(found - loss.value) < 1e-6)
  }
}
