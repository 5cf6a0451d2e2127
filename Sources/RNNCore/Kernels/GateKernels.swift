/// The fused gate kernels on matrix views. `CKernels.h` has each one's mathematics, shapes and slots.
enum GateKernels {
  /// Slots of `gates`: preactivations in, gate values out; c and h of the step out.
  static func lstmForward(
    coupled: Bool, gates: Matrix, bias: UnsafePointer<Float>, peephole: UnsafePointer<Float>?,
    cellBefore: Matrix, cell: Matrix, state: Matrix
  ) {
    kernels.lstm_forward(
      coupled, gates.rows, cell.columns, bias, peephole, gates.pointer, gates.stride,
      cellBefore.pointer, cell.pointer, cell.stride, state.pointer, state.stride)
  }

  /// Slots: gate values in, preactivation gradients out; dc of the step in, of the step before out.
  static func lstmBackward(
    coupled: Bool, gates: Matrix, peephole: UnsafePointer<Float>?, cellBefore: Matrix, cell: Matrix,
    stateGradient: Matrix, outputGradient: Matrix?, cellGradient: Matrix
  ) {
    kernels.lstm_backward(
      coupled, gates.rows, cell.columns, peephole, gates.pointer, gates.stride, cellBefore.pointer,
      cell.pointer, cell.stride, stateGradient.pointer, stateGradient.stride,
      outputGradient?.pointer, outputGradient?.stride ?? 0, cellGradient.pointer,
      cellGradient.stride)
  }

  /// Reset after the product, slots n, r, z, m.
  static func gruAfterForward(
    gates: Matrix, bias: UnsafePointer<Float>, stateBefore: Matrix, state: Matrix
  ) {
    kernels.gru_after_forward(
      gates.rows, state.columns, bias, gates.pointer, gates.stride, stateBefore.pointer,
      state.pointer, state.stride)
  }

  /// `stateGradient` becomes its elementwise part z ⊙ dh.
  static func gruAfterBackward(
    gates: Matrix, stateBefore: Matrix, stateGradient: Matrix, outputGradient: Matrix?
  ) {
    kernels.gru_after_backward(
      gates.rows, stateBefore.columns, gates.pointer, gates.stride, stateBefore.pointer,
      stateBefore.stride, stateGradient.pointer, stateGradient.stride, outputGradient?.pointer,
      outputGradient?.stride ?? 0)
  }

  /// Reset before the product, slots r, z, n, q: r, z and q = r ⊙ (the state that U sees).
  static func gruBeforeReset(gates: Matrix, bias: UnsafePointer<Float>, seen: Matrix) {
    kernels.gru_before_reset(
      gates.rows, seen.columns, bias, gates.pointer, gates.stride, seen.pointer, seen.stride)
  }

  /// Then n and h.
  static func gruBeforeUpdate(
    gates: Matrix, bias: UnsafePointer<Float>, stateBefore: Matrix, state: Matrix
  ) {
    kernels.gru_before_update(
      gates.rows, state.columns, bias, gates.pointer, gates.stride, stateBefore.pointer,
      state.pointer, state.stride)
  }

  /// Backward of n, z and h; `stateGradient` becomes z ⊙ dh.
  static func gruBeforeUpdateBackward(
    gates: Matrix, stateBefore: Matrix, stateGradient: Matrix, outputGradient: Matrix?
  ) {
    kernels.gru_before_update_backward(
      gates.rows, stateBefore.columns, gates.pointer, gates.stride, stateBefore.pointer,
      stateBefore.stride, stateGradient.pointer, stateGradient.stride, outputGradient?.pointer,
      outputGradient?.stride ?? 0)
  }

  /// Then of r; `resetGradient` dq becomes r ⊙ dq.
  static func gruBeforeResetBackward(gates: Matrix, seen: Matrix, resetGradient: Matrix) {
    kernels.gru_before_reset_backward(
      gates.rows, seen.columns, gates.pointer, gates.stride, seen.pointer, seen.stride,
      resetGradient.pointer, resetGradient.stride)
  }
}
