import RNNCore

/// The weighted sums that go into the gates of a layer, gate by gate.
struct Preactivations {
  private let cell: CellKind
  private let hidden: Int
  private let inputWeight: [Double]  // W [G·H, I]
  private let recurrentWeight: [Double]  // U [G·H, R]
  private let inputBias: [Double]  // [G·H]
  private let recurrentBias: [Double]  // [G·H]
  private let peephole: [Double]  // [3 or 2, H], or empty

  /// - Parameter layer: `l0`, `l0_reverse`, …
  init(cell: CellKind, hidden: Int, layer: String, parameters: ParameterStore) throws {
    func values(_ name: String) throws -> [Double] {
      try parameters.values(of: name + "_" + layer).map { Double($0) }
    }
    self.cell = cell
    self.hidden = hidden
    inputWeight = try values("weight_ih")
    recurrentWeight = try values("weight_hh")
    inputBias = try values("bias_ih")
    recurrentBias = try values("bias_hh")
    if case .lstm(peephole: true, _, _, _) = cell {
      peephole = try values("weight_peephole")
    } else {
      peephole = []
    }
  }

  /// The sums of all steps, from states that were zero before the first.
  ///
  /// - Parameters:
  ///   - states: h_t (Jordan: y_t, Elman-Jordan: both), [T][R].
  ///   - cells: c_t [T][H] of an LSTM.
  ///   - resets: r_t [T][H] of a GRU.
  func all(
    inputs: [[Double]], states: [[Double]], cells: [[Double]]?, resets: [[Double]]?
  ) -> [CellTrace.Quantity] {
    symbols.enumerated().map { gate, symbol in
      CellTrace.Quantity(
        symbol: "a_" + symbol,
        values: inputs.indices.map { step in
          let before = step > 0 ? states[step - 1] : states[0].map { _ in 0 }
          return (0..<hidden).map { unit in
            let sum = sum(gate, unit, inputs[step], before, reset: resets?[step])
            return sum + peeped(gate, unit, cells, step)
          }
        })
    }
  }

  private var symbols: [String] {
    switch cell {
    case .elman, .irnn, .jordan: ["h"]
    case .lstm, .gru: cell.gates.map { $0.symbol(in: cell) }
    }
  }

  private func sum(
    _ gate: Int, _ unit: Int, _ input: [Double], _ state: [Double], reset: [Double]?
  ) -> Double {
    let row = gate * hidden + unit
    func product(_ weight: [Double], _ vector: [Double]) -> Double {
      vector.indices.reduce(0) { $0 + weight[row * vector.count + $1] * vector[$1] }
    }
    let fromInput = product(inputWeight, input) + inputBias[row]
    guard gate == 2, let reset, case .gru(let position) = cell else {
      return fromInput + product(recurrentWeight, state) + recurrentBias[row]
    }
    // The candidate of a GRU sees the state through its reset gate.
    if position == .after {
      return fromInput + reset[unit] * (product(recurrentWeight, state) + recurrentBias[row])
    }
    let seen = zip(reset, state).map { $0 * $1 }
    return fromInput + product(recurrentWeight, seen) + recurrentBias[row]
  }

  /// p_i and p_f see c_{t−1}, p_o sees c_t.
  private func peeped(_ gate: Int, _ unit: Int, _ cells: [[Double]]?, _ step: Int) -> Double {
    guard !peephole.isEmpty, let cells else { return 0 }
    switch symbols[gate] {
    case "i": return step > 0 ? peephole[unit] * cells[step - 1][unit] : 0
    case "f": return step > 0 ? peephole[hidden + unit] * cells[step - 1][unit] : 0
    case "o": return peephole[peephole.count - hidden + unit] * cells[step][unit]
    default: return 0
    }
  }
}
