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
  ///   - network: one layer in one direction.
  ///   - outputs: what a readout made of the states, [T][O]; nil without one.
  init(
    _ network: RecurrentNetwork, tape: RecurrentTape, parameters: ParameterStore,
    inputs: [[Double]], outputs: [[Double]]? = nil
  ) throws {
    cell = network.configuration.cell
    self.inputs = inputs
    func all(_ view: StepView) -> [[Double]] {
      inputs.indices.map { view[sequence: 0, step: $0].map { Double($0) } }
    }
    let cell = cell
    let states = all(try network.hiddenStates(of: tape))
    let cells = cell.hasCellState ? all(try network.cellStates(of: tape)) : nil
    var gates: [Quantity] = []
    for gate in cell.gatesOnTape {
      gates.append(
        Quantity(symbol: gate.symbol(in: cell), values: all(try network.gateValues(gate, of: tape)))
      )
    }
    let sums = try Preactivations(
      cell: cell, hidden: network.configuration.hiddenSize, parameters: parameters)
    let resets = gates.first { $0.symbol == "r" }?.values
    let preactivations = sums.all(inputs: inputs, states: states, cells: cells, resets: resets)
    quantities =
      preactivations + gates + (cells.map { [Quantity(symbol: "c", values: $0)] } ?? [])
      + [Quantity(symbol: cell.stateSymbol, values: states)]
      + (outputs.map { [Quantity(symbol: "y", values: $0)] } ?? [])
    weights = try parameters.layout.slices.map { ($0.name, try parameters.values(of: $0.name)) }
  }
}

extension CellKind {
  var hasCellState: Bool { if case .lstm = self { true } else { false } }

  /// The gates that the engine keeps, in the order of the equations.
  var gatesOnTape: [Gate] {
    switch self {
    case .elman, .irnn: []
    case .jordan: [.hidden]
    case .lstm(_, let coupled, _, _):
      coupled ? [.input, .candidate, .output] : [.input, .forget, .candidate, .output]
    case .gru: [.reset, .update, .candidate]
    }
  }

  /// h, or what a Jordan network feeds back.
  var stateSymbol: String { if case .jordan = self { "y" } else { "h" } }
}

extension Gate {
  func symbol(in cell: CellKind) -> String {
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
