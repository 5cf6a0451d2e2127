import RNNCore

/// The places of a ``VisualQuestionModel``'s parameters, without numbers.
struct VisualQuestionLayers {
  let embedding: Embedding
  let question: RecurrentNetwork
  /// Nil for a model that knows the question alone.
  let image: Image?
  /// tanh(W [c; q; c ⊙ q] + b); of q alone without an image.
  let combination: Linear
  let readout: Linear
  let dropout: Dropout

  struct Image {
    let shape: VisualQuestionConfiguration.Image
    /// relu(W x + b) of a patch.
    let region: Linear
    /// What is added to a region for its place, [R, H].
    let position: Places
    let attention: Attention

    init(
      _ shape: VisualQuestionConfiguration.Image, width: Int,
      declaringIn layout: inout ParameterLayout
    ) throws(RNNError) {
      self.shape = shape
      region = Linear(
        "image.region", input: shape.patchWidth, output: width, activation: .relu,
        declaringIn: &layout)
      position = Places(
        "image.position", count: shape.regionCount, width: width, declaringIn: &layout)
      attention = try Attention(
        shape.attention, query: width, key: width, declaringIn: &layout)
    }
  }

  /// - Parameter configuration: a valid one.
  init(
    _ configuration: VisualQuestionConfiguration, declaringIn layout: inout ParameterLayout
  ) throws(RNNError) {
    let hidden = configuration.hiddenSize
    dropout = try Dropout(rate: configuration.dropout)
    embedding = Embedding(
      vocabulary: configuration.vocabulary, width: configuration.embedding, prefix: "question.",
      declaringIn: &layout)
    question = try RecurrentNetwork(
      configuration.question, prefix: "question.", declaringIn: &layout)
    var width = hidden
    if let shape = configuration.image {
      image = try Image(shape, width: hidden, declaringIn: &layout)
      width = 3 * hidden
    } else {
      image = nil
    }
    combination = Linear(
      "combination", input: width, output: hidden, activation: .tanh, declaringIn: &layout)
    readout = Linear(
      "readout", input: hidden, output: configuration.answers, declaringIn: &layout)
  }
}
