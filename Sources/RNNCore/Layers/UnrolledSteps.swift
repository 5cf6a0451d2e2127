/// What a time loop reads of a tape and its batch, as plain pointers: no view of a step touches a reference
/// count, over which the threads would contend. Valid while `LayerTape.withUnrolledSteps` calls its body.
struct UnrolledSteps: @unchecked Sendable {
  /// The first packed row of each step, T + 1 values.
  private let offsets: UnsafePointer<Int>
  private let sequences: Int
  private let shape: (hidden: Int, state: Int)
  private let isRecorded: Bool
  /// The packed row that the first row of `gates` belongs to.
  private let firstGateRow: Int
  private let gates, state, cell, emission, stateGradient, cellGradient, scratch: Matrix
  private let recurrentInput, mask: Matrix?

  /// Whether the recurrent product reads a copy of the states.
  var copiesState: Bool { recurrentInput != nil }

  fileprivate init(_ tape: LayerTape, offsets: UnsafePointer<Int>, sequences: Int, first: Int) {
    self.offsets = offsets
    self.sequences = sequences
    shape = (tape.shape.hidden, tape.shape.state)
    isRecorded = tape.isRecorded
    firstGateRow = tape.isRecorded ? 0 : offsets[first]
    (gates, state, cell, emission) = (tape.gates, tape.state, tape.cell, tape.emission)
    (stateGradient, cellGradient) = (tape.stateGradient, tape.cellGradient)
    (scratch, recurrentInput, mask) = (tape.scratch, tape.recurrentInput, tape.mask)
  }

  /// The ranks of `share` that still have a token at step `time`.
  func rows(_ share: StepShare, at time: Int) -> Range<Int> {
    let active = offsets[time + 1] - offsets[time]
    return min(share.ranks.lowerBound, active)..<min(share.ranks.upperBound, active)
  }

  /// The packed rows of some ranks at step `time`.
  func packed(_ ranks: Range<Int>, at time: Int) -> Range<Int> {
    offsets[time] + ranks.lowerBound..<offsets[time] + ranks.upperBound
  }

  /// What one worker reads and writes of step `time`.
  func step(_ time: Int, rows: Range<Int>, share: StepShare) -> CellStep {
    let packed = packed(rows, at: time)
    let slot = packed.lowerBound + sequences..<packed.upperBound + sequences
    // The initial states come first.
    var before = rows
    if time > 0 {
      let first = offsets[time - 1] + sequences
      before = first + rows.lowerBound..<first + rows.upperBound
    }
    let stateBefore = state.rows(before)
    let cellNow = cell.rows(isRecorded ? slot : rows)
    return CellStep(
      gates: gates.rows(packed.lowerBound - firstGateRow..<packed.upperBound - firstGateRow),
      stateBefore: stateBefore, recurrentInput: recurrentInput?.rows(packed) ?? stateBefore,
      state: state.rows(slot), cellBefore: isRecorded ? cell.rows(before) : cellNow, cell: cellNow,
      emission: emission.rows(packed), units: share.units ?? 0..<shape.hidden,
      stateColumns: share.units ?? 0..<shape.state, barrier: share.barrier)
  }

  /// The gradients that step `time` reads and writes; `output` is dE/d(output) of all steps.
  func gradient(_ time: Int, rows: Range<Int>, output: Matrix) -> StepGradient {
    StepGradient(
      state: stateGradient.rows(rows), cell: cellGradient.rows(rows),
      output: output.rows(packed(rows, at: time)), scratch: scratch.rows(rows).pointer,
      mask: mask?.rows(rows))
  }

  /// Sets what the recurrent product of a step sees, in the worker's columns: the state before it; in place of
  /// fed-back outputs, at all steps but the first, the row of `forced` that belongs to the step before.
  func copyState(for step: CellStep, _ time: Int, rows: Range<Int>, forced: Matrix?) {
    func copy(_ source: Matrix, _ columns: Range<Int>) {
      step.recurrentInput.columns(columns).combine(
        keep: 0, source, mask: mask?.rows(rows).columns(columns))
    }
    copy(step.stateBefore.columns(step.stateColumns), step.stateColumns)
    // Only cells that do not divide their units are forced, so that all columns are the worker's.
    if let forced, time > 0 {
      copy(forced.rows(packed(rows, at: time - 1)), shape.state - forced.columns..<shape.state)
    }
  }
}

extension LayerTape {
  /// Calls `body` with the view of all steps.
  ///
  /// - Parameter first: without a record, the first step of the stretch whose gates are kept.
  func withUnrolledSteps(
    of layout: SequenceLayout, from first: Int = 0, _ body: (UnrolledSteps) -> Void
  ) {
    layout.stepOffsets.withUnsafeBufferPointer { offsets in
      guard let base = offsets.baseAddress else { return }
      body(UnrolledSteps(self, offsets: base, sequences: layout.sequenceCount, first: first))
    }
  }
}

/// What one worker computes of every step of a stretch.
struct StepShare: Sendable {
  /// Ranks of the batch.
  var ranks: Range<Int>
  /// Hidden units; nil for all.
  var units: Range<Int>?
  var barrier: TeamBarrier
  /// Which worker it is, where several divide the units.
  var index = 0

  /// All units of all sequences.
  static func everything(_ layout: SequenceLayout) -> StepShare {
    StepShare(ranks: 0..<layout.sequenceCount, units: nil, barrier: .none)
  }

  /// Some sequences with all their units; in a region together, some units of all sequences.
  static func share(
    of member: TeamMember, hidden: Int, _ layout: SequenceLayout, _ steps: Range<Int>
  ) -> StepShare {
    if member.barrier.isShared {
      return StepShare(
        ranks: 0..<layout.rows(ofStep: steps.lowerBound).count,
        units: member.share(of: hidden, grain: unitGrain), barrier: member.barrier,
        index: member.index)
    }
    return StepShare(
      ranks: layout.share(of: member.index, of: member.count, in: steps), units: nil,
      barrier: member.barrier)
  }

  /// A whole panel of any of the products.
  static var unitGrain: Int { 4 * kernels.lanes }
}
