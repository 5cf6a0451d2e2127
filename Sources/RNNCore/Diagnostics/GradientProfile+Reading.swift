/// Reads a profile off a tape while a pass goes on: values after the forward pass, before BPTT writes over them,
/// gradients after it.
final class ProfileReader {
  private let network: RecurrentNetwork
  private let tape: RecurrentTape
  private var values: [LayerValues] = []

  private struct LayerValues {
    var states: ValueStatistics
    var gates: [GradientProfile.GateValues]
    var deadUnits: Int
  }

  /// Tokens whose values are looked at, spread evenly over the batch: enough for shares to a per cent, and a
  /// cost that does not grow with the batch.
  private static let tokens = 256

  /// - Parameters:
  ///   - probes: one a layer and direction; they stay attached to the tape until `detach`.
  ///   - shares: how many threads may divide the units of a row.
  init(
    _ network: RecurrentNetwork, _ tape: RecurrentTape, probes: [GradientProbe], shares: Int
  ) {
    (self.network, self.tape) = (network, tape)
    let rows = tape.layout?.rowCount ?? 0
    for (layer, probe) in zip(tape.layers, probes) {
      probe.prepare(rows: rows, shares: shares)
      layer.probe = probe
    }
    values = zip(network.layers, tape.layers).map(readValues)
  }

  func detach() {
    for layer in tape.layers { layer.probe = nil }
  }

  // MARK: Values

  private func readValues(_ layer: RecurrentLayer, _ tape: LayerTape) -> LayerValues {
    let count = tape.gates.rows
    let rows = (0..<min(ProfileReader.tokens, count)).map { index in
      index * count / min(ProfileReader.tokens, count)
    }
    let first = tape.state.rows - count
    let states = collect(
      tape.state.rows(first..<first + count), rows, columns: 0..<tape.shape.state)
    let order = layer.gatesByWeight
    return LayerValues(
      states: ValueStatistics(states, range: layer.stateRange),
      gates: order.map { gate, slot in
        let columns = slot * tape.shape.hidden..<(slot + 1) * tape.shape.hidden
        return GradientProfile.GateValues(
          gate: gate,
          values: ValueStatistics(
            collect(tape.gates, rows, columns: columns), range: layer.range(of: gate)))
      },
      deadUnits: constantColumns(states, width: tape.shape.state))
  }

  private func collect(_ matrix: Matrix, _ rows: [Int], columns: Range<Int>) -> [Float] {
    [Float](unsafeUninitializedCapacity: rows.count * columns.count) { buffer, count in
      for row in rows {
        let source = matrix.row(row)
        for column in columns {
          buffer.initializeElement(at: count, to: source[column])
          count += 1
        }
      }
    }
  }

  /// Columns whose values are all the same.
  private func constantColumns(_ values: [Float], width: Int) -> Int {
    guard values.count > width else { return 0 }
    return (0..<width).count { column in
      stride(from: column, to: values.count, by: width).allSatisfy { values[$0] == values[column] }
    }
  }

  // MARK: Gradients

  /// The layers' part of the profile, after BPTT.
  func layers() -> [GradientProfile.Layer] {
    guard let layout = tape.layout else { return [] }
    return zip(zip(network.layers, tape.layers), values).map { pair, values in
      let (layer, tape) = pair
      let mirrored = layer.weightHH.layer.hasSuffix("_reverse")
      func series(_ square: (Int) -> Double) -> GradientProfile.Series {
        GradientProfile.Series(layout, mirrored: mirrored, square: square)
      }
      let probe = tape.probe
      return GradientProfile.Layer(
        name: layer.weightHH.layer, hidden: series { probe?.stateSquare($0) ?? 0 },
        cell: tape.shape.hasCellState ? series { probe?.cellSquare($0) ?? 0 } : nil,
        states: values.states, gates: values.gates, deadUnits: values.deadUnits,
        units: tape.shape.state)
    }
  }

  /// The parameters' part, after BPTT and before clipping.
  static func parameters(
    _ gradients: ParameterStore, weights: ParameterStore, network: RecurrentNetwork?
  ) -> [GradientProfile.Parameter] {
    gradients.layout.slices.map { slice in
      let layer = network?.layers.first { $0.weightHH.layer == slice.layer }
      let values = gradients.vector(slice)
      let perGate = layer.map { slice.rows / $0.shape.hidden } ?? 0
      let order = layer?.gatesByWeight ?? []
      let isByGate = perGate > 1 && slice.role.isByGate
      return GradientProfile.Parameter(
        name: slice.name, layer: slice.layer,
        gradientNorm: norm(values, slice.count),
        weightNorm: norm(weights.vector(slice), slice.count),
        updateRatio: nil,
        gates: isByGate
          ? order.prefix(perGate).enumerated().map { index, entry in
            let size = slice.count / perGate
            return GradientProfile.GateNorm(
              gate: entry.gate, norm: norm(values + index * size, size))
          } : [])
    }
  }

  private static func norm(_ values: UnsafeMutablePointer<Float>, _ count: Int) -> Double {
    kernels.sum_of_squares(count, values).squareRoot()
  }
}

extension GradientProfile.Series {
  /// - Parameters:
  ///   - mirrored: whether the layer reads sequences from their ends.
  ///   - square: ‖δ‖² of a packed row, in the order in which the layer reads.
  fileprivate init(_ layout: SequenceLayout, mirrored: Bool, square: (Int) -> Double) {
    var steps = [Double](repeating: 0, count: layout.stepCount)
    var distances = steps
    for time in 0..<layout.stepCount {
      for (rank, row) in layout.rows(ofStep: time).enumerated() {
        let value = square(row)
        let distance = layout.lengths[layout.order[rank]] - 1 - time
        distances[distance] += value
        steps[mirrored ? distance : time] += value
      }
    }
    byStep = steps.map { $0.squareRoot() }
    byDistance = distances.map { $0.squareRoot() }
  }
}

extension RecurrentLayer {
  /// The gates in the order of their rows in the weights, with their slots on the tape.
  var gatesByWeight: [(gate: Gate, slot: Int)] {
    shape.gateSlots.compactMap { gate, slot -> (gate: Gate, slot: Int, row: Int)? in
      guard
        let block = shape.inputBlocks.first(where: { ($0.slot..<$0.slot + $0.count).contains(slot) }
        )
      else { return nil }
      return (gate, slot, block.gate + slot - block.slot)
    }
    .sorted { $0.row < $1.row }
    .map { ($0.gate, $0.slot) }
  }

  /// What the states can be; nil where nothing bounds them from above.
  fileprivate var stateRange: ClosedRange<Double>? {
    cell.stateActivation.range
  }

  fileprivate func range(of gate: Gate) -> ClosedRange<Double>? {
    switch gate {
    case .candidate: cell.candidateActivation.range
    case .hidden: nil
    case .input, .forget, .output, .reset, .update: 0...1
    }
  }
}

extension Activation {
  /// What it gives; nil where nothing bounds it.
  fileprivate var range: ClosedRange<Double>? {
    switch self {
    case .tanh: -1...1
    case .sigmoid: 0...1
    case .relu, .identity: nil
    }
  }
}

extension ParameterLayout.Role {
  /// Whether its rows are blocks of H, one a gate.
  fileprivate var isByGate: Bool {
    switch self {
    case .inputWeight, .recurrentWeight, .bias: true
    case .peephole, .emissionWeight, .denseWeight, .denseBias, .embedding: false
    }
  }
}
