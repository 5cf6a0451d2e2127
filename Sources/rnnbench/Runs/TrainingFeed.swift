import RNNCore
import RNNTasks

/// A task's training batches one after the other, with the state that each starts from: carried where the
/// task's data are a stream, zeros elsewhere.
struct TrainingFeed {
  /// To be handed to the training step, which leaves in it what the next batch may start from.
  var state: RecurrentState
  private var source: any TrainingSource
  private let model: SequenceModel
  private let size: Int

  init(_ task: any SequenceTask, seed: UInt64, batch size: Int, for model: SequenceModel) {
    source = task.makeTrainingSource(seed: seed)
    state = model.zeroState(sequences: 0)
    self.model = model
    self.size = size
  }

  /// The next batch, and how many passes over the data are complete with it where they are counted.
  mutating func next() throws -> (batch: SequenceBatch, epochsCompleted: Int?) {
    let fresh = source.nextBatch(size)
    let continues = source.carriesState && !fresh.startsAfresh
    if !continues || state.sequenceCount != fresh.examples.count {
      state = model.zeroState(sequences: fresh.examples.count)
    }
    return (try SequenceBatch(fresh.examples), fresh.epochsCompleted)
  }
}
