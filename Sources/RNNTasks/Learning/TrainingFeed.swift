import RNNCore

/// A task's training batches one after the other, with the state that each starts from: carried
/// where the task's data are a stream, zeros elsewhere.
public struct TrainingFeed {
  /// To be handed to the training step, which leaves in it what the next batch may start from.
  public var state: RecurrentState
  private var source: any TrainingSource
  private let model: SequenceModel
  private let size: Int

  /// Begins at the first batch of a task's training data.
  ///
  /// - Parameters:
  ///   - task: whose data they are.
  ///   - seed: of their order.
  ///   - size: sequences of a batch.
  ///   - model: which is to be fed; its state is carried where the task carries one.
  public init(_ task: any SequenceTask, seed: UInt64, batch size: Int, for model: SequenceModel) {
    source = task.makeTrainingSource(seed: seed)
    state = model.zeroState(sequences: 0)
    self.model = model
    self.size = size
  }

  /// The next batch, and how many passes over the data are complete with it where they are counted.
  public mutating func next() throws(RNNError) -> (batch: SequenceBatch, epochsCompleted: Int?) {
    let fresh = source.nextBatch(size)
    if !source.carriesState || fresh.startsAfresh
      || state.sequenceCount != fresh.examples.count
    {
      state = model.zeroState(sequences: fresh.examples.count)
    }
    return (try SequenceBatch(fresh.examples), fresh.epochsCompleted)
  }

  /// Whether ``state`` has a meaning for the next batch.
  public var carriesState: Bool { source.carriesState }

  /// How many batches a pass over the data has; nil for data without end.
  public var batchesPerEpoch: Int? { source.batchesPerEpoch(size) }

  /// Where the next batch comes from.
  public var position: SourcePosition { source.position }

  /// Goes on from a position and state that such a feed had.
  ///
  /// Throws `.format` for a position that the data do not have, and for a state of
  /// another number of sequences than the next batch continues.
  public mutating func seek(
    _ position: SourcePosition, state: RecurrentState
  ) throws(RNNError) {
    try source.seek(position, batch: size)
    var copy = source
    let next = copy.nextBatch(size)
    if source.carriesState, !next.startsAfresh, state.sequenceCount != next.examples.count {
      throw RNNError(
        .format, "carried state", expected: "\(next.examples.count) sequences",
        found: "\(state.sequenceCount)")
    }
    self.state = state
  }
}
