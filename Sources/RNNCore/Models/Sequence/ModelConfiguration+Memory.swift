extension ModelConfiguration {
  /// What a model of this shape and a pass over a batch take, on the side of too much.
  ///
  /// Grows with the tokens of the batch, see
  /// ``RecurrentEngine/memoryNeeded(for:recording:inputGradient:)``; optimisers come to it, see
  /// ``ParameterUpdater``.
  ///
  /// Throws what ``validate()`` throws.
  ///
  /// - Parameters:
  ///   - batch: how large it is.
  ///   - recording: whether BPTT follows.
  ///   - threads: that work on it.
  public func memoryNeeded(
    for batch: BatchExtent, recording: Bool = true, threads: Int = 1
  ) throws(RNNError) -> MemoryNeed {
    try layout().modelMemory + passMemory(batch, recording: recording, threads: threads)
  }

  /// The same of the pass alone.
  ///
  /// - Parameter checkpointing: which steps BPTT makes anew; nil to keep all of them.
  package func passMemory(
    _ batch: BatchExtent, checkpointing: GradientCheckpointing? = nil, recording: Bool, threads: Int
  ) throws(RNNError) -> MemoryNeed {
    var layout = ParameterLayout()
    let layers = try ModelLayers(self, declaringIn: &layout)
    let stretch = checkpointing?.stretch(of: batch) ?? batch
    var need =
      layout.packedMemory(recording: recording)
      + layers.passMemory(self, stretch, of: batch.tokens, recording: recording, threads: threads)
    if checkpointing != nil {
      need.add("batch", floats: batchFloats(batch.tokens))
      // The states before each stretch, and some on their way.
      let states = layers.network?.stateFloats(sequences: batch.sequences) ?? Amount(0)
      let stretches = (batch.tokens + stretch.tokens - 1) / max(1, stretch.tokens) * 2
      need.add("states of checkpoints", floats: states * (stretches + 8))
    }
    return need
  }
}

extension ModelConfiguration {
  /// Ids, targets, the places of rows; features stand in the examples as well.
  fileprivate func batchFloats(_ tokens: Int) -> Amount {
    guard case .features(let width) = input else { return Amount(tokens) * 12 }
    return Amount(tokens) * (2 * width + 8)
  }
}

extension SequenceModel {
  /// Throws ``RNNError/Kind/memory`` for a batch that the process has no memory for.
  ///
  /// - Parameter whole: the tokens of the batch that this one is a stretch of; nil for its own.
  func admit(
    _ batch: SequenceBatch, of whole: Int? = nil, recording: Bool, pass: ModelPass
  ) throws(RNNError) {
    let extent = BatchExtent(batch)
    try pass.layers.admit(extent, recording: recording) { recording in
      parameters.layout.packedMemory(recording: recording)
        + layers.passMemory(
          configuration, extent, of: whole, recording: recording, threads: team.count)
    }
  }
}

extension BatchExtent {
  fileprivate init(_ batch: SequenceBatch) {
    self.init(batch.layout)
    if case .labellings(let labellings)? = batch.targets {
      alignments = labellings.tables[labellings.tables.count - 1]
    }
  }
}

extension ModelLayers {
  /// What a pass over a batch takes, its numbers among it.
  ///
  /// - Parameter whole: the tokens of the batch that this one is a stretch of; nil for its own.
  func passMemory(
    _ configuration: ModelConfiguration, _ batch: BatchExtent, of whole: Int? = nil,
    recording: Bool, threads: Int
  ) -> MemoryNeed {
    var need = inputMemory(configuration, batch, recording: recording)
    addBody(configuration, batch, of: whole ?? batch.tokens, recording: recording, to: &need)
    let width = configuration.bodyWidth
    let answers = configuration.answer == .everyStep ? batch.tokens : batch.sequences
    var floats = dropout.floats(rows: answers, width: width, recording: recording)
    if sentence != nil || configuration.answer == .atEnd {
      floats += Amount(batch.sequences) * width * 5
    }
    if let sentence { floats += sentence.floats(rows: batch.sequences, recording: true) }
    if configuration.loss == .softmaxCrossEntropy, let readout {
      floats += readout.classFloats(rows: answers, recording: recording, threads: threads)
    } else {
      // The loss writes the gradient over them; without one they are handed on as numbers.
      floats += Amount(answers) * configuration.outputs * (recording ? 1 : 2)
      if recording, readout != nil { floats += Amount(answers) * width }
    }
    // Weights, classes and their places.
    need.add("outputs", floats: floats + Amount(answers) * 6)
    if chain != nil {
      need.add(
        "sums over paths",
        floats: ConditionalRandomField.floats(batch, classes: configuration.outputs))
    }
    if configuration.loss == .connectionistTemporalClassification {
      // Of doubles; without BPTT one row a thread.
      let table = recording ? Amount(batch.alignments) * 2 : 0
      need.add("alignments", floats: table + Amount(batch.tokens) * threads)
    }
    return need
  }

  /// What stands before the body: the batch, its vectors, the window and dropout.
  private func inputMemory(
    _ configuration: ModelConfiguration, _ batch: BatchExtent, recording: Bool
  ) -> MemoryNeed {
    let tokens = Amount(batch.tokens)
    let (width, seen) = (
      configuration.input.width, Amount(configuration.input.width) * window.size
    )
    var floats = tokens * width
    if window.size > 1 { floats += tokens * seen + (recording ? tokens * width : 0) }
    floats += dropout.floats(rows: batch.tokens, width: seen.value, recording: recording)
    if recording, embedding != nil || window.size > 1 { floats += tokens * seen }
    var need = MemoryNeed()
    need.add("inputs", floats: floats)
    need.add("batch", floats: configuration.batchFloats(batch.tokens))
    return need
  }

  private func addBody(
    _ configuration: ModelConfiguration, _ batch: BatchExtent, of whole: Int, recording: Bool,
    to need: inout MemoryNeed
  ) {
    let tokens = Amount(batch.tokens)
    guard let network else {
      let floats = hidden?.floats(rows: batch.tokens, recording: recording) ?? 0
      need.add("hidden layer", floats: floats)
      return
    }
    let shape = network.configuration
    var floats = network.floats(
      batch, recording: recording, inputGradient: true,
      copiesState: shape.isTeacherForced || shape.recurrentDropout > 0,
      hasDropout: recording && shape.interLayerDropout > 0)
    floats += network.stateFloats(sequences: batch.sequences) * 4
    if let embedding, window.size == 1 {
      floats += network.tableFloats(embedding.vocabulary, whole)
    }
    if recording, configuration.answer == .atEnd {
      floats += tokens * network.directionWidth * shape.directions.count
    }
    if shape.isTeacherForced { floats += tokens * configuration.outputs }
    need.add("states and gates", floats: floats)
  }
}
