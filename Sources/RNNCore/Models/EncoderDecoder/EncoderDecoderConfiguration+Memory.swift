/// How large a batch of pairs is, as far as memory is concerned.
public struct PairExtent: Sendable, Hashable {
  /// Of the sources.
  public var sources: BatchExtent
  /// Of the targets, their end among them.
  public var targets: BatchExtent
  /// Source steps times target steps of all pairs together: the weights of attention.
  public var cells: Int

  /// Makes an extent.
  public init(sources: BatchExtent, targets: BatchExtent, cells: Int) {
    (self.sources, self.targets, self.cells) = (sources, targets, cells)
  }

  /// The extent of a batch that is there.
  public init(_ batch: PairBatch) {
    self.init(
      sources: BatchExtent(batch.sources.layout), targets: BatchExtent(batch.targets.layout),
      cells: batch.plan.offsets[batch.plan.sentenceCount])
  }

  /// The largest batch that can be made of some pairs: of the longest sources, the longest targets
  /// and the most products of both.
  ///
  /// - Parameters:
  ///   - lengths: of sources and targets in steps, the end of targets not among them.
  ///   - most: how many pairs make a batch.
  public init(longestOf lengths: [(source: Int, target: Int)], batch most: Int) {
    let cells = lengths.map { (Amount($0.source) * ($0.target + 1)).value }
    self.init(
      sources: BatchExtent(longestOf: lengths.map(\.source), batch: most),
      targets: BatchExtent(longestOf: lengths.map { $0.target + 1 }, batch: most),
      cells: BatchExtent(longestOf: cells, batch: most).tokens)
  }
}

extension EncoderDecoderConfiguration {
  /// What a model of this shape and a pass over a batch take, on the side of too much.
  ///
  /// Grows with the tokens of sources and targets, and with attention with their products.
  ///
  /// Throws what ``validate()`` throws.
  ///
  /// - Parameters:
  ///   - batch: how large it is.
  ///   - recording: whether BPTT follows.
  ///   - threads: that work on it.
  public func memoryNeeded(
    for batch: PairExtent, recording: Bool = true, threads: Int = 1
  ) throws(RNNError) -> MemoryNeed {
    try layout().modelMemory + passMemory(batch, recording: recording, threads: threads)
  }

  /// What a search for answers takes beside the model.
  ///
  /// Throws what ``validate()`` throws.
  ///
  /// - Parameters:
  ///   - sources: how large the batch of sources is.
  ///   - longest: steps of the longest of them.
  ///   - search: how many beginnings it keeps, and how long they grow.
  public func memoryNeeded(
    searching search: BeamSearch, for sources: BatchExtent, longest: Int
  ) throws(RNNError) -> MemoryNeed {
    var layout = ParameterLayout()
    let layers = try EncoderDecoderLayers(self, declaringIn: &layout)
    return layout.packedMemory(recording: false)
      + layers.searchMemory(self, search, sources, longest: longest)
  }

  /// The pass alone.
  package func passMemory(
    _ batch: PairExtent, recording: Bool, threads: Int
  ) throws(RNNError) -> MemoryNeed {
    try validate()
    var layout = ParameterLayout()
    let layers = try EncoderDecoderLayers(self, declaringIn: &layout)
    return layout.packedMemory(recording: recording)
      + layers.passMemory(self, batch, recording: recording, threads: threads)
  }
}

extension EncoderDecoder {
  /// Throws ``RNNError/Kind/memory`` for a batch that the process has no memory for.
  func admit(_ batch: PairBatch, recording: Bool, pass: EncoderDecoderPass) throws(RNNError) {
    let extent = PairExtent(batch)
    var targets = extent.targets
    targets.alignments = extent.cells
    try pass.layers.admit(extent.sources, beside: targets, recording: recording) { recording in
      parameters.layout.packedMemory(recording: recording)
        + layers.passMemory(configuration, extent, recording: recording, threads: team.count)
    }
  }

  /// The same of a search, with the widest that there is memory for.
  func admit(
    _ sources: SequenceBatch, _ search: BeamSearch, pass: EncoderDecoderPass
  ) throws(RNNError) {
    let extent = BatchExtent(sources.layout)
    func need(_ width: Int) -> MemoryNeed {
      var narrow = search
      narrow.width = width
      return parameters.layout.packedMemory(recording: false)
        + layers.searchMemory(configuration, narrow, extent, longest: sources.layout.stepCount)
    }
    var found = extent
    found.alignments = (Amount(search.width) * search.mostTokens).value
    do throws(RNNError) {
      try pass.searches.admit(found, recording: false, argument: "beam") { _ in
        need(search.width)
      }
    } catch {
      let limit = MemoryLimit.current()
      var most = search.width / 2
      while most > 0, !need(most).fits(limit) { most /= 2 }
      guard most > 0 else { throw error }
      throw RNNError(
        .memory, error.argument, expected: "a width of \(most), for a search within \(limit)",
        found: "\(search.width), which takes \(error.found)")
    }
  }
}

extension EncoderDecoderLayers {
  func passMemory(
    _ configuration: EncoderDecoderConfiguration, _ batch: PairExtent, recording: Bool,
    threads: Int
  ) -> MemoryNeed {
    var need = encoderMemory(configuration, batch.sources, recording: recording)
    let (targets, hidden) = (batch.targets, configuration.hiddenSize)
    let tokens = Amount(targets.tokens)
    let width = targetEmbedding.width
    let passes = recording ? 2 : 1
    let fed = decoder.configuration.inputSize
    var floats = network(decoder, targets, recording: recording)
    floats += decoder.tableFloats(targetEmbedding.vocabulary, targets.tokens)
    // Vectors with their dropout, and what is put beside them where a step reads answers.
    floats += tokens * width * passes + tokens * (fed * passes)
    floats += dropout.floats(rows: targets.tokens, width: width, recording: recording)
    need.add("states and gates", floats: floats)
    floats = dropout.floats(rows: targets.tokens, width: hidden, recording: recording)
    // Outputs by sentence, beside their contexts, and combined.
    floats += tokens * hidden * (attention == nil ? 2 : 4) * passes
    if let attention {
      floats += attention.floats(
        queries: targets.tokens, keys: batch.sources.tokens, cells: batch.cells,
        sequences: targets.sequences, queryWidth: hidden, keyWidth: hidden, recording: recording)
      // Queries in the order of steps and of sentences.
      floats += tokens * hidden * 2
    }
    need.add("attention", floats: floats)
    need.add(
      "outputs",
      floats: readout.classFloats(rows: targets.tokens, recording: recording, threads: threads)
        + tokens * 6
        + (configuration.sampling == .never
          ? 0 : Amount(targets.sequences) * configuration.targetVocabulary))
    return need
  }

  private func network(
    _ network: RecurrentNetwork, _ batch: BatchExtent, recording: Bool
  ) -> Amount {
    network.floats(
      batch, recording: recording, inputGradient: true,
      hasDropout: recording && network.configuration.interLayerDropout > 0)
      + network.stateFloats(sequences: batch.sequences) * 6
  }

  private func encoderMemory(
    _ configuration: EncoderDecoderConfiguration, _ batch: BatchExtent, recording: Bool
  ) -> MemoryNeed {
    let tokens = Amount(batch.tokens)
    let (width, passes) = (configuration.source.width, recording ? 2 : 1)
    var need = MemoryNeed()
    need.add("batch", floats: tokens * (sourceEmbedding == nil ? 2 * width + 8 : 12))
    var floats = tokens * width * passes
    floats += dropout.floats(rows: batch.tokens, width: width, recording: recording)
    need.add("inputs", floats: floats)
    floats = network(encoder, batch, recording: recording)
    if let sourceEmbedding {
      floats += encoder.tableFloats(sourceEmbedding.vocabulary, batch.tokens)
    }
    // The keys by sentence, with gradients of both orders.
    floats += tokens * configuration.hiddenSize * (recording ? 3 : 1)
    need.add("states and gates", floats: floats)
    return need
  }

  func searchMemory(
    _ configuration: EncoderDecoderConfiguration, _ search: BeamSearch, _ sources: BatchExtent,
    longest: Int
  ) -> MemoryNeed {
    var need = encoderMemory(configuration, sources, recording: false)
    let (hidden, classes) = (configuration.hiddenSize, configuration.targetVocabulary)
    // No more beginnings than there are sequences of so many tokens.
    var kept = Amount(classes)
    for _ in 1..<max(2, min(search.mostTokens, 64)) where kept < Amount(search.width) {
      kept = kept * classes
    }
    let width = min(kept, Amount(search.width))
    let rows = width * sources.sequences
    let step = BatchExtent(sequences: rows.value, tokens: rows.value)
    var floats = rows * (classes + 5 * hidden + 3 * decoder.configuration.inputSize + 16)
    floats += network(decoder, step, recording: false)
    // Twice as many candidates as are kept, of each beginning, sorted in a copy.
    let candidate = 6
    floats += width * min(width * 2, Amount(classes)) * (2 * candidate)
    floats += rows * search.mostTokens * 2
    if let attention {
      floats += attention.floats(
        queries: rows.value, keys: sources.tokens, cells: (rows * longest).value,
        sequences: sources.sequences, queryWidth: hidden, keyWidth: hidden, recording: false)
      // A row of weights for each token written, with the head of its array.
      floats += rows * search.mostTokens * (Amount(longest) + 10)
    }
    need.add("search", floats: floats)
    return need
  }
}
