import RNNCore
import Testing

@Suite("Training with checkpoints in BPTT")
struct CheckpointStepsTests {
  @Test(
    "The same model with and without, in one part or in several, in shards too",
    .enabled(if: ThreadTeam.shared.products == .packed))
  func sameBits() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    let letters = (0..<6000).map { (place: Int) -> UInt8 in
      UInt8(ascii: "a") + UInt8((place * place + place / 7) % 8)
    }
    try line.write(String(decoding: letters, as: UTF8.self), to: "text")
    func train(_ more: [String]) throws -> [String: [Float]] {
      let outcome = try line.run(
        [
          "train", "lm", "--data", "text", "--model", "m", "--hidden", "8", "--embedding", "4",
          "--batch", "4", "--steps", "600", "--epochs", "2", "--patience", "0", "--overwrite",
        ] + more)
      #expect(outcome.code == 0, "\(outcome.errors)")
      return try line.tensors("m")
    }
    let whole = try train([])
    #expect(try train(["--checkpoint-steps", "sqrt"]) == whole)
    #expect(try train(["--checkpoint-steps", "200", "--threads", "1"]) == whole)
    _ = try train(["--epochs", "1", "--checkpoint-steps", "sqrt"])
    let rest = try line.run([
      "train", "lm", "--data", "text", "--model", "m", "--resume", "--epochs", "2",
    ])
    #expect(rest.code == 0, "\(rest.errors)")
    #expect(try line.tensors("m") == whole)
    let shards = try train(["--shards", "2"])
    #expect(try train(["--shards", "2", "--checkpoint-steps", "300"]) == shards)
  }

  @Test("What looks at all steps together is refused by its option")
  func refusals() throws {
    let line = try CommandLine()
    defer { line.remove() }
    try line.fillTinyData()
    func expectRefusal(_ more: [String], _ word: String) throws {
      let outcome = try line.run(
        ["train", "lm", "--data", "text", "--model", "n", "--checkpoint-steps", "sqrt"] + more)
      #expect(outcome.code != 0 && outcome.errors.contains(word), "\(outcome.errors)")
      #expect(try line.shell("test -e n").code != 0)
    }
    try expectRefusal(["--profile-every", "2"], "--profile-every")
    try expectRefusal(["--checkpoint-steps", "0"], "--checkpoint-steps")
    try expectRefusal(["--checkpoint-steps", "some"], "--checkpoint-steps")
    let both = try line.run([
      "train", "tag", "--data", "tags", "--model", "n", "--cell", "bi-lstm", "--checkpoint-steps",
      "sqrt",
    ])
    #expect(both.code != 0 && both.errors.contains("--checkpoint-steps"), "\(both.errors)")
    let chain = try line.run([
      "train", "tag", "--data", "tags", "--model", "n", "--cell", "lstm", "--checkpoint-steps",
      "sqrt", "--crf",
    ])
    #expect(chain.code != 0 && chain.errors.contains("--checkpoint-steps"), "\(chain.errors)")
    #expect(try line.shell("test -e n").code != 0)
  }
}
