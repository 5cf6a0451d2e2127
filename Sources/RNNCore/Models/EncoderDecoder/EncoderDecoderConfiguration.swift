/// The shape of a model that reads one sequence and writes another (Sutskever, Vinyals and Le
/// 2014).
public struct EncoderDecoderConfiguration: Sendable, Hashable {
  /// What a step of the source holds.
  public var source: ModelConfiguration.Input
  /// V, the number of target tokens, ``start`` and ``end`` among them.
  public var targetVocabulary: Int
  /// The width of target embeddings.
  public var targetEmbedding: Int
  /// Of encoder and decoder; not a Jordan cell.
  public var cell: CellKind
  /// L, of encoder and decoder.
  public var layers: Int
  /// H of the decoder, and the width of the encoder's output.
  public var hiddenSize: Int
  /// How the encoder reads. Concatenated directions have H / 2 units each.
  public var directions: Directions
  /// How the decoder looks back at the source; nil for not at all, so that it knows the final
  /// states only.
  public var attention: AttentionScore?
  /// Whether the encoder reads the source from its end.
  public var reversesSource: Bool
  /// The share of embeddings, of outputs between layers and of what the readout reads that is
  /// dropped in training.
  public var dropout: Float
  /// The target token that the decoder reads first.
  public var start: Int32
  /// The target token that ends what it writes.
  public var end: Int32
  /// What of attention the decoder reads.
  public var feeding: AttentionFeeding
  /// How often training feeds the decoder its own tokens.
  public var sampling: SamplingSchedule

  /// Makes a configuration; whether a model can be built of it is checked when one is.
  ///
  /// - Parameters:
  ///   - source: tokens with an embedding, or vectors.
  ///   - targetVocabulary: V, target tokens, ``start`` and ``end`` among them.
  ///   - targetEmbedding: numbers of a target token's vector.
  ///   - cell: of all layers.
  ///   - layers: L of encoder and decoder each.
  ///   - hiddenSize: H of the decoder, and width of the encoder's output.
  ///   - directions: of the encoder.
  ///   - attention: how well a source step answers a decoder's state; nil for no attention.
  ///   - reversesSource: whether the encoder reads sources from their end.
  ///   - dropout: the share dropped in training of embeddings, between layers and before the
  ///     readout.
  ///   - start: the token that the decoder reads first.
  ///   - end: the token that ends a target.
  ///   - feeding: what the decoder reads of attention.
  ///   - sampling: how often training feeds the decoder tokens of its own.
  public init(
    source: ModelConfiguration.Input, targetVocabulary: Int, targetEmbedding: Int,
    cell: CellKind = .lstm(), layers: Int = 1, hiddenSize: Int,
    directions: Directions = .concatenated, attention: AttentionScore? = .general,
    reversesSource: Bool = false, dropout: Float = 0, start: Int32 = 0, end: Int32 = 1,
    feeding: AttentionFeeding = .none, sampling: SamplingSchedule = .never
  ) {
    self.source = source
    self.targetVocabulary = targetVocabulary
    self.targetEmbedding = targetEmbedding
    self.cell = cell
    self.layers = layers
    self.hiddenSize = hiddenSize
    self.directions = directions
    self.attention = attention
    self.reversesSource = reversesSource
    self.dropout = dropout
    self.start = start
    self.end = end
    self.feeding = feeding
    self.sampling = sampling
  }

  /// Throws for a size below 1 or that no memory holds, an odd H of two concatenated directions (of
  /// an LRU's one that is no multiple of 4), a start or end that is no token, a dropout outside [0,
  /// 1), a cell that gives the outputs itself, and feeding without attention.
  public func validate() throws(RNNError) {
    try requirePositive(targetVocabulary, "target vocabulary")
    try requirePositive(targetEmbedding, "target embedding")
    if case .tokens(let vocabulary, _) = source {
      try requirePositive(vocabulary, "source vocabulary")
    }
    try requireFitting()
    let blocks = cell.cell.stateBlocks
    if directions == .concatenated, !hiddenSize.isMultiple(of: 2 * blocks) {
      let number = blocks == 1 ? "an even number" : "a multiple of \(2 * blocks)"
      throw RNNError(
        .shape, "hidden size", expected: "\(number) for two directions side by side",
        found: "\(hiddenSize)")
    }
    if cell.givesOutputs {
      throw RNNError(
        .unsupported, "cell", expected: "a cell that leaves the outputs to a readout",
        found: "\(cell)")
    }
    for (name, token) in [("start", start), ("end", end)]
    where token < 0 || token >= targetVocabulary {
      throw RNNError(
        .vocabulary, "\(name) token", expected: "0 to \(targetVocabulary - 1)", found: "\(token)")
    }
    guard feeding == .none || attention != nil else {
      throw RNNError(
        .unsupported, "feeding", expected: "attention to feed the decoder with", found: "none")
    }
    try sampling.validate()
    try encoder.validate()
    try decoder.validate()
  }

  private func requireFitting() throws(RNNError) {
    var sizes = [
      ("hidden size", hiddenSize), ("source width", source.width),
      ("target vocabulary", targetVocabulary), ("target embedding", targetEmbedding),
    ]
    if case .tokens(let vocabulary, _) = source { sizes.append(("source vocabulary", vocabulary)) }
    try ModelSize.check(sizes, layers: layers, storage: storageBound)
  }

  /// More than the parameters of such a model, gaps included, computed where nothing can overflow.
  private var storageBound: Double {
    let (hidden, written) = (Double(hiddenSize), Double(targetVocabulary))
    var embedded = written * Double(targetEmbedding)
    if case .tokens(let vocabulary, let width) = source {
      embedded += Double(vocabulary) * Double(width)
    }
    // Four gates see input, context and state, beside biases, peepholes and the gaps behind each
    // parameter.
    let width = Double(max(source.width, targetEmbedding))
    let layer = 4 * hidden * (width + 3 * hidden + 8) + 128
    let networks = Double(layers) * Double(directions.count + 1) * layer
    return embedded + networks + 4 * hidden * (hidden + 2) + written * (hidden + 1) + 1024
  }

  /// Units of one direction of the encoder.
  public var encoderHidden: Int { directions == .concatenated ? hiddenSize / 2 : hiddenSize }

  var encoder: RecurrentConfiguration {
    RecurrentConfiguration(
      cell: cell, inputSize: source.width, hiddenSize: encoderHidden, layers: layers,
      directions: directions, interLayerDropout: dropout)
  }

  var decoder: RecurrentConfiguration {
    RecurrentConfiguration(
      cell: cell, inputSize: targetEmbedding + (feeding == .none ? 0 : hiddenSize),
      hiddenSize: hiddenSize, layers: layers,
      interLayerDropout: dropout)
  }
}
