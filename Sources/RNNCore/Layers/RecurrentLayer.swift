/// One layer in one direction: the time loop and BPTT, once for all cells.
///
/// The schedule, for N tokens (N = T·B for a dense batch):
///
///     forward   A = X Wᵀ                          one product for all steps
///               for t: A_t += h_{t−1} Uᵀ, gates   rows divided among the threads, no barrier
///     backward  for t, last first: dA_t, dh_{t−1} = dA_t U
///               dW += dAᵀ X, dU += dAᵀ H₋₁, dX = dA W, db += Σ dA      one product each
struct RecurrentLayer: Sendable {
  let cell: any RecurrentCell
  let weightIH: ParameterLayout.Slice
  let weightHH: ParameterLayout.Slice
  let biasIH: ParameterLayout.Slice
  let biasHH: ParameterLayout.Slice
  /// LSTM only, [3, H] (coupled: [2, H])
  let peephole: ParameterLayout.Slice?
  /// Jordan only: V [O, H] and c [O]
  let weightHO: ParameterLayout.Slice?
  let biasHO: ParameterLayout.Slice?

  var shape: CellShape { cell.shape }

  /// - Parameter suffix: what PyTorch appends to its parameter names, such as `l0` or `l1_reverse`.
  init(cell: any RecurrentCell, peepholes: Int, suffix: String, layout: inout ParameterLayout) {
    self.cell = cell
    let shape = cell.shape
    let rows = shape.gates * shape.hidden
    func add(
      _ name: String, _ rows: Int, _ columns: Int, _ role: ParameterLayout.Role
    ) -> ParameterLayout.Slice {
      layout.add("\(name)_\(suffix)", layer: suffix, rows: rows, columns: columns, role: role)
    }
    weightIH = add("weight_ih", rows, shape.input, .inputWeight)
    weightHH = add("weight_hh", rows, shape.state, .recurrentWeight)
    let bias = ParameterLayout.Role.bias(forgetGate: shape.gateSlots[.forget])
    biasIH = add("bias_ih", rows, 1, bias)
    biasHH = add("bias_hh", rows, 1, bias)
    peephole = peepholes > 0 ? add("weight_peephole", peepholes, shape.hidden, .peephole) : nil
    weightHO =
      shape.emission > 0 ? add("weight_ho", shape.emission, shape.hidden, .emissionWeight) : nil
    biasHO =
      shape.emission > 0
      ? add("bias_ho", shape.emission, 1, .denseBias(fanIn: shape.hidden)) : nil
  }

  // MARK: Forward

  /// Runs all steps; gates and states stay on the tape, whose initial states must be set.
  ///
  /// - Parameter forced: Jordan's teacher forcing: the outputs to feed back instead of the network's
  ///   own, [N, O]; row r is fed to the step after r's.
  func forward(
    _ input: Matrix, layout: SequenceLayout, tape: LayerTape, forced: Matrix? = nil,
    parameters: ParameterStore, team: ThreadTeam
  ) {
    tape.input = input
    sumBiases(parameters, into: tape.bias)
    let weights = weights(parameters, bias: tape.bias)
    for block in shape.inputBlocks {
      BLAS.multiply(
        input, .no, inputRows(weights.input, block), .yes, into: slots(tape.gates, block), beta: 0,
        team: team)
    }
    let shares = layout.shares(team.count)
    team.run { worker in
      unroll(cell, layout, rows: shares[worker], tape: tape, forced: forced, weights: weights)
    }
  }

  private func unroll(
    _ cell: some RecurrentCell, _ layout: SequenceLayout, rows share: Range<Int>, tape: LayerTape,
    forced: Matrix?, weights: CellWeights
  ) {
    for time in 0..<layout.stepCount {
      let rows = layout.activeRows(of: share, at: time)
      if rows.isEmpty { return }
      let step = CellStep(tape, layout, time: time, rows: rows)
      if tape.recurrentInput != nil {
        let source = forced.flatMap { time == 0 ? nil : $0.rows(layout.before(time, rows) ?? rows) }
        step.copyState(from: source ?? step.stateBefore, mask: tape.mask?.rows(rows))
      }
      cell.forward(step, weights)
    }
  }

  // MARK: Backward

  /// BPTT: adds the parameter gradients to `gradients`, and leaves the gradients of the initial states
  /// on the tape, which must hold those of the final states (or zeros) when it begins.
  ///
  /// - Parameters:
  ///   - outputGradient: dE/d(output), [N, output].
  ///   - inputGradient: receives dE/dX [N, I]; nil when nobody needs it.
  ///   - forced: whether the forward pass was teacher forced, so that nothing flows through time.
  func backward(
    _ outputGradient: Matrix, inputGradient: Matrix?, layout: SequenceLayout, tape: LayerTape,
    forced: Bool = false, parameters: ParameterStore, gradients: ParameterStore, team: ThreadTeam
  ) {
    let weights = weights(parameters, bias: tape.bias)
    let shares = layout.shares(team.count)
    team.run { worker in
      unrollBackward(
        cell, layout, rows: shares[worker], tape: tape, outputGradient: outputGradient,
        forced: forced, weights: weights)
    }
    addWeightGradients(layout, tape: tape, gradients: gradients, team: team)
    if let inputGradient {
      for (index, block) in shape.inputBlocks.enumerated() {
        BLAS.multiply(
          slots(tape.gates, block), .no, inputRows(weights.input, block), into: inputGradient,
          beta: index == 0 ? 0 : 1, team: team)
      }
    }
  }

  private func unrollBackward(
    _ cell: some RecurrentCell, _ layout: SequenceLayout, rows share: Range<Int>, tape: LayerTape,
    outputGradient: Matrix, forced: Bool, weights: CellWeights
  ) {
    for time in (0..<layout.stepCount).reversed() {
      let rows = layout.activeRows(of: share, at: time)
      if rows.isEmpty { continue }
      let step = CellStep(tape, layout, time: time, rows: rows)
      let gradient = StepGradient(
        state: tape.stateGradient.rows(rows), cell: tape.cellGradient.rows(rows),
        output: outputGradient.rows(layout.packed(time, rows)),
        scratch: tape.scratch.rows(rows).pointer, mask: tape.mask?.rows(rows))
      cell.backward(step, gradient, weights)
      if forced, time > 0 { gradient.state.fill(0) }
    }
  }

  /// dW, dU and the biases from the preactivation gradients of all steps.
  private func addWeightGradients(
    _ layout: SequenceLayout, tape: LayerTape, gradients: ParameterStore, team: ThreadTeam
  ) {
    for block in shape.inputBlocks {
      BLAS.multiply(
        slots(tape.gates, block), .yes, tape.input,
        into: inputRows(gradients.matrix(weightIH), block), beta: 1, team: team)
    }
    for block in shape.recurrentBlocks {
      let source =
        switch block.source {
        case .state: tape.recurrentRows
        case .slot(let index): tape.gates.columns(index * shape.hidden..<(index + 1) * shape.hidden)
        }
      BLAS.multiply(
        slots(tape.gates, block), .yes, source,
        into: inputRows(gradients.matrix(weightHH), block), beta: 1, team: team)
    }
    addBiasGradients(tape: tape, gradients: gradients, team: team)
    addPeepholeGradients(layout, tape: tape, gradients: gradients, team: team)
    addEmissionGradients(tape: tape, gradients: gradients, team: team)
  }

  /// db_ih and db_hh: the sums of the slots that each product feeds, taken once for both.
  private func addBiasGradients(
    tape: LayerTape, gradients: ParameterStore, team: ThreadTeam
  ) {
    let hidden = shape.hidden
    let fed = (shape.inputBlocks + shape.recurrentBlocks).map { $0.slot + $0.count }.max() ?? 0
    let sums = tape.biasGradient.pointer
    sums.update(repeating: 0, count: shape.slots * hidden)
    tape.gates.columns(0..<fed * hidden).addColumnSums(to: sums, team: team)
    forEachBias(gradients) { gradient, slot, count in
      for index in 0..<count { gradient[index] += sums[slot + index] }
    }
  }

  /// dp_i += Σ da_i ⊙ c_{t−1}, dp_f alike, dp_o += Σ da_o ⊙ c_t.
  private func addPeepholeGradients(
    _ layout: SequenceLayout, tape: LayerTape, gradients: ParameterStore, team: ThreadTeam
  ) {
    guard let peephole else { return }
    let (hidden, last) = (shape.hidden, peephole.rows - 1)
    let target = gradients.matrix(peephole)
    team.split(hidden, grain: 16) { columns in
      for time in 0..<layout.stepCount {
        let step = CellStep(tape, layout, time: time, rows: 0..<layout.rows(ofStep: time).count)
        for row in 0...last {
          // The output gate is the last slot and the last peephole; it looks at c_t.
          let slot = row == last ? shape.slots - 1 : row
          let a = step.slot(slot, hidden: hidden).columns(columns)
          let c = (row == last ? step.cell : step.cellBefore).columns(columns)
          a.addColumnSums(
            of: c, to: target.rows(row..<row + 1).columns(columns).pointer)
        }
      }
    }
  }

  /// dV += dZᵀ H, dc += Σ dZ.
  private func addEmissionGradients(
    tape: LayerTape, gradients: ParameterStore, team: ThreadTeam
  ) {
    guard let weightHO, let biasHO, let slot = shape.gateSlots[.hidden] else { return }
    let hidden = tape.gates.columns(slot * shape.hidden..<(slot + 1) * shape.hidden)
    BLAS.multiply(
      tape.emission, .yes, hidden, into: gradients.matrix(weightHO), beta: 1, team: team)
    tape.emission.addColumnSums(to: gradients.vector(biasHO), team: team)
  }

  // MARK: Views

  private func slots(_ gates: Matrix, _ block: ProductBlock) -> Matrix {
    gates.columns(block.slot * shape.hidden..<(block.slot + block.count) * shape.hidden)
  }

  private func inputRows(_ weights: Matrix, _ block: ProductBlock) -> Matrix {
    weights.rows(block.gate * shape.hidden..<(block.gate + block.count) * shape.hidden)
  }

  private func weights(_ parameters: ParameterStore, bias: FloatBuffer) -> CellWeights {
    CellWeights(
      input: parameters.matrix(weightIH), recurrent: parameters.matrix(weightHH),
      bias: UnsafePointer(bias.pointer),
      peephole: peephole.map { UnsafePointer(parameters.vector($0)) },
      emission: weightHO.map { parameters.matrix($0) },
      emissionBias: biasHO.map { UnsafePointer(parameters.vector($0)) })
  }

  /// Each slot's bias is the sum of the biases of the products that feed it.
  private func sumBiases(_ parameters: ParameterStore, into buffer: FloatBuffer) {
    let sums = buffer.pointer
    sums.update(repeating: 0, count: shape.slots * shape.hidden)
    forEachBias(parameters) { bias, slot, count in
      for index in 0..<count { sums[slot + index] += bias[index] }
    }
  }

  /// Calls `body` with each stretch of the two biases and the tape column where its slot begins.
  private func forEachBias(
    _ store: ParameterStore,
    _ body: (_ values: UnsafeMutablePointer<Float>, _ column: Int, _ count: Int) -> Void
  ) {
    let hidden = shape.hidden
    for (blocks, slice) in [(shape.inputBlocks, biasIH), (shape.recurrentBlocks, biasHH)] {
      for block in blocks {
        body(
          store.vector(slice) + block.gate * hidden, block.slot * hidden, block.count * hidden)
      }
    }
  }
}

// MARK: - One step's rows

extension SequenceLayout {
  /// Those ranks of a worker's share that still have a token at step `time`.
  fileprivate func activeRows(of share: Range<Int>, at time: Int) -> Range<Int> {
    let active = rows(ofStep: time).count
    return min(share.lowerBound, active)..<min(share.upperBound, active)
  }

  /// The packed rows of `ranks` at step `time`.
  fileprivate func packed(_ time: Int, _ ranks: Range<Int>) -> Range<Int> {
    stepOffsets[time] + ranks.lowerBound..<stepOffsets[time] + ranks.upperBound
  }

  /// The packed rows of `ranks` one step earlier; nil at step 0.
  fileprivate func before(_ time: Int, _ ranks: Range<Int>) -> Range<Int>? {
    time == 0 ? nil : packed(time - 1, ranks)
  }
}

extension CellStep {
  fileprivate init(_ tape: LayerTape, _ layout: SequenceLayout, time: Int, rows: Range<Int>) {
    let packed = layout.packed(time, rows)
    let first = layout.sequenceCount
    let slot = packed.lowerBound + first..<packed.upperBound + first
    let before = layout.before(time, rows).map { $0.lowerBound + first..<$0.upperBound + first }
    gates = tape.gates.rows(packed)
    state = tape.state.rows(slot)
    stateBefore = tape.state.rows(before ?? rows)
    recurrentInput = tape.recurrentInput?.rows(packed) ?? stateBefore
    cell = tape.cell.rows(slot)
    cellBefore = tape.cell.rows(before ?? rows)
    emission = tape.emission.rows(packed)
  }

  /// Sets what the recurrent product sees.
  fileprivate func copyState(from source: Matrix, mask: Matrix?) {
    recurrentInput.combine(keep: 0, source, mask: mask)
  }
}
