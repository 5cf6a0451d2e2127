import RNNCore
import RNNTasks

extension ModelSettings {
  /// An encoder-decoder of that cell for pairs in those ids, checked.
  package func configuration(
    _ choice: CellChoice, for pairs: PairEncoding
  ) throws -> EncoderDecoderConfiguration {
    guard
      case .recurrent(let cell, _, let directions) = choice.body(
        layers: layers, directions: directions)
    else {
      throw RNNError(
        .unsupported, "cell \(choice.name)", expected: "a recurrent network to read and write",
        found: "a feed-forward one")
    }
    let configuration = EncoderDecoderConfiguration(
      source: .tokens(vocabulary: pairs.source.sizeWithUnknown, embedding: embedding),
      targetVocabulary: pairs.targetSize, targetEmbedding: embedding, cell: cell, layers: layers,
      hiddenSize: hidden, directions: directions, attention: attention.score,
      reversesSource: reversesSource, dropout: dropout, start: pairs.start, end: pairs.end,
      feeding: feeding, sampling: try SamplingSchedule(sampling))
    try Self.named { () throws(RNNError) in try configuration.validate() }
    return configuration
  }

  /// A model whose weights start as ``initialization(_:of:)`` asks.
  func makeModel(
    _ configuration: EncoderDecoderConfiguration, seed: UInt64, team: ThreadTeam
  ) throws(RNNError) -> EncoderDecoder {
    try EncoderDecoder(
      configuration,
      initialization: initialization(.standard(for: configuration.cell), of: configuration.cell),
      seed: seed, team: team)
  }
}
