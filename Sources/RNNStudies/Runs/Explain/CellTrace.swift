import RNNCore

/// One sequence through one recurrent layer, with everything in between: preactivations, gates,
/// states.
///
/// Gates, states and outputs are what the engine left on its tape. Preactivations are not kept
/// there; they are the weighted sums of the engine's weights, inputs and states, in Double.
struct CellTrace {
  /// One symbol of the cell's equations.
  struct Quantity {
    /// As in the equations: `a_i`, `i`, `c`, `h`.
    var symbol: String
    /// [T][width]
    var values: [[Double]]
  }

  let cell: CellKind
  /// [T][I]
  let inputs: [[Double]]
  /// Preactivations, gates, cell state, hidden state and output, as far as the cell has them.
  let quantities: [Quantity]
  /// Each parameter's values, row-major.
  let weights: [(name: String, values: [Float])]
  /// Whether a readout's outputs are among the quantities.
  let hasOutputs: Bool
  /// What the next layer or the readout sees of the layer, [T][width].
  let layerOutputs: [[Double]]

  var stepCount: Int { inputs.count }
  var unitCount: Int { quantities.map { $0.values.first?.count ?? 0 }.max() ?? 0 }

  subscript(symbol: String) -> [[Double]]? {
    quantities.first { $0.symbol == symbol }?.values
  }

  /// Reads the tape of a recorded pass of one sequence that began with states of zero.
  ///
  /// - Parameters:
  ///   - inputs: what the layer reads, [T][I].
  ///   - outputs: what a readout made of the states, [T][O]; nil without one.
  init(
    _ network: RecurrentNetwork, tape: RecurrentTape, parameters: ParameterStore,
    layer: Int = 0, direction: Direction = .forward, inputs: [[Double]],
    outputs: [[Double]]? = nil
  ) throws {
    cell = network.configuration.cell
    self.inputs = inputs
    hasOutputs = outputs != nil
    func all(_ view: StepView) -> [[Double]] {
      inputs.indices.map { view[sequence: 0, step: $0].map { Double($0) } }
    }
    let states = all(try network.hiddenStates(of: tape, layer: layer, direction: direction))
    let cells =
      network.zeroState(sequences: 0).cellWidth > 0
      ? all(try network.cellStates(of: tape, layer: layer, direction: direction)) : nil
    let cell = cell
    let gates = try cell.gates.map { gate in
      let values = try network.gateValues(gate, of: tape, layer: layer, direction: direction)
      return Quantity(symbol: cell.symbol(of: gate), values: all(values))
    }
    /// In the order in which the layer reads: its own inverse.
    func read<T>(_ steps: [T]) -> [T] { direction == .forward ? steps : steps.reversed() }
    let map = try StateMap(network, layer: layer, direction: direction, parameters: parameters)
    var before = [Double](repeating: 0, count: map.stateSize)
    let whole = zip(states, cells ?? states.map { _ in [] }).map { $0 + $1 }
    let inside = try zip(read(inputs), read(whole)).map { input, after in
      defer { before = after }
      return try map.inside(state: before, input: input)
    }
    let sums = read(inside.map(\.sums))
    let preactivations = sums[0].indices.map { index in
      Quantity(
        symbol: "a_" + cell.symbol(of: sums[0][index].gate), values: sums.map { $0[index].values })
    }
    layerOutputs = read(inside.map(\.output))
    // Of a state that holds more than what is fed back, gates have told the rest already.
    let width = network.configuration.outputSize ?? network.configuration.hiddenSize
    let carried = cell.givesOutputs ? states.map { Array($0.suffix(width)) } : states
    quantities =
      preactivations + gates + (cells.map { [Quantity(symbol: "c", values: $0)] } ?? [])
      + [Quantity(symbol: cell.stateSymbol, values: carried)]
      + (outputs == nil && cell.hasOwnReadout && !cell.givesOutputs
        ? [Quantity(symbol: "y", values: layerOutputs)] : [])
      + (outputs.map { [Quantity(symbol: Self.outputSymbol(of: cell), values: $0)] } ?? [])
    let name = Self.name(layer: layer, direction: direction)
    let shape = network.configuration
    weights = try parameters.layout.slices
      .filter { shape.layers * shape.directions.count == 1 || $0.layer == name }
      .map { ($0.name, try parameters.values(of: $0.name)) }
  }

  /// What a readout makes of the states.
  var outputSymbol: String { Self.outputSymbol(of: cell) }

  private static func outputSymbol(of cell: CellKind) -> String {
    cell.stateSymbol == "y" ? "out" : "y"
  }

  /// As parameters call it: `l0`, `l0_reverse`.
  static func name(layer: Int, direction: Direction) -> String {
    "l\(layer)" + (direction == .reverse ? "_reverse" : "")
  }
}
