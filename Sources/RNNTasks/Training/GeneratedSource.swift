import RNNCore

/// Draws every training example of a generated task when it is asked for.
struct GeneratedSource<Task: GeneratedTask>: TrainingSource {
  let task: Task
  var random: RandomGenerator

  var carriesState: Bool { false }

  mutating func nextBatch(_ count: Int) -> TrainingBatch {
    let examples = (0..<count).map { _ in task.makeExample(using: &random) }
    return TrainingBatch(examples: examples, startsAfresh: true, epochsCompleted: nil)
  }
}
