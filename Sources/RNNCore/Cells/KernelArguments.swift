internal import CKernels

extension CellStep {
  /// The step of some hidden units, as the gate kernels take it.
  ///
  /// - Parameter bias: by slot, [slots·H]; nil on the way back, which reads none.
  func kernelStep(_ units: Range<Int>, bias: UnsafePointer<Float>? = nil) -> rnn_cell_step {
    let u = units.lowerBound
    return rnn_cell_step(
      rows: gates.rows, units: units.count, hidden: hidden,
      bias: bias.map { $0 + u }, gates: gates.pointer + u, ldg: gates.stride,
      h_before: stateBefore.pointer + u, h_seen: recurrentInput.pointer + u,
      h: state.pointer + u, ldh: state.stride, c_before: cellBefore.pointer + u,
      c: cell.pointer + u, ldc: cell.stride)
  }
}

extension StepGradient {
  /// The gradients of some hidden units, as the gate kernels take them.
  func kernelGradient(_ units: Range<Int>) -> rnn_cell_gradient {
    let u = units.lowerBound
    return rnn_cell_gradient(
      h: state.pointer + u, ldh: state.stride, output: output.map { $0.pointer + u },
      ldo: output?.stride ?? 0, c: cell.pointer + u, ldc: cell.stride)
  }
}

extension CellSteps {
  /// The worker's steps and units, as the kernels of elementwise cells take them.
  ///
  /// - Parameters:
  ///   - bias: by slot, [slots·H].
  ///   - block: the numbers of one block of a slot or state where that is not H.
  func kernelSteps(bias: UnsafePointer<Float>, block: Int? = nil) -> rnn_cell_steps {
    let (memory, block) = (unrolled.memory, block ?? unrolled.shape.hidden)
    let units = share.units ?? 0..<block
    let u = units.lowerBound
    return rnn_cell_steps(
      first: range.lowerBound, last: range.upperBound, offsets: unrolled.offsets,
      begin: share.ranks.lowerBound, end: share.ranks.upperBound, sequences: unrolled.sequences,
      units: units.count, hidden: block, bias: bias + u,
      gates: memory.gates.pointer + u, first_row: unrolled.firstGateRow, ldg: memory.gates.stride,
      h: memory.state.pointer + u, ldh: memory.state.stride)
  }

  /// The gradients of the worker's steps and units.
  func kernelGradient() -> rnn_steps_gradient {
    guard let output = outputGradient else { preconditionFailure("a step back has a gradient") }
    let u = share.units?.lowerBound ?? 0
    let state = unrolled.memory.stateGradient
    return rnn_steps_gradient(
      h: state.pointer + u, ldh: state.stride, output: output.pointer + u, ldo: output.stride)
  }
}
