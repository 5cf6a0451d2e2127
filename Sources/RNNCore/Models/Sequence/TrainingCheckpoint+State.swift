extension TrainingCheckpoint {
  /// The recurrent state with which the next batch begins; one of no sequences when none was saved.
  ///
  /// Throws ``RNNError/Kind/format`` and ``RNNError/Kind/shape`` for tensors that are missing or do
  /// not fit `model`.
  public func carriedState(for model: SequenceModel) throws(RNNError) -> RecurrentState {
    guard record.sequences > 0 else { return model.zeroState(sequences: 0) }
    // Before memory is taken for as many sequences as a file pretends to have.
    let empty = model.zeroState(sequences: 0)
    for (index, _) in empty.hidden.enumerated() {
      try check(TrainingTensors.hidden(index), [record.sequences, empty.stateWidth])
    }
    if empty.contextWidth > 0 {
      try check(TrainingTensors.context, [record.sequences, empty.contextWidth])
    }
    var state = model.zeroState(sequences: record.sequences)
    if empty.contextWidth > 0 {
      state.context = try self.model.tensors.values(of: TrainingTensors.context)
    }
    for index in state.hidden.indices {
      state.hidden[index] = try self.model.tensors.values(of: TrainingTensors.hidden(index))
      guard state.cellWidth > 0 else { continue }
      try check(TrainingTensors.cell(index), [record.sequences, state.cellWidth])
      state.cell[index] = try self.model.tensors.values(of: TrainingTensors.cell(index))
    }
    return state
  }
}
