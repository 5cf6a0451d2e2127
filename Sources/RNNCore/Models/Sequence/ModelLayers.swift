/// The layers of a model, with the places of their parameters.
struct ModelLayers: Sendable {
  /// Nil for feature inputs.
  let embedding: Embedding?
  let window: ContextWindow
  /// Of the input, and of what readout and sentence head read.
  let dropout: Dropout
  /// The body is one of these two.
  let network: RecurrentNetwork?
  let hidden: Linear?
  /// Nil for a Jordan network in one direction.
  let readout: Linear?
  /// Nil without a sentence head.
  let sentence: Linear?
  /// Nil for losses without parameters.
  let chain: ConditionalRandomField?

  init(
    _ configuration: ModelConfiguration, declaringIn layout: inout ParameterLayout
  ) throws(RNNError) {
    try configuration.validate()
    if case .tokens(let vocabulary, let width) = configuration.input {
      embedding = Embedding(vocabulary: vocabulary, width: width, declaringIn: &layout)
    } else {
      embedding = nil
    }
    window = try ContextWindow(
      size: configuration.contextWindow, side: configuration.contextSide)
    dropout = try Dropout(rate: configuration.dropout)
    let hiddenSize = configuration.hiddenSize
    switch configuration.body {
    case .feedForward(let activation):
      network = nil
      hidden = Linear(
        "hidden", input: configuration.input.width * configuration.contextWindow,
        output: hiddenSize, activation: activation, declaringIn: &layout)
    case .recurrent(let cell, let layers, let directions):
      network = try RecurrentNetwork(
        configuration.recurrent(cell, layers: layers, directions: directions),
        declaringIn: &layout)
      hidden = nil
    }
    if let embedding, configuration.tiesEmbedding {
      readout = Linear("readout", tiedTo: embedding.table, declaringIn: &layout)
    } else {
      readout =
        configuration.needsReadout
        ? Linear(
          "readout", input: configuration.bodyWidth, output: configuration.outputs,
          declaringIn: &layout) : nil
    }
    sentence = configuration.sentenceHead.map {
      Linear(
        "sentence", input: configuration.bodyWidth, output: $0.classes, declaringIn: &layout)
    }
    chain =
      configuration.loss == .conditionalRandomField
      ? ConditionalRandomField(classes: configuration.outputs, declaringIn: &layout) : nil
  }
}
