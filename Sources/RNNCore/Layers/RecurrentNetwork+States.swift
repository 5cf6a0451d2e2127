/// Moving states between the caller's order and the tape, and reading the tape.
extension RecurrentNetwork {
  /// The states after each sequence's last step (for the reverse direction: after its first), to be
  /// carried to the next stretch of the same sequences.
  ///
  /// Throws `.empty` for a tape without a forward pass, `.shape` for a state of another shape.
  ///
  /// - Parameters:
  ///   - tape: the tape of a forward pass.
  ///   - state: what was passed to the forward pass; overwritten.
  public func copyFinalState(
    from tape: RecurrentTape, into state: inout RecurrentState
  ) throws(RNNError) {
    guard let layout = tape.layout, tape.phase != .empty else {
      throw RNNError(.empty, "tape", expected: "a forward pass", found: "none")
    }
    try check(state, sequences: layout.sequenceCount)
    copyState(from: tape, after: .max, into: &state)
  }

  /// The states after `steps` steps, or after a sequence's last where it is shorter.
  ///
  /// - Parameter forced: the outputs that a teacher-forced pass feeds back instead of its own, [N,
  ///   O]: they take the place of those in the state, as they do from step to step.
  func copyState(
    from tape: RecurrentTape, after steps: Int = .max, forced: Matrix? = nil,
    into state: inout some StateStorage
  ) {
    guard let layout = tape.layout else { preconditionFailure("no forward pass on this tape") }
    for (index, layer) in tape.layers.enumerated() {
      let (hidden, cell) = (layer.state, layer.cell)
      state.write(.hidden, index) { target in
        guard let target else { return }
        layout.forEachEnd(after: steps) { rank, sequence, last, row in
          hidden.copyRow(row, to: target + sequence * hidden.columns)
          guard let forced, last >= 0 else { return }
          forced.copyRow(
            layout.stepOffsets[last] + rank,
            to: target + (sequence + 1) * hidden.columns - forced.columns)
        }
      }
      state.write(.cell, index) { target in
        guard let target, cell.columns > 0 else { return }
        layout.forEachEnd(after: steps) { rank, sequence, _, row in
          // What is not recorded holds the last cell state only.
          cell.copyRow(layer.isRecorded ? row : rank, to: target + sequence * cell.columns)
        }
      }
    }
  }

  func setStates(_ state: some StateStorage, layout: SequenceLayout, tape: RecurrentTape) {
    for (index, layer) in tape.layers.enumerated() {
      state.read(.hidden, index) { layer.state.setFirstRows(layout.order, from: $0) }
      state.read(.cell, index) { layer.cell.setFirstRows(layout.order, from: $0) }
    }
  }

  func setStateGradients(_ state: some StateStorage, layout: SequenceLayout, tape: RecurrentTape) {
    for (index, layer) in tape.layers.enumerated() {
      state.read(.hidden, index) { layer.stateGradient.setFirstRows(layout.order, from: $0) }
      state.read(.cell, index) { layer.cellGradient.setFirstRows(layout.order, from: $0) }
    }
  }

  func copyStateGradients(
    into state: inout some StateStorage, layout: SequenceLayout, tape: RecurrentTape
  ) {
    for (index, layer) in tape.layers.enumerated() {
      state.write(.hidden, index) { layer.stateGradient.copyFirstRows(layout.order, to: $0) }
      state.write(.cell, index) { layer.cellGradient.copyFirstRows(layout.order, to: $0) }
    }
  }
}

extension SequenceLayout {
  /// Calls `body` for each sequence with its rank, its last step of the first `steps` (−1 where
  /// these are none), and the row of the state after it, where those before the first step come
  /// first.
  fileprivate func forEachEnd(
    after steps: Int, _ body: (_ rank: Int, _ sequence: Int, _ last: Int, _ row: Int) -> Void
  ) {
    for (rank, sequence) in order.enumerated() {
      let last = min(lengths[sequence], steps) - 1
      body(rank, sequence, last, last < 0 ? rank : sequenceCount + stepOffsets[last] + rank)
    }
  }
}

extension Matrix {
  fileprivate func copyRow(_ row: Int, to target: UnsafeMutablePointer<Float>) {
    target.update(from: pointer + row * stride, count: columns)
  }

  /// Takes rows that are kept in the caller's order, or zeros, into the first rows in the order of
  /// ranks.
  fileprivate func setFirstRows(_ order: [Int], from source: UnsafePointer<Float>?) {
    guard columns > 0 else { return }
    guard let source else { return rows(0..<order.count).fill(0) }
    for (rank, sequence) in order.enumerated() {
      (pointer + rank * stride).update(from: source + sequence * columns, count: columns)
    }
  }

  /// The way back.
  fileprivate func copyFirstRows(_ order: [Int], to target: UnsafeMutablePointer<Float>?) {
    guard let target, columns > 0 else { return }
    for (rank, sequence) in order.enumerated() { copyRow(rank, to: target + sequence * columns) }
  }
}

// MARK: - Reading the tape

/// A direction of reading.
public enum Direction: Int, CaseIterable, Sendable, Hashable {
  /// From the first step to the last.
  case forward
  /// From each sequence's own last step to the first.
  case reverse
}

/// One quantity of one layer for every step of every sequence: a view of the tape, without copying.
///
/// It holds until the next forward pass on the same tape (gate values: until BPTT); reading it
/// later gives whatever the tape holds then.
public struct StepView: Sendable {
  /// Floats a step.
  public let width: Int
  private let layout: SequenceLayout
  private let tape: RecurrentTape
  private let rows: Matrix
  private let mirrored: Bool

  init(_ rows: Matrix, layout: SequenceLayout, tape: RecurrentTape, mirrored: Bool) {
    width = rows.columns
    self.rows = rows
    self.layout = layout
    self.tape = tape
    self.mirrored = mirrored
  }

  /// A copy of the values at `step` of `sequence`, both as the caller counts them, for both
  /// directions.
  public subscript(sequence sequence: Int, step step: Int) -> [Float] {
    withValues(sequence: sequence, step: step, Array.init)
  }

  /// The values at `step` of `sequence`, in place.
  public func withValues<R>(
    sequence: Int, step: Int, _ body: (UnsafeBufferPointer<Float>) throws -> R
  ) rethrows -> R {
    let row = layout.row(sequence: sequence, step: step)
    let values = rows.row(mirrored ? layout.mirroredRows[row] : row)
    return try withExtendedLifetime(tape) { try body(UnsafeBufferPointer(values)) }
  }
}

extension RecurrentNetwork {
  /// h_t of every step (Jordan: the fed-back output y_t; Elman-Jordan: h_t and y_t side by side;
  /// LRU: all real parts, then all imaginary ones).
  public func hiddenStates(
    of tape: RecurrentTape, layer: Int = 0, direction: Direction = .forward
  ) throws(RNNError) -> StepView {
    let (layerTape, layout) = try read(tape, layer, direction)
    let rows = layerTape.state.rows(layout.sequenceCount..<layerTape.state.rows)
    return StepView(rows, layout: layout, tape: tape, mirrored: direction == .reverse)
  }

  /// c_t of every step. Throws for cells without a cell state, and after a pass that was not
  /// recorded.
  public func cellStates(
    of tape: RecurrentTape, layer: Int = 0, direction: Direction = .forward
  ) throws(RNNError) -> StepView {
    let (layerTape, layout) = try read(tape, layer, direction)
    guard layerTape.shape.hasCellState else {
      throw RNNError(
        .unsupported, "cell state", expected: "an LSTM", found: "\(configuration.cell)")
    }
    try requireRecord(tape, "cell state")
    let rows = layerTape.cell.rows(layout.sequenceCount..<layerTape.cell.rows)
    return StepView(rows, layout: layout, tape: tape, mirrored: direction == .reverse)
  }

  /// The value of a gate at every step. Throws for a gate that the cell has not, after a pass that
  /// was not recorded, and after BPTT, which writes its gradients over the gate values.
  public func gateValues(
    _ gate: Gate, of tape: RecurrentTape, layer: Int = 0, direction: Direction = .forward
  ) throws(RNNError) -> StepView {
    let (layerTape, layout) = try read(tape, layer, direction)
    try requireRecord(tape, "gate values")
    guard tape.phase == .forward else {
      throw RNNError(
        .unsupported, "gate values", expected: "a tape after its forward pass", found: "after BPTT")
    }
    guard let slot = layerTape.shape.gateSlots[gate] else {
      let known = layerTape.shape.gateSlots.keys.map(\.rawValue).sorted().joined(separator: ", ")
      throw RNNError(
        .unsupported, "gate", expected: known.isEmpty ? "a gated cell" : known,
        found: gate.rawValue)
    }
    let hidden = layerTape.shape.hidden
    return StepView(
      layerTape.gates.columns(slot * hidden..<(slot + 1) * hidden), layout: layout, tape: tape,
      mirrored: direction == .reverse)
  }

  /// Throws unless the tape keeps the cell states and gates of all steps.
  func requireRecord(_ tape: RecurrentTape, _ what: String) throws(RNNError) {
    guard tape.isRecorded else {
      throw RNNError(
        .unsupported, what, expected: "a recorded forward pass", found: "one without a record")
    }
  }

  /// The tape of one layer and direction, after a forward pass.
  func read(
    _ tape: RecurrentTape, _ layer: Int, _ direction: Direction
  ) throws(RNNError) -> (LayerTape, SequenceLayout) {
    guard let layout = tape.layout, tape.phase != .empty else {
      throw RNNError(.empty, "tape", expected: "a forward pass", found: "none")
    }
    return (tape.layers[try index(layer, direction)], layout)
  }

  /// Where a layer and direction are found in `layers`, tapes and states.
  func index(_ layer: Int, _ direction: Direction) throws(RNNError) -> Int {
    guard (0..<configuration.layers).contains(layer) else {
      throw RNNError(
        .range, "layer", expected: "0 to \(configuration.layers - 1)", found: "\(layer)")
    }
    guard direction.rawValue < configuration.directions.count else {
      throw RNNError(
        .unsupported, "direction", expected: "a bidirectional network", found: "forward only")
    }
    return layer * configuration.directions.count + direction.rawValue
  }
}
