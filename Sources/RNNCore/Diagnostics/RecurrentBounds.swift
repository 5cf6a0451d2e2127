/// What the recurrent weights alone say about vanishing and exploding (Pascanu, Mikolov and Bengio
/// 2013).
///
/// One step of an Elman network multiplies a gradient by diag(f') U, whose norm is at most γ σ₁: σ₁
/// is the largest singular value of U, γ the largest slope of f (1 for tanh and relu, 1/4 for σ).
/// Below 1 the gradient must vanish; above 1 it may explode, but need not.
public struct RecurrentBounds: Sendable, Hashable {
  /// One gate's block of U.
  public struct Block: Sendable, Hashable {
    /// The gate that the block feeds; ``Gate/hidden`` for the one block of Elman and Jordan cells,
    /// and for an LRU's, the diagonal of |λ|.
    public let gate: Gate
    /// σ₁ of the block, [H, R].
    public let largestSingularValue: Double
    /// The largest absolute eigenvalue of the block. A Jordan cell's U is [H, O]: of V U, [O, O],
    /// what one step does without its activations. An Elman-Jordan cell's [U | V] is [H, H + O]: of
    /// U + V R, [H, H].
    public let spectralRadius: Double
    /// γ, the largest slope of the gate's activation.
    public let slope: Double
    /// A Jordan cell's hidden layer comes back by way of y = g(V h + c): the largest ‖∂y/∂h‖, which
    /// is σ₁(V) times g's largest slope (1, 1/4 for σ, 1/2 for softmax). An Elman-Jordan cell's
    /// comes back as (h, y): √(1 + that²). 1 for other cells.
    public let feedback: Double

    /// γ σ₁ (Jordan: times ``feedback``): the most that one step can multiply a gradient by, along
    /// this block.
    public var bound: Double { slope * largestSingularValue * feedback }

    /// Whether σ₁ < 1/γ (``bound`` < 1), which is sufficient: what goes back through this block
    /// vanishes.
    ///
    /// For Elman, IRNN and Jordan that is the whole gradient. A gated cell has paths beside its
    /// blocks (f ⊙ c, z ⊙ h) and products of several: there it says that this block alone keeps
    /// nothing.
    public var mustVanish: Bool { bound < 1 }

    /// Whether σ₁ > 1/γ (``bound`` > 1), which is necessary for exploding and not sufficient:
    /// slopes of saturated units lie far below γ.
    public var mayExplode: Bool { bound > 1 }
  }

  /// In the order of the gates in the weights: see <doc:Conventions>. None for minGRU and minLSTM,
  /// in which no weight matrix leads from state to state.
  public let blocks: [Block]

  /// Throws as ``StateMap/init(_:layer:direction:parameters:)``. Costs about 13 · H³ operations a
  /// gate.
  public init(
    _ network: RecurrentNetwork, layer: Int = 0, direction: Direction = .forward,
    parameters: ParameterStore
  ) throws(RNNError) {
    let recurrent = network.layers[try network.index(layer, direction)]
    let configuration = network.configuration
    blocks = try configuration.cell.cell.recurrentBlocks(
      StateWeights(recurrent.shape, recurrent.slices, parameters),
      configuration.sizes(input: recurrent.shape.input)
    ).map { (block: RecurrentBlock) throws(RNNError) in
      Block(
        gate: block.gate, largestSingularValue: try block.matrix.singularValues().first ?? 0,
        spectralRadius: try block.loop.spectralRadius(), slope: block.slope,
        feedback: block.feedback)
    }
  }

  /// The block that feeds `gate`; nil where the cell has none.
  public subscript(gate: Gate) -> Block? { blocks.first { $0.gate == gate } }
}
