import RNNCore
import RNNTasks

/// A task on tokens whose inputs are vectors with a single 1, so that no embedding is learned.
struct OneHotTask: SequenceTask {
  private let base: any SequenceTask
  private let width: Int
  let validation: ExampleList
  let test: ExampleList

  /// - Parameter base: a task whose inputs are tokens.
  init(_ base: any SequenceTask) throws(RNNError) {
    guard case .tokens(let vocabulary) = base.shape.input else {
      throw RNNError(.unsupported, "one-hot inputs", expected: "tokens", found: "features")
    }
    self.base = base
    width = vocabulary
    func oneHot(_ examples: ExampleList) -> ExampleList {
      ExampleList(count: examples.count) { examples[$0].oneHot(width: vocabulary) }
    }
    validation = oneHot(base.validation)
    test = oneHot(base.test)
  }

  var name: String { base.name }
  var summary: String { base.summary }
  var guessLoss: Double? { base.guessLoss }
  var shape: TaskShape {
    var shape = base.shape
    shape.input = .features(width: width)
    return shape
  }

  func makeTrainingSource(seed: UInt64) -> any TrainingSource {
    Source(base: base.makeTrainingSource(seed: seed), width: width)
  }

  func makeScore() -> any AnswerScore { base.makeScore() }

  private struct Source: TrainingSource {
    var base: any TrainingSource
    let width: Int

    var carriesState: Bool { base.carriesState }

    mutating func nextBatch(_ count: Int) -> TrainingBatch {
      var batch = base.nextBatch(count)
      batch.examples = batch.examples.map { $0.oneHot(width: width) }
      return batch
    }

    func batchesPerEpoch(_ count: Int) -> Int? { base.batchesPerEpoch(count) }

    var position: SourcePosition { base.position }

    mutating func seek(_ position: SourcePosition, batch count: Int) throws(RNNError) {
      try base.seek(position, batch: count)
    }
  }
}

extension Example {
  /// Tokens as vectors with a single 1; features stay as they are.
  fileprivate func oneHot(width: Int) -> Example {
    guard case .tokens(let ids) = input else { return self }
    var values = [Float](repeating: 0, count: ids.count * width)
    for (step, id) in ids.enumerated() { values[step * width + Int(id)] = 1 }
    return Example(input: .features(values, width: width), target: target)
  }
}
