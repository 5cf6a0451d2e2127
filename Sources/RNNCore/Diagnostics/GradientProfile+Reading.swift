/// Reads a profile off a tape while a pass goes on: values after the forward pass, before BPTT
/// writes over them, gradients after it.
final class ProfileReader {
  private let network: RecurrentNetwork
  private let tape: RecurrentTape
  private var values: [LayerValues] = []

  private struct LayerValues {
    var states: ValueStatistics
    var gates: [GradientProfile.GateValues]
    var deadUnits: Int
  }

  /// Tokens whose values are looked at, spread evenly over the batch: enough for shares to a per
  /// cent, and a cost that does not grow with the batch.
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

  func detach() { tape.detachProbes() }

  // MARK: Values

  private func readValues(_ layer: RecurrentLayer, _ tape: LayerTape) -> LayerValues {
    let count = tape.gates.rows
    let rows = sampledRows
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

  /// Packed rows spread over steps and sequences: all of them, or `tokens`.
  private var sampledRows: [Int] {
    guard let layout = tape.layout else { return [] }
    guard layout.rowCount > ProfileReader.tokens else { return Array(0..<layout.rowCount) }
    return (0..<ProfileReader.tokens).map { index in
      let rows = layout.rows(ofStep: index * layout.stepCount / ProfileReader.tokens)
      // A stride that shares no factor with likely batch sizes, so that sequences take turns.
      return rows.lowerBound + index * 7919 % rows.count
    }
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
  ///
  /// - Parameter probed: gives the step of each rank's probed answer, or nil where it has none; nil
  ///   for all answers.
  func layers(probed: (RecurrentTape) -> [Int?]?) -> [GradientProfile.Layer] {
    guard let layout = tape.layout else { return [] }
    let probed = probed(tape)
    return zip(zip(network.layers, tape.layers), values).map { pair, values in
      let (layer, tape) = pair
      let mirrored = layer.name.hasSuffix("_reverse")
      func series(_ square: (Int) -> Double) -> GradientProfile.Series {
        GradientProfile.Series(layout, mirrored: mirrored, probed: probed, square: square)
      }
      let probe = tape.probe
      return GradientProfile.Layer(
        name: layer.name, hidden: series { probe?.stateSquare($0) ?? 0 },
        cell: tape.shape.hasCellState ? series { probe?.cellSquare($0) ?? 0 } : nil,
        states: values.states, gates: values.gates, deadUnits: values.deadUnits,
        units: tape.shape.state, kept: kept(values.gates))
    }
  }

  private func kept(_ gates: [GradientProfile.GateValues]) -> Double? {
    guard let keeping = network.configuration.cell.cell.keepingGate else { return nil }
    return gates.first { $0.gate == keeping.gate }.map { keeping.kept($0.values.mean) }
  }

  /// The parameters' part, after BPTT and before clipping.
  static func parameters(
    _ gradients: any ParameterMemory, weights: any ParameterMemory, layers: [RecurrentLayer]
  ) -> [GradientProfile.Parameter] {
    let layout = gradients.layout
    return layout.slices.enumerated().map { index, slice in
      let layer = layers.first { $0.name == slice.layer }
      let place = layout.place(index)
      let values = gradients.pointer(place)
      let perGate = layer.map { slice.rows / $0.shape.hidden } ?? 0
      let order = layer?.gatesByWeight ?? []
      let isByGate = perGate > 1 && slice.role.isByGate
      return GradientProfile.Parameter(
        name: slice.name, layer: slice.layer,
        gradientNorm: norm(values, slice.count),
        weightNorm: norm(weights.pointer(place), slice.count),
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
  ///   - probed: the step of each rank's probed answer as the caller counts; nil for all answers.
  ///   - square: ‖δ‖² of a packed row, in the order in which the layer reads.
  fileprivate init(
    _ layout: SequenceLayout, mirrored: Bool, probed: [Int?]?, square: (Int) -> Double
  ) {
    var steps = [Double](repeating: 0, count: layout.stepCount)
    var (distances, reference) = (steps, steps)
    var longest = 0
    for rank in 0..<layout.sequenceCount {
      let length = layout.lengths[layout.order[rank]]
      let squares = (0..<length).map { square(layout.stepOffsets[$0] + rank) }
      for (time, value) in squares.enumerated() {
        steps[mirrored ? length - 1 - time : time] += value
      }
      // The answer's place in the order of reading; a sequence without a probed answer has none.
      guard let answer = probed.map({ $0[rank] }) ?? (mirrored ? 0 : length - 1) else { continue }
      let last = mirrored ? length - 1 - answer : answer
      for distance in 0...last {
        distances[distance] += squares[last - distance]
        reference[distance] += squares[last]
      }
      longest = max(longest, last + 1)
    }
    self.init(
      byStep: steps.map { $0.squareRoot() },
      byDistance: distances.prefix(longest).map { $0.squareRoot() },
      reference: reference.prefix(longest).map { $0.squareRoot() })
  }
}

extension RecurrentLayer {
  /// The gates in the order of their rows in the weights, with their slots on the tape.
  var gatesByWeight: [(gate: Gate, slot: Int)] {
    shape.gateSlots.compactMap { gate, slot -> (gate: Gate, slot: Int, row: Int)? in
      for product in shape.inputProducts {
        guard case .gates(let first) = product.target else { continue }
        let row = product.rows.lowerBound + slot * shape.hidden - first
        if product.rows.contains(row) { return (gate, slot, row) }
      }
      return nil
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
    case .peephole, .recurrence, .emissionWeight, .denseWeight, .denseBias, .embedding,
      .transitionWeight,
      .transitionBias:
      false
    }
  }
}
