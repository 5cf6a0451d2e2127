/// One layer in one direction: the time loop and BPTT, once for all cells.
///
/// The schedule, for N tokens (N = T·B for a dense batch):
///
///     forward   for each stretch of steps that fits the cache:
///                 A = X Wᵀ                          one product for all its steps
///                 for t: A_t += h_{t−1} Uᵀ, gates   sequences divided among the threads, no barrier
///     backward  for each stretch, last first:
///                 for t, last first: dA_t, dh_{t−1} = dA_t U
///               dW += dAᵀ X, dU += dAᵀ H₋₁, db += Σ dA, dX = dA W        once, for all steps
///
/// Where a stretch has fewer sequences than there are threads, those divide the hidden units instead, and
/// wait for each other once a step.
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
    tape.weights.packForward(self, parameters, team: team)
    let weights = weights(parameters, tape: tape)
    var first = 0
    while first < layout.stepCount {
      let steps = layout.stretch(from: first, rows: tape.stretchRows)
      project(input, layout.rows(ofSteps: steps), tape: tape, parameters: parameters, team: team)
      forEachRegion(of: steps, layout, team) { part, member in
        unroll(cell, layout, part, steps, member, tape: tape, forced: forced, weights: weights)
      }
      first = steps.upperBound
    }
  }

  /// A = X Wᵀ for the rows of a stretch.
  private func project(
    _ input: Matrix, _ rows: Range<Int>, tape: LayerTape, parameters: ParameterStore,
    team: ThreadTeam
  ) {
    let gates = tape.gates.rows(tape.isRecorded ? rows : 0..<rows.count)
    for (index, block) in shape.inputBlocks.enumerated() {
      let weights = tape.weights.inputForward(index, self, parameters)
      weights.multiply(
        input.rows(rows), add: false, into: gates.slotColumns(block, shape), team: team)
    }
  }

  private func unroll(
    _ cell: some RecurrentCell, _ layout: SequenceLayout, _ steps: Range<Int>,
    _ stretch: Range<Int>, _ member: TeamMember, tape: LayerTape, forced: Matrix?,
    weights: CellWeights
  ) {
    let share = StepShare(cell.shape.hidden, layout, steps, member)
    for time in steps {
      let rows = share.rows(layout, at: time)
      if rows.isEmpty { return }
      let step = CellStep(tape, layout, stretch, time: time, rows: rows, share: share)
      if tape.recurrentInput != nil {
        let source = forced.flatMap { time == 0 ? nil : $0.rows(layout.before(time, rows) ?? rows) }
        step.copyState(from: source ?? step.stateBefore, mask: tape.mask?.rows(rows))
      }
      step.barrier.wait()
      cell.forward(step, weights)
    }
  }

  /// Calls `body` for all steps of a stretch, with the sequences divided among the threads; or, where they
  /// are fewer than the threads, part by part with the hidden units divided.
  private func forEachRegion(
    of steps: Range<Int>, _ layout: SequenceLayout, _ team: ThreadTeam, backward: Bool = false,
    _ body: (Range<Int>, TeamMember) -> Void
  ) {
    let divides =
      layout.rows(ofStep: steps.lowerBound).count < team.count && cell.canDivideUnits
      && shape.hidden >= 2 * StepShare.unitGrain
    guard divides else { return team.run { body(steps, $0) } }
    let parts = (steps.count + RecurrentLayer.stepsTogether - 1) / RecurrentLayer.stepsTogether
    for index in 0..<parts {
      let part = backward ? parts - 1 - index : index
      let first = steps.lowerBound + part * RecurrentLayer.stepsTogether
      team.runTogether { member in
        body(first..<min(first + RecurrentLayer.stepsTogether, steps.upperBound), member)
      }
    }
  }

  /// Few enough that a thread is seldom called away within them.
  private static let stepsTogether = 64

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
    tape.weights.packBackward(self, parameters, team: team)
    let weights = weights(parameters, tape: tape)
    var end = layout.stepCount
    while end > 0 {
      let steps = layout.stretch(to: end, rows: tape.stretchRows)
      forEachRegion(of: steps, layout, team, backward: true) { part, member in
        unrollBackward(
          cell, layout, part, member, tape: tape, outputGradient: outputGradient, forced: forced,
          weights: weights)
      }
      end = steps.lowerBound
    }
    addWeightGradients(layout, tape: tape, gradients: gradients, team: team)
    guard let inputGradient else { return }
    for (index, block) in shape.inputBlocks.enumerated() {
      tape.weights.inputBackward(index, self, parameters).multiply(
        tape.gates.slotColumns(block, shape), add: index > 0, into: inputGradient, team: team)
    }
  }

  private func unrollBackward(
    _ cell: some RecurrentCell, _ layout: SequenceLayout, _ steps: Range<Int>, _ member: TeamMember,
    tape: LayerTape, outputGradient: Matrix, forced: Bool, weights: CellWeights
  ) {
    let share = StepShare(cell.shape.hidden, layout, steps, member)
    for time in steps.reversed() {
      let rows = share.rows(layout, at: time)
      if rows.isEmpty { continue }
      let step = CellStep(tape, layout, steps, time: time, rows: rows, share: share)
      let gradient = StepGradient(
        state: tape.stateGradient.rows(rows), cell: tape.cellGradient.rows(rows),
        output: outputGradient.rows(layout.packed(time, rows)),
        scratch: tape.scratch.rows(rows).pointer, mask: tape.mask?.rows(rows))
      cell.backward(step, gradient, weights)
      if forced, time > 0 { gradient.state.fill(0) }
    }
  }

  /// dW, dU and the biases from the preactivation gradients of all steps, a share of the gate columns for
  /// each thread.
  private func addWeightGradients(
    _ layout: SequenceLayout, tape: LayerTape, gradients: ParameterStore, team: ThreadTeam
  ) {
    for block in shape.inputBlocks {
      gradients.matrix(weightIH).gateRows(block, shape).addOuterProducts(
        tape.gates.slotColumns(block, shape), tape.input, team: team)
    }
    for block in shape.recurrentBlocks {
      let source =
        switch block.source {
        case .state: tape.recurrentRows
        case .slot(let index): tape.gates.columns(index * shape.hidden..<(index + 1) * shape.hidden)
        }
      gradients.matrix(weightHH).gateRows(block, shape).addOuterProducts(
        tape.gates.slotColumns(block, shape), source, team: team)
    }
    addBiasGradients(tape: tape, gradients: gradients, team: team)
    addPeepholeGradients(layout, tape: tape, gradients: gradients, team: team)
    addEmissionGradients(tape: tape, gradients: gradients, team: team)
  }

  /// db_ih and db_hh: the sums of the slots that each product feeds, taken once for both.
  private func addBiasGradients(
    tape: LayerTape, gradients: ParameterStore, team: ThreadTeam
  ) {
    let sums = tape.biasGradient.pointer
    sums.update(repeating: 0, count: shape.slots * shape.hidden)
    tape.gates.columns(0..<shape.fedSlots * shape.hidden).addColumnSums(to: sums, team: team)
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
      let all = 0..<layout.stepCount
      for time in all {
        let rows = 0..<layout.rows(ofStep: time).count
        let step = CellStep(tape, layout, all, time: time, rows: rows, share: .everything)
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
    gradients.matrix(weightHO).addOuterProducts(tape.emission, hidden, team: team)
    tape.emission.addColumnSums(to: gradients.vector(biasHO), team: team)
  }

  // MARK: Views

  private func weights(_ parameters: ParameterStore, tape: LayerTape) -> CellWeights {
    guard let recurrent = tape.weights.recurrent(0, self, parameters) else {
      preconditionFailure("every cell has a recurrent product")
    }
    return CellWeights(
      recurrent: recurrent, candidate: tape.weights.recurrent(1, self, parameters),
      bias: UnsafePointer(tape.bias.pointer),
      peephole: peephole.map { UnsafePointer(parameters.vector($0)) },
      emission: tape.weights.emission(self, parameters),
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
    for block in shape.inputBlocks { stretch(block, biasIH) }
    for block in shape.recurrentBlocks { stretch(block, biasHH) }

    func stretch(_ block: ProductBlock, _ slice: ParameterLayout.Slice) {
      let hidden = shape.hidden
      body(store.vector(slice) + block.gate * hidden, block.slot * hidden, block.count * hidden)
    }
  }
}

// MARK: - One step's rows

/// What one worker computes of every step of a stretch.
private struct StepShare: Sendable {
  /// Ranks of the batch.
  var ranks: Range<Int>
  /// Hidden units; nil for all.
  var units: Range<Int>?
  var barrier: TeamBarrier

  static let everything = StepShare(ranks: 0..<0, units: nil, barrier: .none)

  private init(ranks: Range<Int>, units: Range<Int>?, barrier: TeamBarrier) {
    (self.ranks, self.units, self.barrier) = (ranks, units, barrier)
  }

  /// Some sequences with all their units; in a region together, some units of all sequences.
  init(_ hidden: Int, _ layout: SequenceLayout, _ steps: Range<Int>, _ member: TeamMember) {
    if member.barrier.isShared {
      ranks = 0..<layout.rows(ofStep: steps.lowerBound).count
      units = member.share(of: hidden, grain: StepShare.unitGrain)
    } else {
      ranks = layout.share(of: member.index, of: member.count, in: steps)
      units = nil
    }
    barrier = member.barrier
  }

  /// A whole panel of any of the products.
  static var unitGrain: Int { 4 * kernels.lanes }

  /// The ranks that still have a token at step `time`.
  func rows(_ layout: SequenceLayout, at time: Int) -> Range<Int> {
    let active = layout.rows(ofStep: time).count
    return min(ranks.lowerBound, active)..<min(ranks.upperBound, active)
  }
}

extension SequenceLayout {
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
  fileprivate init(
    _ tape: LayerTape, _ layout: SequenceLayout, _ stretch: Range<Int>, time: Int, rows: Range<Int>,
    share: StepShare
  ) {
    let packed = layout.packed(time, rows)
    let first = layout.sequenceCount
    let slot = packed.lowerBound + first..<packed.upperBound + first
    let before = layout.before(time, rows).map { $0.lowerBound + first..<$0.upperBound + first }
    state = tape.state.rows(slot)
    stateBefore = tape.state.rows(before ?? rows)
    recurrentInput = tape.recurrentInput?.rows(packed) ?? stateBefore
    emission = tape.emission.rows(packed)
    if tape.isRecorded {
      gates = tape.gates.rows(packed)
      cell = tape.cell.rows(slot)
      cellBefore = tape.cell.rows(before ?? rows)
    } else {
      let base = layout.stepOffsets[stretch.lowerBound]
      gates = tape.gates.rows(packed.lowerBound - base..<packed.upperBound - base)
      cell = tape.cell.rows(rows)
      cellBefore = cell
    }
    units = share.units ?? 0..<tape.shape.hidden
    stateColumns = share.units ?? 0..<tape.shape.state
    barrier = share.barrier
  }

  /// Sets what the recurrent product sees, in the worker's columns.
  fileprivate func copyState(from source: Matrix, mask: Matrix?) {
    recurrentInput.columns(stateColumns).combine(
      keep: 0, source.columns(stateColumns), mask: mask?.columns(stateColumns))
  }
}
