/// The shape of a whole model: input, body, readout and loss.
public struct ModelConfiguration: Sendable, Hashable {
  /// What a time step holds.
  public enum Input: Sendable, Hashable {
    /// A token id, looked up in a table of learned vectors.
    case tokens(vocabulary: Int, embedding: Int)
    /// A vector of numbers.
    case features(width: Int)

    /// What the layer above sees of one step.
    var width: Int {
      switch self {
      case .tokens(_, let embedding): embedding
      case .features(let width): width
      }
    }
  }

  /// What stands between input and readout.
  public enum Body: Sendable, Hashable {
    /// A stack of recurrent layers, one of them unless more are asked for, read forward unless both
    /// directions are.
    case recurrent(CellKind, layers: Int = 1, directions: Directions = .forward)
    /// One hidden layer that sees nothing but the current step (or its context window): the
    /// baseline that shows what memory is good for.
    case feedForward(HiddenActivation = .tanh)
  }

  /// What a time step is: a token with an embedding, or a vector of numbers.
  public var input: Input
  /// Steps that are put side by side as the body's input: 1 for the step alone, else an odd number
  /// with as many before as after it, or any number of which the step is the last, see
  /// ``contextSide``.
  public var contextWindow: Int
  /// Where the other steps of the window are.
  public var contextSide: ContextSide
  /// What stands between input and readout.
  public var body: Body
  /// H.
  public var hiddenSize: Int
  /// O: classes, or numbers of a target vector.
  public var outputs: Int
  /// What training makes small.
  public var loss: Loss
  /// Whether there is an answer after each step, or one after the last.
  public var answer: SequenceBatch.Answer
  /// Dropout of the body's input, between its layers and before the readout.
  public var dropout: Float
  /// Dropout of the recurrent connections, one mask for all steps.
  public var recurrentDropout: Float
  /// Whether the readout's weight is the table of embeddings: logits = h·Eᵀ + b (Press and Wolf
  /// 2017; Inan, Khosravi and Socher 2017). For token inputs with as many outputs as tokens and a
  /// readout that reads as many numbers as an embedding has.
  public var tiesEmbedding: Bool
  /// A second output, one class for the whole sequence; nil for none. For answers at every step.
  public var sentenceHead: SentenceHead?

  /// Makes a configuration; whether a model can be built of it is checked when one is.
  ///
  /// - Parameters:
  ///   - input: what a time step is.
  ///   - contextWindow: steps that are put side by side as the body's input; 1 for the step alone.
  ///   - contextSide: where the other steps of the window are.
  ///   - body: what stands between input and readout.
  ///   - hiddenSize: H.
  ///   - outputs: O, classes or numbers of a target vector.
  ///   - loss: what training makes small.
  ///   - answer: after each step, or after the last.
  ///   - dropout: the share of numbers dropped in training before, between and after the layers.
  ///   - recurrentDropout: the share of states dropped before recurrent products in training.
  ///   - tiesEmbedding: whether the readout's weight is the table of embeddings.
  ///   - sentenceHead: a second output, one class for the whole sequence; nil for none.
  public init(
    input: Input, contextWindow: Int = 1, contextSide: ContextSide = .both, body: Body,
    hiddenSize: Int, outputs: Int,
    loss: Loss = .softmaxCrossEntropy, answer: SequenceBatch.Answer = .everyStep,
    dropout: Float = 0, recurrentDropout: Float = 0, tiesEmbedding: Bool = false,
    sentenceHead: SentenceHead? = nil
  ) {
    self.input = input
    self.contextWindow = contextWindow
    self.contextSide = contextSide
    self.body = body
    self.hiddenSize = hiddenSize
    self.outputs = outputs
    self.loss = loss
    self.answer = answer
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
    self.tiesEmbedding = tiesEmbedding
    self.sentenceHead = sentenceHead
  }

  /// The cell; nil for a feed-forward body.
  public var cell: CellKind? {
    if case .recurrent(let cell, _, _) = body { cell } else { nil }
  }

  /// Throws for a size below 1, an even window, a dropout outside [0, 1), teacher forcing without
  /// an answer at every step, a readout that cannot be tied to the embedding, a loss of whole
  /// sequences or a sentence head beside one answer at the end, and connectionist temporal
  /// classification without a label or with teacher forcing.
  public func validate() throws(RNNError) {
    switch input {
    case .tokens(let vocabulary, let embedding):
      try requirePositive(vocabulary, "vocabulary")
      try requirePositive(embedding, "embedding size")
    case .features(let width): try requirePositive(width, "feature width")
    }
    _ = try ContextWindow(size: contextWindow, side: contextSide)
    try requirePositive(hiddenSize, "hidden size")
    try requirePositive(outputs, "outputs")
    try requireFitting()
    try requireRate(dropout, "dropout")
    if cell?.isTeacherForced == true, answer == .atEnd {
      throw RNNError(
        .unsupported, "teacher forcing", expected: "an answer at every step to feed back",
        found: "an answer at the end")
    }
    try requireRate(recurrentDropout, "recurrent dropout")
    if tiesEmbedding { try checkTie() }
    if loss.isOfWholeSequences { try checkWholeSequences() }
    try sentenceHead?.validate()
    guard sentenceHead == nil || answer == .everyStep else {
      throw RNNError(
        .unsupported, "sentence head", expected: "an answer at every step beside it",
        found: "an answer at the end")
    }
  }

  private func checkWholeSequences() throws(RNNError) {
    let isChain = loss == .conditionalRandomField
    let name = isChain ? "conditional random field" : "connectionist temporal classification"
    guard answer == .everyStep else {
      throw RNNError(
        .unsupported, name, expected: "an answer at every step", found: "an answer at the end")
    }
    guard !isChain else { return }
    if cell?.isTeacherForced == true {
      throw RNNError(
        .unsupported, "teacher forcing", expected: "a target at every step to feed back",
        found: "labels without their places")
    }
    guard outputs > 1 else {
      throw RNNError(
        .range, "outputs", expected: "at least 2, a label beside the blank", found: "\(outputs)")
    }
  }

  /// Throws `.range` for sizes whose products, or layers whose number, no memory holds.
  private func requireFitting() throws(RNNError) {
    var layers = 1
    if case .recurrent(_, let count, _) = body { layers = count }
    var sizes = [
      ("context window", contextWindow), ("hidden size", hiddenSize), ("outputs", outputs),
      ("input width", input.width),
    ]
    if case .tokens(let vocabulary, _) = input { sizes.append(("vocabulary", vocabulary)) }
    try ModelSize.check(sizes, layers: layers, storage: storageBound)
  }

  private func checkTie() throws(RNNError) {
    guard case .tokens(let vocabulary, let width) = input else {
      throw RNNError(
        .unsupported, "tied embedding", expected: "token inputs", found: "feature inputs")
    }
    guard needsReadout else {
      throw RNNError(
        .unsupported, "tied embedding", expected: "a model with a readout",
        found: "a Jordan network, whose output is its own readout")
    }
    guard outputs == vocabulary, bodyWidth == width else {
      throw RNNError(
        .shape, "tied embedding", expected: "\(outputs) tokens and embeddings of \(bodyWidth)",
        found: "\(vocabulary) tokens and embeddings of \(width)")
    }
  }

  /// What makes an answer depend on later steps, in words; empty for a model that sees nothing but
  /// the past, as one of the next symbol has to.
  public var waysToLookAhead: [String] {
    var ways: [String] = []
    if case .recurrent(_, _, let directions) = body, directions != .forward {
      ways.append("a bidirectional network")
    }
    if contextWindow > 1, contextSide == .both { ways.append("a context window of later steps") }
    if loss.isOfWholeSequences { ways.append("a loss of whole sequences") }
    return ways
  }

  /// How a model of this shape starts when nothing else is said: as the cell's name asks, and an
  /// embedding that is also the readout with standard deviation 1/√E, so that logits do not start
  /// large.
  public var standardInitialization: InitializationPlan {
    var plan = InitializationPlan.standard(for: cell)
    if tiesEmbedding { plan.embeddingDeviation = 1 / Float(input.width).squareRoot() }
    return plan
  }

  /// The recurrent body.
  ///
  /// A Jordan network feeds back what the loss compares with the targets: class probabilities, the
  /// probability of each yes, or the numbers themselves.
  func recurrent(
    _ cell: CellKind, layers: Int, directions: Directions
  ) -> RecurrentConfiguration {
    let feedback: FeedbackActivation =
      switch loss {
      case .softmaxCrossEntropy, .conditionalRandomField, .connectionistTemporalClassification:
        .softmax
      case .bernoulliCrossEntropy: .sigmoid
      case .meanSquaredError: .identity
      }
    return RecurrentConfiguration(
      cell: cell, inputSize: input.width * contextWindow, hiddenSize: hiddenSize, layers: layers,
      directions: directions, outputSize: givesOutputs ? outputs : nil, feedback: feedback,
      interLayerDropout: dropout, recurrentDropout: recurrentDropout)
  }

  /// A Jordan network in one direction is its own readout: its output is what it feeds back.
  var needsReadout: Bool {
    guard case .recurrent(_, _, let directions) = body else { return true }
    return !(givesOutputs && directions == .forward)
  }

  /// What the body gives to a readout at one step: H, or O for Jordan, times the directions that
  /// stand side by side.
  var bodyWidth: Int {
    guard case .recurrent(_, _, let directions) = body else { return hiddenSize }
    let width = givesOutputs ? outputs : hiddenSize
    return directions == .concatenated ? 2 * width : width
  }

  private var givesOutputs: Bool { cell?.givesOutputs ?? false }
}
