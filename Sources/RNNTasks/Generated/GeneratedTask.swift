import RNNCore

/// A task whose examples are drawn from a distribution, so that training never sees one twice on
/// purpose and needs no epochs.
///
/// Validation, test and training come from three streams of the seeded generator: drawing more of
/// one leaves the others as they are, and the held-out examples depend on the task's seed alone.
public protocol GeneratedTask: SequenceTask {
  /// One example, drawn afresh.
  func makeExample(using random: inout RandomGenerator) -> Example
}

extension GeneratedTask {
  /// Fresh examples without end; `seed` may equal the task's own seed.
  public func makeTrainingSource(seed: UInt64) -> any TrainingSource {
    GeneratedSource(task: self, random: RandomGenerator(seed: seed, for: .trainingExamples))
  }

  /// The `count` examples that the task with this `seed` holds out under the name of `stream`.
  func heldOut(_ count: Int, _ stream: RandomStream, seed: UInt64) -> ExampleList {
    var random = RandomGenerator(seed: seed, for: stream)
    return ExampleList((0..<count).map { _ in makeExample(using: &random) })
  }
}

/// Throws `.range` when some length is below the shortest that makes sense.
func checkLengths(
  _ lengths: ClosedRange<Int>, atLeast minimum: Int, task: TaskName
) throws(RNNError) {
  guard lengths.lowerBound < minimum else { return }
  throw RNNError(
    .range, "length of \(task.rawValue)", expected: "at least \(minimum)",
    found: "\(lengths.lowerBound)")
}

/// Draws every training example of a generated task when it is asked for.
private struct GeneratedSource<Task: GeneratedTask>: TrainingSource {
  let task: Task
  var random: RandomGenerator

  var carriesState: Bool { false }

  mutating func nextBatch(_ count: Int) -> TrainingBatch {
    let examples = (0..<count).map { _ in task.makeExample(using: &random) }
    return TrainingBatch(examples: examples, startsAfresh: true, epochsCompleted: nil)
  }

  func batchesPerEpoch(_ count: Int) -> Int? { nil }

  var position: SourcePosition { SourcePosition(generators: [random]) }

  mutating func seek(_ position: SourcePosition, batch count: Int) throws(RNNError) {
    let (rest, generator) = try position.removingGenerator()
    try rest.check(takenBelow: 1, inStepsOf: 1)
    random = generator
  }
}
