import Foundation
import RNNCore
import RNNTasks
import Testing

@Suite("Music")
struct MusicTaskTests {
  /// Parts, pieces, steps, notes.
  static func task(
    _ parts: [[[[Int]]]], encoding: TaskEncoding? = nil,
    _ change: (inout DataOptions) -> Void = { _ in }
  ) throws -> MusicTask {
    try task(
      "{\"train\": \(parts[0]),\n\"valid\": \(parts[1]),\n\"test\": \(parts[2])}",
      encoding: encoding, change)
  }

  private static func task(
    _ json: String, encoding: TaskEncoding? = nil,
    _ change: (inout DataOptions) -> Void = { _ in }
  ) throws -> MusicTask {
    let directory = try TemporaryDirectory()
    var options = DataOptions()
    let url = try directory.write(json.utf8, to: "music.json")
    change(&options)
    return try #require(
      try makeTask(.music, at: url, options: options, encoding: encoding) as? MusicTask)
  }

  private func targets(_ example: Example) -> [Float] {
    guard case .valuesPerStep(let values) = example.target else { return [] }
    return values
  }

  /// The notes of each of some frames.
  private func notes(_ values: [Float]) -> [[Int]] {
    stride(from: 0, to: values.count, by: 88).map { first in
      MusicEncoding.piano.notes(of: Array(values[first..<first + 88]))
    }
  }

  @Test("The input is the frame before the target, silence at the start")
  func frames() throws {
    let task = try Self.task([[[[21, 108], [], [60]]], [[[60, 60]]], [[[64]], [[65], [66]]]])
    #expect(notes(targets(task.training[0])) == [[21, 108], [], [60]])
    #expect(notes(task.training[0].features) == [[], [21, 108], []])
    #expect(notes(targets(task.validation[0])) == [[60]] && task.test.map(\.length) == [1, 2])
    #expect(task.shape.objective == .bernoulli && task.shape.outputs == 88)
    #expect(!task.shape.allowsFuture && task.shape.answer == .everyStep)
    // Three notes of 88 sound in one of three steps.
    let entropy = -(log(1.0 / 3) / 3 + 2 * log(2.0 / 3) / 3)
    #expect(abs(try #require(task.guessLoss) - 3 * entropy / 88) < 1e-12)
  }

  @Test("Training pieces are cut into stretches that know the frame before them")
  func stretches() throws {
    let piece = (0..<7).map { [60 + $0] }
    let task = try Self.task([[piece, [[50]]], [piece], [piece]]) { $0.chunk = 3 }
    #expect(task.training.map(\.length) == [2, 2, 3, 1])
    #expect(task.validation[0].length == 7 && task.test[0].length == 7)
    #expect(notes(task.training[1].features) == [[61], [62]])
    #expect(task.training.flatMap { notes(targets($0)) } == piece + [[50]])
    let whole = try Self.task([[piece], [piece], [piece]]) { $0.chunk = 7 }
    #expect(whole.training == whole.validation)
    #expect(throws: RNNError.self) { try Self.task([[piece], [piece], [piece]]) { $0.chunk = 0 } }
  }

  @Test("The loss of a note becomes that of a step; frames are right where sounding notes are")
  func score() throws {
    let task = try Self.task([[[[60]]], [[[60]]], [[[60, 64], []]]])
    var outputs = [Float](repeating: -1, count: 2 * 88)
    // One right, one missed, one too many; 0 is no.
    outputs[60 - 21] = 2
    outputs[64 - 21] = 0
    outputs[88] = 0.1
    let score = task.score(predictions: [.values(outputs)], examples: task.test, meanLoss: 0.5)
    #expect(score.metrics.map(\.name) == ["NLL/step", "frame accuracy"])
    #expect(score.metrics.map(\.value) == [44, 1.0 / 3])
    #expect(score.metrics.map(\.higherIsBetter) == [false, true])
    let silence = [Float](repeating: -1, count: 88)
    let silent = Example(
      input: .features(silence, width: 88),
      target: .valuesPerStep([Float](repeating: 0, count: 88)))
    #expect(
      task.score(predictions: [.values(silence)], examples: [silent], meanLoss: 0).metrics[1].value
        == 1)
  }

  @Test(
    "Bad files have line and byte",
    arguments: [
      ("{\"train\":[[[20]]]}", RNNError.Kind.format, "line 1, byte 12"),
      ("{\"train\":[[[60],\n[109]]]}", .format, "line 2, byte 18"),
      ("{\"train\":[[[60.5]]]}", .format, "line 1, byte 12"),
      ("{\"train\":[[]]}", .empty, "line 1, byte 10"), ("{\"train\":[]}", .empty, "line 1, byte 9"),
      ("{\"training\":[]}", .format, "line 1, byte 12"), ("[]", .format, "line 1, byte 0"),
      ("{\"train\":[[[60]]]}", .format, "music.json"), ("", .empty, "music.json"),
      ("{\"train\":[[[60]]],\"train\":[[[60]]]}", .format, "line 1, byte 18"),
      ("{\"train\":[[[60]]]", .format, "line 1, byte 17"),
    ])
  func errors(json: String, kind: RNNError.Kind, place: String) {
    let error = #expect(throws: RNNError.self) { try Self.task(json) }
    #expect(error?.kind == kind && error?.argument.hasSuffix(place) == true, "\(error as Any)")
  }

  @Test("A saved range of notes holds for other data")
  func saved() throws {
    let encoding = try TaskEncoding(
      json: #"{"kind":"music","lowestNote":60,"noteCount":2}"#, name: "saved")
    let task = try Self.task([[[[61]]], [[[60]]], [[[60]]]], encoding: encoding)
    #expect(task.shape.outputs == 2 && targets(task.training[0]) == [0, 1])
    #expect(task.music.frame([59, 60, 62]) == [1, 0])
    #expect(throws: RNNError.self) {
      try Self.task([[[[62]]], [[[60]]], [[[60]]]], encoding: encoding)
    }
  }
}
