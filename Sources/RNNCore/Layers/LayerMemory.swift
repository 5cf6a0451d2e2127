// What layers take of a pass, in floats, on the side of too much.

extension Dropout {
  /// Mask, output and the gradient of [rows, width]; nothing at rate 0.
  package func floats(rows: Int, width: Int, recording: Bool) -> Amount {
    rate > 0 && recording ? Amount(rows) * width * 3 : 0
  }
}

extension Linear {
  /// The outputs of `rows` and their gradient.
  package func floats(rows: Int, recording: Bool) -> Amount {
    Amount(rows) * outputSize * (recording ? 2 : 1)
  }

  /// Those of a readout into classes with its loss, which takes large numbers of classes block by
  /// block, and the gradient of what it reads.
  package func classFloats(rows: Int, recording: Bool, threads: Int) -> Amount {
    let whole = Amount(rows) * outputSize
    let losses = Amount(rows) * (2 + (recording ? inputSize : 0))
    let block = Amount(BlockedReadout.mostRows(classes: outputSize, threads: threads)) * outputSize
    return min(whole, block) + losses
  }
}

extension Attention {
  /// What looking takes beside what it reads and gives, and the gradients of all of it.
  ///
  /// - Parameters:
  ///   - queries: rows that look.
  ///   - keys: rows that are looked at.
  ///   - cells: the sum over sequences of queries times keys.
  ///   - sequences: B.
  package func floats(
    queries: Int, keys: Int, cells: Int, sequences: Int, queryWidth: Int, keyWidth: Int,
    recording: Bool
  ) -> Amount {
    let width = scoreWidth(key: keyWidth)
    let (own, seen) = (score != .dot, score == .concat)
    let passes = recording ? 2 : 1
    var floats = Amount(cells) * passes
    if own { floats += Amount(keys) * width * passes }
    if seen { floats += Amount(queries) * width * passes + Amount(sequences) * width }
    // Contexts, and the gradients of what was read.
    floats += Amount(queries) * keyWidth * passes
    if recording { floats += Amount(queries) * queryWidth + Amount(keys) * keyWidth }
    return floats
  }
}

extension ConditionalRandomField {
  /// The sums over paths and the origins of the best ones, of N rows of K classes.
  static func floats(_ batch: BatchExtent, classes: Int) -> Amount {
    // Doubles from the left and from the right, and an origin.
    Amount(batch.tokens) * classes * 5 + Amount(classes) * classes * 6
      + Amount(batch.sequences) * classes * 4
  }
}

extension ParameterLayout {
  /// One store of all parameters.
  package var floats: Amount { Amount(storageCount) }

  /// Throws ``RNNError/Kind/memory`` where the process may not take so many stores of this layout.
  ///
  /// - Parameters:
  ///   - stores: how many.
  ///   - name: what they hold.
  package func checkMemory(stores: Int, _ name: String) throws(RNNError) {
    var need = MemoryNeed()
    need.add(name, floats: floats * stores)
    try need.check(argument: name)
  }

  /// What a model and its training keep from step to step.
  ///
  /// - Parameters:
  ///   - rule: of the updates.
  ///   - averages: whether there is an average of the parameters.
  ///   - keepsBest: whether those of the best look are kept.
  ///   - shards: of a batch that this process has.
  package func trainingMemory(
    _ rule: OptimizerRule, averages: Bool, keepsBest: Bool, shards: Int = 1
  ) -> MemoryNeed {
    var need = modelMemory
    need.add("gradients", floats: floats * (1 + ShardTree.depth(of: 0..<shards)))
    need.add("optimiser", floats: floats * rule.memory)
    // The average, and the parameters while it stands in their place.
    if averages { need.add("average", floats: floats * 2) }
    if keepsBest { need.add("best parameters", floats: floats) }
    // A file is written parameter by parameter, each in copies.
    let largest = slices.map(\.count).max() ?? 0
    need.add("parameter to be saved", floats: Amount(largest) * 3)
    return need
  }

  /// The parameters of a model.
  package var modelMemory: MemoryNeed {
    var need = MemoryNeed()
    need.add("parameters", floats: floats)
    return need
  }

  /// The copies of parameters that a pass packs for its products, on the way forward and back.
  package func packedMemory(recording: Bool) -> MemoryNeed {
    var need = MemoryNeed()
    need.add("packed weights", floats: floats * (recording ? 2 : 1))
    return need
  }
}
