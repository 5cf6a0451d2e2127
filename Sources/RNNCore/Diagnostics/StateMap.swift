/// One layer in one direction as a map of its recurrent state, s_t = F(x_t, s_{t−1}), computed in
/// `Double` from the weights as they are when it is made.
///
/// | cell | s | n |
/// |---|---|---|
/// | Elman, IRNN, GRU | h | H |
/// | Jordan | y, the output that is fed back | O |
/// | Elman-Jordan | (h, y), in this order | H + O |
/// | LSTM | (h, c), in this order | 2H |
///
/// An LSTM's state is both vectors: with c held fixed the path that it relies on would be left out.
///
/// The map is the network's without dropout, and a Jordan network's with its own output fed back.
/// What teacher forcing does to the Jacobian is the trajectory's business: see
/// ``jacobian(along:step:)``.
///
/// Memory: the layer's parameters in `Double`.
public struct StateMap: Sendable {
  /// I, the width of x_t.
  public let inputSize: Int
  /// n, the width of s.
  public let stateSize: Int
  private let cell: any Cell
  private let sizes: CellSizes
  /// The part of s that teacher forcing replaces.
  let fedBack: Range<Int>
  let weights: StateWeights

  /// - Parameters:
  ///   - network: where the layer is found.
  ///   - layer: 0 for the first.
  ///   - direction: which of the layer's directions.
  ///   - parameters: values for the network's parameters.
  ///
  /// Throws `.range` or `.unsupported` for a layer or direction that the network has not, `.format`
  /// or `.shape` for parameters of another network, `.nonFinite` for one that is not finite.
  public init(
    _ network: RecurrentNetwork, layer: Int = 0, direction: Direction = .forward,
    parameters: ParameterStore
  ) throws(RNNError) {
    let index = try network.index(layer, direction)
    let recurrent = network.layers[index]
    let shape = recurrent.shape
    inputSize = shape.input
    stateSize = shape.state + shape.cellState
    cell = network.configuration.cell.cell
    sizes = network.configuration.sizes(input: shape.input)
    fedBack = shape.fedBack
    weights = try StateWeights(shape, recurrent.slices, parameters)
  }

  /// s_t. Throws `.shape` for a state or an input of another width.
  ///
  /// Costs the forward products of one token, 2 G·H (I + R) operations.
  ///
  /// - Parameters:
  ///   - state: s_{t−1}, [n].
  ///   - input: x_t, [I].
  public func next(state: [Double], input: [Double]) throws(RNNError) -> [Double] {
    try step(state, input).next
  }

  /// s_t and J_t = ∂s_t/∂s_{t−1}, [n, n].
  ///
  /// Throws as ``next(state:input:)``. Costs the step, and G·H·R operations for the Jacobian;
  /// Jordan cells and GRUs that reset before the product take a matrix product more, 2 O²·H and 2
  /// H³. The equations are in <doc:WhyGradientsVanish>.
  public func linearized(
    state: [Double], input: [Double]
  ) throws(RNNError) -> (next: [Double], jacobian: DenseMatrix) {
    let step = try step(state, input)
    return (step.next, step.jacobian())
  }

  /// What goes into each gate in a step, by its block in the weights, [H] each, and what the layer
  /// gives, [output].
  ///
  /// Throws and costs as ``next(state:input:)``.
  package func inside(
    state: [Double], input: [Double]
  ) throws(RNNError) -> (sums: [(gate: Gate, values: [Double])], output: [Double]) {
    let step = try step(state, input)
    return (step.sums, step.output)
  }

  private func step(
    _ state: [Double], _ input: [Double]
  ) throws(RNNError) -> any LinearizedStep {
    try require(state.count, stateSize, "state")
    try require(input.count, inputSize, "input")
    return cell.step(weights, sizes, state: state, input: input)
  }

  func require(_ found: Int, _ expected: Int, _ name: String) throws(RNNError) {
    guard found == expected else {
      throw RNNError(.shape, name, expected: "\(expected) numbers", found: "\(found)")
    }
  }
}
