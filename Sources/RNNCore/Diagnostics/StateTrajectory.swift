/// What one sequence made of one layer and direction: its inputs x_1 … x_T and states s_0 … s_T in
/// `Double`.
///
/// Steps are counted from 0 in the order in which the direction reads: step t reads `inputs[t]` and
/// leads from `states[t]` to `states[t + 1]`. For the reverse direction step 0 is the sequence's
/// last.
public struct StateTrajectory: Sendable, Hashable {
  /// [T][I]
  public let inputs: [[Double]]
  /// [T + 1][n], with n and the order of an LSTM's h and c as in ``StateMap``
  public let states: [[Double]]
  /// With teacher forcing, what took the place of the state before each step, [T][n]; else nil.
  let forced: [[Double]]?

  /// T.
  public var stepCount: Int { inputs.count }

  /// Whether targets were fed back in place of a Jordan cell's own outputs.
  public var isTeacherForced: Bool { forced != nil }

  /// What the map read before step `step`: `states[step]`, or the target that was fed in its place.
  public func stateBefore(_ step: Int) -> [Double] { forced.map { $0[step] } ?? states[step] }
}

extension RecurrentNetwork {
  /// Reads one sequence's inputs and states off a tape, after a forward pass or BPTT.
  ///
  /// The inputs of the first layer are read where the ``ModelPass`` or ``RecurrentEngine`` keeps
  /// them, and are those of the pass only until it is given another batch.
  ///
  /// Throws as ``hiddenStates(of:layer:direction:)``, and `.range` for a sequence that the batch
  /// has not. Throws `.unsupported` for an LSTM's tape without a record; for a pass with recurrent
  /// dropout, whose map is another one for each sequence; and where inputs are gone: the first
  /// layer's when a larger batch has been prepared for, those of a Jordan layer above the first
  /// after BPTT, which writes over them.
  public func trajectory(
    of tape: RecurrentTape, sequence: Int, layer: Int = 0, direction: Direction = .forward
  ) throws(RNNError) -> StateTrajectory {
    _ = try read(tape, layer, direction)
    guard holdsInput(tape, layer, direction) else {
      throw RNNError(
        .unsupported, "trajectory", expected: "the inputs of the pass", found: "overwritten ones")
    }
    return try recordedTrajectory(
      of: tape, sequence: sequence, layer: layer, direction: direction)
  }

  /// The same of a pass whose inputs are known to be where it has read them.
  func recordedTrajectory(
    of tape: RecurrentTape, sequence: Int, layer: Int, direction: Direction
  ) throws(RNNError) -> StateTrajectory {
    let (layerTape, layout) = try read(tape, layer, direction)
    guard layout.lengths.indices.contains(sequence) else {
      throw RNNError(
        .range, "sequence", expected: "0 to \(layout.sequenceCount - 1)", found: "\(sequence)")
    }
    guard layerTape.mask == nil else {
      throw RNNError(
        .unsupported, "trajectory", expected: "a pass without recurrent dropout",
        found: "one with it")
    }
    if layerTape.shape.hasCellState { try requireRecord(tape, "trajectory") }
    let packed = (0..<layout.lengths[sequence]).map { layout.row(sequence: sequence, step: $0) }
    let rows = [layout.ranks[sequence]] + packed.map { layout.sequenceCount + $0 }
    let cells = layerTape.shape.hasCellState ? rows.map { layerTape.cell.doubles($0) } : nil
    let hidden = rows.map { layerTape.state.doubles($0) }
    let seen = tape.wasForced ? layerTape.memory.recurrentInput : nil
    return withExtendedLifetime(tape) {
      StateTrajectory(
        inputs: packed.map { layerTape.input.doubles($0) },
        states: cells.map { zip(hidden, $0).map { $0 + $1 } } ?? hidden,
        forced: seen.map { seen in packed.map { seen.doubles($0) } })
    }
  }
}

extension RecurrentNetwork {
  /// Whether what a layer and direction read is still there.
  private func holdsInput(_ tape: RecurrentTape, _ layer: Int, _ direction: Direction) -> Bool {
    // The reverse direction reads a mirrored copy.
    if direction == .reverse { return true }
    let own = tape.layers[layer * configuration.directions.count]
    if layer == 0 { return tape.inputBuffer?.pointer == own.input.pointer }
    // A Jordan layer emits z, in whose place BPTT puts dz.
    let below = tape.layers[layer - 1]
    return tape.phase == .forward || below.shape.fedBack.isEmpty
      || own.input.pointer != below.emission.pointer
  }
}

extension StateMap {
  /// The states that follow `initial` when the map reads `inputs`, one after the other.
  ///
  /// Throws as ``next(state:input:)``.
  public func run(
    from initial: [Double], inputs: [[Double]]
  ) throws(RNNError) -> StateTrajectory {
    try require(initial.count, stateSize, "state")
    var states = [initial]
    for input in inputs { states.append(try next(state: states[states.count - 1], input: input)) }
    return StateTrajectory(inputs: inputs, states: states, forced: nil)
  }

  /// J = ∂s_{t+1}/∂s_t where `trajectory` passes at step t, [n, n].
  ///
  /// With teacher forcing its columns of fed-back outputs (a Jordan cell has no others) are zero
  /// after the first step: what is fed back is a target, and does not depend on the state. Throws
  /// `.range` for a step that the trajectory has not, `.shape` for one of another map.
  public func jacobian(
    along trajectory: StateTrajectory, step: Int
  ) throws(RNNError) -> DenseMatrix {
    guard trajectory.inputs.indices.contains(step) else {
      throw RNNError(
        .range, "step", expected: "0 to \(trajectory.stepCount - 1)", found: "\(step)")
    }
    let before = trajectory.stateBefore(step)
    var jacobian = try linearized(state: before, input: trajectory.inputs[step]).jacobian
    if trajectory.isTeacherForced, step > 0 {
      for row in 0..<stateSize {
        for column in fedBack { jacobian[row, column] = 0 }
      }
    }
    return jacobian
  }

  /// `steps`, or all of a trajectory's. Throws `.range` for steps that it has not, `.empty` for
  /// none.
  func window(
    _ steps: Range<Int>?, of trajectory: StateTrajectory
  ) throws(RNNError) -> Range<Int> {
    let window = steps ?? 0..<trajectory.stepCount
    guard !window.isEmpty else {
      throw RNNError(.empty, "steps", expected: "at least one", found: "none")
    }
    guard window.lowerBound >= 0, window.upperBound <= trajectory.stepCount else {
      throw RNNError(
        .range, "steps", expected: "within 0..<\(trajectory.stepCount)", found: "\(window)")
    }
    return window
  }
}

extension Matrix {
  /// A copy of one row.
  fileprivate func doubles(_ index: Int) -> [Double] { row(index).map { Double($0) } }
}
