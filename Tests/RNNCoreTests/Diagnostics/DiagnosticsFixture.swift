@testable import RNNCore
@testable import TestSupport

/// The map of an oracle's network, in whose weights Float and Double agree.
struct MapCase {
  let network: OracleNetwork
  let arguments: OracleArguments<Double>
  let engine: RecurrentNetwork
  let parameters: ParameterStore

  init(_ network: OracleNetwork, lengths: [Int] = [1], seed: UInt64, scale: Double = 1) throws {
    var generator = OracleGenerator(seed: seed)
    self.network = network
    arguments = network.arguments(lengths: lengths) { _, _ in generator.value(scale: scale) }
    (engine, parameters) = try network.engine(arguments.parameters)
  }

  func map(layer: Int = 0, direction: Direction = .forward) throws -> StateMap {
    try StateMap(engine, layer: layer, direction: direction, parameters: parameters)
  }

  /// A state of the first layer's forward direction: h (Jordan: y), and c of an LSTM.
  var state: [Double] {
    arguments.initialHidden[0][0] + (network.cell.isLSTM ? arguments.initialCell[0][0] : [])
  }

  var input: [Double] { arguments.sequences[0][0] }

  /// One step of the oracle's on one vector of h and c.
  func oracleStep<Scalar: OracleScalar>(_ state: [Scalar]) -> [Scalar] {
    let layer = OracleLayer<Scalar>(
      cell: network.cell, hidden: network.hidden,
      parameters: arguments.parameters.mapValues { $0.map { Scalar($0) } }, suffix: "_l0",
      recurrentMask: nil)
    let width = network.stateWidth
    let next = layer.step(
      input: input.map { Scalar($0) },
      state: OracleState(
        hidden: Array(state.prefix(width)), cell: Array(state.dropFirst(width)))
    ).state
    return next.hidden + next.cell
  }
}

extension OracleNetwork {
  /// The engine's network of the same shape, with parameters of these values.
  func engine(
    _ values: [String: [Double]]
  ) throws -> (network: RecurrentNetwork, parameters: ParameterStore) {
    var layout = ParameterLayout()
    let engine = try RecurrentNetwork(configuration, declaringIn: &layout)
    let parameters = ParameterStore(layout: layout)
    for (name, values) in values { try parameters.set(name, to: values.map { Float($0) }) }
    return (engine, parameters)
  }
}

/// The map of a network without input weights, all of whose other parameters are given or zero.
func plainMap(
  _ cell: CellKind, hidden: Int, output: Int? = nil, feedback: FeedbackActivation = .identity,
  _ values: [String: [Float]]
) throws -> StateMap {
  let (network, parameters) = try plainNetwork(
    cell, hidden: hidden, output: output, feedback: feedback, values)
  return try StateMap(network, parameters: parameters)
}

func plainNetwork(
  _ cell: CellKind, hidden: Int, output: Int? = nil, feedback: FeedbackActivation = .identity,
  _ values: [String: [Float]]
) throws -> (RecurrentNetwork, ParameterStore) {
  var layout = ParameterLayout()
  let network = try RecurrentNetwork(
    RecurrentConfiguration(
      cell: cell, inputSize: 1, hiddenSize: hidden, outputSize: output, feedback: feedback),
    declaringIn: &layout)
  let parameters = ParameterStore(layout: layout)
  for (name, values) in values { try parameters.set(name + "_l0", to: values) }
  return (network, parameters)
}
