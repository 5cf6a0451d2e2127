import RNNCore

/// One sequence through one recurrent layer, with everything in between: preactivations, gates, states.
///
/// Gates, states and outputs are what the engine left on its tape. Preactivations are not kept there; they
/// are the weighted sums of the engine's weights, inputs and states, in Double.
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
    func all(_ view: StepView) -> [[Double]] {
      inputs.indices.map { view[sequence: 0, step: $0].map { Double($0) } }
    }
    let cell = cell
    let states = all(try network.hiddenStates(of: tape, layer: layer, direction: direction))
    let cells =
      cell.hasCellState
      ? all(try network.cellStates(of: tape, layer: layer, direction: direction)) : nil
    var gates: [Quantity] = []
    for gate in cell.gates {
      let values = try network.gateValues(gate, of: tape, layer: layer, direction: direction)
      gates.append(Quantity(symbol: gate.symbol(in: cell), values: all(values)))
    }
    let name = Self.name(layer: layer, direction: direction)
    let sums = try Preactivations(
      cell: cell, hidden: network.configuration.hiddenSize, layer: name, parameters: parameters)
    /// In the order in which the layer reads: its own inverse.
    func read<T>(_ steps: [T]) -> [T] { direction == .forward ? steps : steps.reversed() }
    // Of an Elman-Jordan state (h, y) the gates have told h already.
    var fedBack = states
    if case .jordan(_, _, hybrid: true) = cell {
      fedBack = states.map { Array($0.dropFirst(network.configuration.hiddenSize)) }
    }
    let resets = gates.first { $0.symbol == "r" }?.values
    let preactivations = sums.all(
      inputs: read(inputs), states: read(states), cells: cells.map(read), resets: resets.map(read)
    ).map { Quantity(symbol: $0.symbol, values: read($0.values)) }
    quantities =
      preactivations + gates + (cells.map { [Quantity(symbol: "c", values: $0)] } ?? [])
      + [Quantity(symbol: cell.stateSymbol, values: fedBack)]
      + (outputs.map { [Quantity(symbol: cell.outputSymbol, values: $0)] } ?? [])
    let shape = network.configuration
    weights = try parameters.layout.slices
      .filter { shape.layers * shape.directions.count == 1 || $0.layer == name }
      .map { ($0.name, try parameters.values(of: $0.name)) }
  }

  /// As parameters call it: `l0`, `l0_reverse`.
  static func name(layer: Int, direction: Direction) -> String {
    "l\(layer)" + (direction == .reverse ? "_reverse" : "")
  }
}

extension CellKind {
  var hasCellState: Bool { if case .lstm = self { true } else { false } }

  /// h, or what a Jordan network feeds back.
  var stateSymbol: String { if case .jordan = self { "y" } else { "h" } }

  /// What a readout makes of the states.
  var outputSymbol: String { if case .jordan = self { "out" } else { "y" } }
}

extension Gate {
  package func symbol(in cell: CellKind) -> String {
    switch self {
    case .input: "i"
    case .forget: "f"
    case .candidate: if case .gru = cell { "n" } else { "g" }
    case .output: "o"
    case .reset: "r"
    case .update: "z"
    case .hidden: "h"
    }
  }
}
