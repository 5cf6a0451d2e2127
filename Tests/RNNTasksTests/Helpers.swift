import Foundation
import RNNCore
import RNNTasks

extension Example {
  var tokens: [Int32] {
    guard case .tokens(let ids) = input else { return [] }
    return ids
  }

  var classes: [Int32] {
    switch target {
    case .classPerStep(let ids): ids
    case .classAtEnd(let id): [id]
    default: []
    }
  }

  var features: [Float] {
    guard case .features(let values, _) = input else { return [] }
    return values
  }

  var values: [Float] {
    guard case .valuesAtEnd(let values) = target else { return [] }
    return values
  }

  /// What a perfect network would answer.
  var truth: SequencePrediction {
    switch target {
    case .classPerStep(let ids): .classes(ids)
    case .classAtEnd(let id): .classes([id])
    case .valuesPerStep(let values), .valuesAtEnd(let values): .values(values)
    case .labelling(let labels): .labelling(labels)
    }
  }
}

extension SequenceTask {
  /// `count` training examples in batches of at most 50.
  func trainingExamples(_ count: Int, seed: UInt64) -> [Example] {
    var source = makeTrainingSource(seed: seed)
    var examples: [Example] = []
    while examples.count < count { examples += source.nextBatch(50).examples }
    return examples
  }

  /// What the task says of all answers at once.
  func score(
    predictions: [SequencePrediction], examples: some Collection<Example>, meanLoss: Double
  ) -> TaskScore {
    precondition(predictions.count == examples.count, "one prediction an example")
    var score = makeScore()
    for (prediction, example) in zip(predictions, examples) { score.add(prediction, for: example) }
    return score.taskScore(meanLoss: meanLoss)
  }

  /// The main one of ``score(predictions:examples:meanLoss:)``.
  func metric(
    predictions: [SequencePrediction], examples: some Collection<Example>, meanLoss: Double
  ) -> Metric {
    score(predictions: predictions, examples: examples, meanLoss: meanLoss).metrics[0]
  }
}

/// A directory of its own for one test, removed when the test is done with it.
final class TemporaryDirectory {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("rnntasks-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes bytes to a file, making the folders above it.
  @discardableResult
  func write(_ bytes: some Sequence<UInt8>, to path: String) throws -> URL {
    let file = url.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file
  }
}
