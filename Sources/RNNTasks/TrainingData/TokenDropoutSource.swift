import RNNCore

/// Replaces each input token by `unknown` with probability `rate`, so that a network learns what to
/// do with words it has never seen.
struct TokenDropoutSource<Base: TrainingSource>: TrainingSource {
  var base: Base
  let rate: Float
  let unknown: Int32
  var random: RandomGenerator

  var carriesState: Bool { base.carriesState }

  mutating func nextBatch(_ count: Int) -> TrainingBatch {
    var batch = base.nextBatch(count)
    for index in batch.examples.indices {
      guard case .tokens(var ids) = batch.examples[index].input else { continue }
      for step in ids.indices where random.uniform() < rate { ids[step] = unknown }
      batch.examples[index].input = .tokens(ids)
    }
    return batch
  }

  func batchesPerEpoch(_ count: Int) -> Int? { base.batchesPerEpoch(count) }

  var position: SourcePosition {
    var position = base.position
    position.generators.append(random)
    return position
  }

  mutating func seek(_ position: SourcePosition, batch count: Int) throws(RNNError) {
    let (rest, generator) = try position.removingGenerator()
    try base.seek(rest, batch: count)
    random = generator
  }
}

extension TokenDropoutSource: PooledSource {
  func inOnePool() -> any TrainingSource {
    guard let base = (base as? any PooledSource)?.inOnePool() else { return self }
    return base.droppingWords(rate, unknown: unknown, random: random)
  }
}
