import RNNCore

/// The shape of a model that answers a question about an image by one of several classes (Antol et
/// al. 2015).
public struct VisualQuestionConfiguration: Sendable, Hashable {
  /// What the model sees of an image: a grid of patches, of which the question chooses by
  /// attention.
  public struct Image: Sendable, Hashable {
    /// Patches from top to bottom.
    public var rows: Int
    /// Patches from left to right.
    public var columns: Int
    /// P, the numbers of one patch.
    public var patchWidth: Int
    /// How well a region answers the question's state. `concat` alone can like a region whatever
    /// the question, which is how it learns to tell figure from ground.
    public var attention: AttentionScore

    /// Makes the shape of images.
    ///
    /// - Parameters:
    ///   - rows: patches from top to bottom.
    ///   - columns: patches from left to right.
    ///   - patchWidth: numbers of a patch.
    ///   - attention: how well a region answers the question's state.
    public init(
      rows: Int, columns: Int, patchWidth: Int, attention: AttentionScore = .concat
    ) {
      self.rows = rows
      self.columns = columns
      self.patchWidth = patchWidth
      self.attention = attention
    }

    /// R, the number of patches.
    public var regionCount: Int { rows * columns }
    /// The numbers of all patches of one image.
    public var width: Int { regionCount * patchWidth }
  }

  /// V, the number of word ids.
  public var vocabulary: Int
  /// The width of word embeddings.
  public var embedding: Int
  /// Of the network that reads the question; not a Jordan cell.
  public var cell: CellKind
  /// L, of that network.
  public var layers: Int
  /// H, the width of the question's state, of a region and of the layer before the answers.
  public var hiddenSize: Int
  /// How the question is read. Concatenated directions have H / 2 units each.
  public var directions: Directions
  /// Nil for a model that knows the question alone, the baseline that shows what the image is good
  /// for.
  public var image: Image?
  /// C, the number of answers.
  public var answers: Int
  /// The share of embeddings, of regions and of what the readout reads that is dropped in training.
  public var dropout: Float

  /// Makes a configuration; whether a model can be built of it is checked when one is.
  ///
  /// - Parameters:
  ///   - vocabulary: V, words of questions.
  ///   - embedding: numbers of a word's vector.
  ///   - cell: of the network that reads the question.
  ///   - layers: of that network.
  ///   - hiddenSize: H, the width of the question's state and of a region.
  ///   - directions: whether the question is read from both ends.
  ///   - image: what is looked at; nil for a model of the question alone.
  ///   - answers: C, the classes.
  ///   - dropout: the share dropped in training of embeddings, regions and what the readout reads.
  public init(
    vocabulary: Int, embedding: Int, cell: CellKind = .lstm(), layers: Int = 1, hiddenSize: Int,
    directions: Directions = .forward, image: Image?, answers: Int, dropout: Float = 0
  ) {
    self.vocabulary = vocabulary
    self.embedding = embedding
    self.cell = cell
    self.layers = layers
    self.hiddenSize = hiddenSize
    self.directions = directions
    self.image = image
    self.answers = answers
    self.dropout = dropout
  }

  /// Throws for a size below 1 or that no memory holds, an odd H of two concatenated directions, a
  /// dropout outside [0, 1) and a cell that gives the outputs itself.
  public func validate() throws(RNNError) {
    try checkSizes()
    if directions == .concatenated, hiddenSize % 2 != 0 {
      throw RNNError(
        .shape, "hidden size", expected: "an even number for two directions side by side",
        found: "\(hiddenSize)")
    }
    if cell.givesOutputs {
      throw RNNError(
        .unsupported, "cell", expected: "a cell that leaves the outputs to a readout",
        found: "\(cell)")
    }
    try question.validate()
  }

  private func checkSizes() throws(RNNError) {
    var sizes = [
      ("hidden size", hiddenSize), ("vocabulary", vocabulary), ("embedding size", embedding),
      ("answers", answers),
    ]
    if let image {
      sizes += [
        ("rows of patches", image.rows), ("columns of patches", image.columns),
        ("patch width", image.patchWidth),
      ]
    }
    try ModelSize.check(sizes, layers: layers, storage: storageBound)
  }

  /// More than the parameters of such a model, gaps included, computed where nothing can overflow.
  private var storageBound: Double {
    let (hidden, words) = (Double(hiddenSize), Double(embedding))
    var seen = 0.0
    if let image {
      let (patch, regions) = (Double(image.patchWidth), Double(image.rows) * Double(image.columns))
      // Patches, places, the scores' two weights and vector, and the context's share of the layer
      // above.
      seen = hidden * (patch + 1 + regions + 4 * hidden + 3)
    }
    // Four gates see input and state, beside biases, peepholes and the gaps behind each parameter.
    let layer = 4 * hidden * (max(words, hidden) + hidden + 8) + 128
    let network = Double(layers) * Double(directions.count) * layer
    return Double(vocabulary) * words + network + seen + hidden * (hidden + 1)
      + Double(answers) * (hidden + 1) + 1024
  }

  var question: RecurrentConfiguration {
    RecurrentConfiguration(
      cell: cell, inputSize: embedding,
      hiddenSize: directions == .concatenated ? hiddenSize / 2 : hiddenSize, layers: layers,
      directions: directions, interLayerDropout: dropout)
  }
}
