/// A sequence and the one to be written for it.
public struct SequencePair: Sendable, Hashable {
  /// What is read.
  public var source: Example.Input
  /// Without start and end.
  public var target: [Int32]

  /// Makes a pair of what is read and what is to be written.
  public init(source: Example.Input, target: [Int32]) {
    self.source = source
    self.target = target
  }
}

/// Pairs of one batch. Sources and targets are packed each by their own lengths; between the two
/// networks, rows are in the order of sentences, those of a sentence side by side.
public struct PairBatch: ModelBatch {
  /// Sources as the encoder reads them.
  let sources: SequenceBatch
  /// The start and the target as input, the target and the end as classes.
  let targets: SequenceBatch
  /// For each row in the order of sentences, its row in the packed target.
  let targetRows: [Int]
  /// The class of each row in the order of sentences.
  let classes: [Int32]
  let plan: AttentionPlan

  /// Throws what ``SequenceBatch/init(_:)`` throws; an empty target is allowed.
  public init(
    _ pairs: [SequencePair], for configuration: EncoderDecoderConfiguration
  ) throws(RNNError) {
    self.init(
      sources: try SequenceBatch(
        inputs: pairs.map { configuration.reversesSource ? $0.source.reversed : $0.source }),
      targets: try SequenceBatch(
        pairs.map {
          Example(
            input: .tokens([configuration.start] + $0.target),
            target: .classPerStep($0.target + [configuration.end]))
        }))
  }

  private init(sources: SequenceBatch, targets: SequenceBatch) {
    (self.sources, self.targets) = (sources, targets)
    targetRows = targets.layout.rowsBySequence
    classes =
      if case .classes(let ids)? = targets.targets { targetRows.map { ids[$0] } } else { [] }
    plan = AttentionPlan(queries: targets.layout.lengths, keys: sources.layout.lengths)
  }

  /// Every `count`-th pair, from the `index`-th on, the longest targets first.
  public func shard(_ index: Int, of count: Int) -> PairBatch? {
    guard let targets = targets.shard(index, of: count), let whole = targets.whole else {
      return nil
    }
    return PairBatch(sources: sources.selecting(whole.places), targets: targets)
  }

  /// The number of pairs.
  public var count: Int { sources.layout.sequenceCount }
  /// Source tokens and target tokens, ends among them.
  public var tokenCount: Int { sources.layout.rowCount + targets.layout.rowCount }
}

extension AttentionPlan {
  init(queries: [Int], keys: [Int]) {
    for (query, key) in zip(queries, keys) { add(queries: query, keys: key) }
  }
}

extension SequenceLayout {
  /// The packed rows, sequence by sequence in the caller's order.
  var rowsBySequence: [Int] {
    lengths.indices.flatMap { sequence in
      (0..<lengths[sequence]).map { stepOffsets[$0] + ranks[sequence] }
    }
  }
}

extension Example.Input {
  /// From the last step to the first.
  var reversed: Example.Input {
    switch self {
    case .tokens(let ids): return .tokens(ids.reversed())
    case .features(let values, let width):
      let steps = stride(from: values.count - width, through: 0, by: -width)
      return .features(steps.flatMap { values[$0..<$0 + width] }, width: width)
    }
  }
}
