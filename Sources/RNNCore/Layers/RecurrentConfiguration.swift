/// Which way a recurrent network reads, and how two directions are joined.
public enum Directions: String, CaseIterable, Codable, Sendable, Hashable {
  /// From the first step to the last.
  case forward
  /// Both ways, outputs side by side: [forward, reverse] (Schuster and Paliwal 1997).
  case concatenated = "bidirectional"
  /// Both ways, outputs added.
  case summed = "bidirectional-sum"

  /// D.
  public var count: Int { self == .forward ? 1 : 2 }
}

/// The shape of a stack of recurrent layers.
public struct RecurrentConfiguration: Sendable, Hashable {
  /// The cell of every layer.
  public var cell: CellKind
  /// I, the width of a time step's input.
  public var inputSize: Int
  /// H.
  public var hiddenSize: Int
  /// L.
  public var layers: Int
  /// Whether sequences are read from both ends, and how the outputs are joined.
  public var directions: Directions
  /// O, the width of a Jordan network's output; nil for other cells.
  public var outputSize: Int?
  /// g, which makes a Jordan network's output from its preactivation before it is fed back.
  public var feedback: FeedbackActivation
  /// The share of outputs of a layer that the next one does not see while training.
  public var interLayerDropout: Float
  /// The share of the state that the recurrent product does not see while training; one mask for
  /// all steps of a sequence (Gal and Ghahramani 2016).
  public var recurrentDropout: Float

  /// Makes the shape of a stack; whether it can be built is checked when a network is.
  ///
  /// - Parameters:
  ///   - cell: of every layer.
  ///   - inputSize: I, numbers of a step's input.
  ///   - hiddenSize: H, units of a layer and direction.
  ///   - layers: L, each of which reads the outputs of the one below.
  ///   - directions: whether sequences are read from both ends.
  ///   - outputSize: O of a Jordan network; nil for other cells.
  ///   - feedback: what a Jordan network's output goes through before it is fed back.
  ///   - interLayerDropout: the share of numbers dropped between layers in training.
  ///   - recurrentDropout: the share of states dropped before recurrent products in training.
  public init(
    cell: CellKind, inputSize: Int, hiddenSize: Int, layers: Int = 1,
    directions: Directions = .forward, outputSize: Int? = nil,
    feedback: FeedbackActivation = .softmax, interLayerDropout: Float = 0,
    recurrentDropout: Float = 0
  ) {
    self.cell = cell
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
    self.layers = layers
    self.directions = directions
    self.outputSize = outputSize
    self.feedback = feedback
    self.interLayerDropout = interLayerDropout
    self.recurrentDropout = recurrentDropout
  }

  /// Whether the cell is a Jordan cell trained with the targets fed back.
  public var isTeacherForced: Bool { cell.isTeacherForced }

  /// Throws for a size below 1 or too large for any memory (``ModelSize``), a dropout outside
  /// [0, 1) or of recurrent weights that there are
  /// none of, a Jordan cell without an output size, and teacher forcing in more than one layer or
  /// direction (whose outputs no target describes).
  public func validate() throws(RNNError) {
    try requirePositive(layers, "layers")
    var sizes = [("input size", inputSize), ("hidden size", hiddenSize)]
    if let outputSize { sizes.append(("output size", outputSize)) }
    try ModelSize.check(sizes, layers: layers, storage: storageBound)
    try requireRate(interLayerDropout, "inter-layer dropout")
    try requireRate(recurrentDropout, "recurrent dropout")
    guard recurrentDropout == 0 || cell.hasRecurrentProduct else {
      throw RNNError(
        .unsupported, "recurrent dropout",
        expected: "a cell whose state is multiplied by recurrent weights", found: "\(cell)")
    }
    if cell.givesOutputs {
      guard outputSize != nil else {
        throw RNNError(
          .shape, "output size", expected: "a size for a Jordan cell", found: "none")
      }
    }
    if isTeacherForced, layers > 1 || directions != .forward {
      throw RNNError(
        .unsupported, "teacher forcing", expected: "one layer in one direction",
        found: "\(layers) layers, \(directions.rawValue)")
    }
  }

  /// More than the parameters, gaps included, computed where nothing can overflow: four gates of a
  /// layer see its input or the layer below, and state or output, beside biases, peepholes and the
  /// gaps behind each parameter.
  private var storageBound: Double {
    let (hidden, outputs) = (Double(hiddenSize), Double(outputSize ?? 0))
    let layer =
      4 * hidden * (Double(inputSize) + 2 * hidden + 3 * outputs + 8) + outputs * (hidden + 1) + 128
    return Double(layers) * Double(directions.count) * layer
  }

  /// What the cell of a layer with `input` columns is told.
  func sizes(input: Int) -> CellSizes {
    CellSizes(
      input: input, hidden: hiddenSize, output: outputSize ?? hiddenSize, feedback: feedback)
  }
}

func requirePositive(_ value: Int, _ name: String) throws(RNNError) {
  guard value >= 1 else { throw RNNError(.range, name, expected: "at least 1", found: "\(value)") }
}

func requireRate(_ value: Float, _ name: String) throws(RNNError) {
  guard value >= 0, value < 1 else {
    throw RNNError(.range, name, expected: "0 or more and below 1", found: "\(value)")
  }
}
