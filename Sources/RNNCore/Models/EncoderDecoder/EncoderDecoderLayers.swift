/// The places of an ``EncoderDecoder``'s parameters, without numbers.
struct EncoderDecoderLayers {
  /// What the names of the encoder's parameters begin with.
  static let encoderPrefix = "encoder."

  /// Nil for features.
  let sourceEmbedding: Embedding?
  let encoder: RecurrentNetwork
  let targetEmbedding: Embedding
  let decoder: RecurrentNetwork
  let attention: Attention?
  /// tanh(W [c; d] + b); nil without attention.
  let combination: Linear?
  let readout: Linear
  let dropout: Dropout

  /// Where the parameters of what goes step by step, all but the readout, end in their layout.
  var stepsEnd: Int {
    max(
      targetEmbedding.table.range.upperBound, decoder.parameterEnd, attention?.parameterEnd ?? 0,
      combination?.parameterEnd ?? 0)
  }

  /// - Parameter configuration: a valid one.
  init(
    _ configuration: EncoderDecoderConfiguration, declaringIn layout: inout ParameterLayout
  ) throws(RNNError) {
    let hidden = configuration.hiddenSize
    dropout = try Dropout(rate: configuration.dropout)
    if case .tokens(let vocabulary, let width) = configuration.source {
      sourceEmbedding = Embedding(
        vocabulary: vocabulary, width: width, prefix: Self.encoderPrefix, declaringIn: &layout)
    } else {
      sourceEmbedding = nil
    }
    encoder = try RecurrentNetwork(
      configuration.encoder, prefix: Self.encoderPrefix, declaringIn: &layout)
    targetEmbedding = Embedding(
      vocabulary: configuration.targetVocabulary, width: configuration.targetEmbedding,
      prefix: "decoder.", declaringIn: &layout)
    decoder = try RecurrentNetwork(
      configuration.decoder, prefix: "decoder.", declaringIn: &layout)
    if let score = configuration.attention {
      attention = try Attention(score, query: hidden, key: hidden, declaringIn: &layout)
      combination = Linear(
        "attention.combination", input: 2 * hidden, output: hidden, activation: .tanh,
        declaringIn: &layout)
    } else {
      (attention, combination) = (nil, nil)
    }
    readout = Linear(
      "readout", input: hidden, output: configuration.targetVocabulary, declaringIn: &layout)
  }
}
