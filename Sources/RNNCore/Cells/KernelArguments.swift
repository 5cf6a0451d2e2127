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
