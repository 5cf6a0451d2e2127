/// The memory of one layer and direction that a time loop works in; shapes as in ``LayerTape``.
struct TapeMemory {
  /// Whether gates and cell states of all steps are kept.
  var isRecorded = true
  /// [N, slots·H]; not recorded: [rows of a stretch, slots·H]
  var gates: Matrix
  /// [B + N, R]
  var state: Matrix
  /// [B + N, cell state], no columns without one; not recorded: [B, cell state]
  var cell: Matrix
  /// [N, emission]; no columns without one
  var emission: Matrix
  /// h_{t−1} of each row as the recurrent product saw it, [N, R]; nil when it is `state` shifted
  var recurrentInput: Matrix?
  /// dE/dh and dE/dc as BPTT carries them, [B, R] and [B, cell state]
  var stateGradient: Matrix
  var cellGradient: Matrix
  /// Space for one matrix [B, max(H, R)]
  var scratch: Matrix
  /// Recurrent dropout, [B, R]
  var mask: Matrix?
}

/// What a time loop reads of a tape and its batch, as plain pointers: no view of a step touches a
/// reference count, over which the threads would contend. Valid as long as the memory that it is
/// made of.
struct UnrolledSteps: @unchecked Sendable {
  /// The first packed row of each step, T + 1 values.
  let offsets: UnsafePointer<Int>
  let sequences: Int
  let shape: (hidden: Int, state: Int)
  let memory: TapeMemory
  /// The packed row that the first row of gates belongs to.
  let firstGateRow: Int

  /// Whether the recurrent product reads a copy of the states.
  var copiesState: Bool { memory.recurrentInput != nil }

  /// - Parameters:
  ///   - memory: of the tape.
  ///   - offsets: the first packed row of each step, T + 1 values.
  ///   - first: without a record, the first step of the stretch whose gates are kept.
  init(
    _ memory: TapeMemory, shape: (hidden: Int, state: Int), offsets: UnsafePointer<Int>,
    sequences: Int, first: Int
  ) {
    (self.memory, self.shape) = (memory, shape)
    (self.offsets, self.sequences) = (offsets, sequences)
    firstGateRow = memory.isRecorded ? 0 : offsets[first]
  }

  /// The ranks of `share` that still have a token at step `time`.
  func rows(_ share: StepShare, at time: Int) -> Range<Int> {
    let active = offsets[time + 1] - offsets[time]
    return min(share.ranks.lowerBound, active)..<min(share.ranks.upperBound, active)
  }

  /// The gates of step `first` and of those after it.
  func gates(from first: Int) -> Matrix {
    memory.gates.rows(offsets[first] - firstGateRow..<memory.gates.rows)
  }

  /// The packed rows of some ranks at step `time`.
  func packed(_ ranks: Range<Int>, at time: Int) -> Range<Int> {
    offsets[time] + ranks.lowerBound..<offsets[time] + ranks.upperBound
  }

  /// Where a share's gates begin when each share has those of a stretch to itself, one step after
  /// the other, after those of the ranks before it.
  func gateRow(of share: StepShare, in steps: Range<Int>) -> Int {
    steps.reduce(0) { $0 + min(share.ranks.lowerBound, offsets[$1 + 1] - offsets[$1]) }
  }

  /// What one worker reads and writes of step `time`.
  ///
  /// - Parameter gateRow: where its gates begin; nil for their place among those of all ranks.
  func step(
    _ time: Int, rows: Range<Int>, share: StepShare, gateRow: Int? = nil
  ) -> CellStep {
    let packed = packed(rows, at: time)
    let gateRow = gateRow ?? packed.lowerBound - firstGateRow
    let slot = packed.lowerBound + sequences..<packed.upperBound + sequences
    // The initial states come first.
    var before = rows
    if time > 0 {
      let first = offsets[time - 1] + sequences
      before = first + rows.lowerBound..<first + rows.upperBound
    }
    let stateBefore = memory.state.rows(before)
    let cellNow = memory.cell.rows(memory.isRecorded ? slot : rows)
    return CellStep(
      hidden: shape.hidden,
      gates: memory.gates.rows(gateRow..<gateRow + rows.count),
      stateBefore: stateBefore, recurrentInput: memory.recurrentInput?.rows(packed) ?? stateBefore,
      state: memory.state.rows(slot),
      cellBefore: memory.isRecorded ? memory.cell.rows(before) : cellNow, cell: cellNow,
      emission: memory.emission.rows(packed), units: share.units ?? 0..<shape.hidden,
      stateColumns: share.units ?? 0..<shape.state, barrier: share.barrier,
      sweepsBackwards: time % 2 == 1)
  }

  /// The gradients that step `time` reads and writes; `output` is dE/d(output) of all steps.
  func gradient(_ time: Int, rows: Range<Int>, output: Matrix) -> StepGradient {
    StepGradient(
      state: memory.stateGradient.rows(rows), cell: memory.cellGradient.rows(rows),
      output: output.rows(packed(rows, at: time)), scratch: memory.scratch.rows(rows).pointer,
      mask: memory.mask?.rows(rows))
  }

  /// Sets what the recurrent product of a step sees, in the worker's columns: the state before it;
  /// in place of fed-back outputs, at all steps but the first, the row of `forced` that belongs to
  /// the step before.
  func copyState(for step: CellStep, _ time: Int, rows: Range<Int>, forced: Matrix?) {
    func copy(_ source: Matrix, _ columns: Range<Int>) {
      step.recurrentInput.columns(columns).combine(
        keep: 0, source, mask: memory.mask?.rows(rows).columns(columns))
    }
    copy(step.stateBefore.columns(step.stateColumns), step.stateColumns)
    // Only cells that do not divide their units are forced, so that all columns are the worker's.
    if let forced, time > 0 {
      copy(forced.rows(packed(rows, at: time - 1)), shape.state - forced.columns..<shape.state)
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
  /// The worker's number among those that divide the units of these sequences.
  var index = 0
  /// How many workers divide the units of these sequences.
  var count = 1

  /// All units of all sequences.
  static func everything(_ layout: SequenceLayout) -> StepShare {
    StepShare(ranks: 0..<layout.sequenceCount, units: nil, barrier: .none)
  }

  /// The place of a grid that a member of its region has: some sequences with all their units, or
  /// with some where members may wait for each other.
  static func share(
    of member: TeamMember, in grid: UnrollGrid, hidden: Int, _ layout: SequenceLayout,
    _ steps: Range<Int>
  ) -> StepShare {
    guard member.barrier.isShared else {
      return StepShare(
        ranks: layout.share(of: member.index, of: member.count, in: steps), units: nil,
        barrier: .none)
    }
    let unit = TeamMember(index: member.index % grid.units, count: grid.units)
    return StepShare(
      ranks: layout.share(of: member.index / grid.units, of: grid.rows, in: steps),
      units: unit.share(of: hidden, grain: unitGrain), barrier: member.barrier, index: unit.index,
      count: grid.units)
  }

  /// The worker's part of columns that belong to no unit.
  func columns(of total: Int) -> Range<Int> {
    TeamMember(index: index, count: count).share(of: total, grain: StepShare.unitGrain)
  }

  /// Borders between shares lie between vectors of a packed weight.
  static var unitGrain: Int { kernels.lanes }
}

/// Some steps for one worker: some sequences with all their units, or some units of all sequences.
struct CellSteps {
  let unrolled: UnrolledSteps
  let range: Range<Int>
  let share: StepShare
  /// dE/d(output) of all steps, [N, output]; nil on the way forward.
  var outputGradient: Matrix?
}

/// All steps of a pass when BPTT is done: gates hold the gradients of preactivations. Of a longer
/// batch that goes back part by part, the last part first, those of one.
struct FinishedPass {
  let unrolled: UnrolledSteps
  let layout: SequenceLayout
  let weights: CellWeights
  /// Space for [slots·H], kept from part to part
  let sums: UnsafeMutablePointer<Float>
  /// Whether no part comes after this one on the way back, and none before it.
  let isFirst, isLast: Bool
  /// The gradients of each of the cell's parameters.
  let gradients: UnsafePointer<UnsafeMutablePointer<Float>>

  /// Calls `body` with one step after the other, each with all its rows, in the order in which
  /// gradients add them up.
  func forEachStep(_ body: (CellStep) -> Void) {
    let share = StepShare.everything(layout)
    layout.forEachGroup { steps in
      for time in steps {
        body(unrolled.step(time, rows: unrolled.rows(share, at: time), share: share))
      }
    }
  }

  /// Where the gradients of the parameter at a place of the cell's list are summed up.
  func gradient(of parameter: Int) -> UnsafeMutablePointer<Float> { gradients[parameter] }
}
