/// The fused gate kernels on matrix views. `CKernels.h` has each one's mathematics, shapes and slots.
///
/// All work on the hidden units `units` of every row: `gates` is [n, slots·H], states and their gradients
/// are [n, H], the bias is [slots·H].
enum GateKernels {
  /// Slots of `gates`: preactivations in, gate values out; c and h of the step out.
  static func lstmForward(
    coupled: Bool, linear: LSTMLinearity, units: Range<Int>, gates: Matrix,
    bias: UnsafePointer<Float>,
    peephole: UnsafePointer<Float>?, cellBefore: Matrix, cell: Matrix, state: Matrix
  ) {
    let u = units.lowerBound
    kernels.lstm_forward(
      coupled, linear.contains(.input), linear.contains(.output), gates.rows, units.count,
      cell.columns, bias + u, peephole.map { $0 + u },
      gates.pointer + u, gates.stride, cellBefore.pointer + u, cell.pointer + u, cell.stride,
      state.pointer + u, state.stride)
  }

  /// Slots: gate values in, preactivation gradients out; dc of the step in, of the step before out.
  static func lstmBackward(
    coupled: Bool, linear: LSTMLinearity, units: Range<Int>, gates: Matrix,
    peephole: UnsafePointer<Float>?,
    cellBefore: Matrix, cell: Matrix, stateGradient: Matrix, outputGradient: Matrix?,
    cellGradient: Matrix
  ) {
    let u = units.lowerBound
    kernels.lstm_backward(
      coupled, linear.contains(.input), linear.contains(.output), gates.rows, units.count,
      cell.columns, peephole.map { $0 + u }, gates.pointer + u, gates.stride,
      cellBefore.pointer + u, cell.pointer + u, cell.stride,
      stateGradient.pointer + u, stateGradient.stride, outputGradient.map { $0.pointer + u },
      outputGradient?.stride ?? 0, cellGradient.pointer + u, cellGradient.stride)
  }

  /// Adds ‖dE/dc_t‖² of each row, as the slots stand before `lstmBackward`, to `squares`.
  static func lstmAddCellSquares(
    coupled: Bool, linear: LSTMLinearity, units: Range<Int>, gates: Matrix,
    peephole: UnsafePointer<Float>?, cell: Matrix, stateGradient: Matrix, outputGradient: Matrix?,
    cellGradient: Matrix,
    to squares: UnsafeMutablePointer<Double>
  ) {
    let u = units.lowerBound
    kernels.lstm_add_cell_squares(
      coupled, linear.contains(.output), gates.rows, units.count, cell.columns,
      peephole.map { $0 + u }, gates.pointer + u, gates.stride, cell.pointer + u, cell.stride,
      stateGradient.pointer + u, stateGradient.stride, outputGradient.map { $0.pointer + u },
      outputGradient?.stride ?? 0, cellGradient.pointer + u, cellGradient.stride, squares)
  }

  /// Reset after the product, slots n, r, z, m.
  static func gruAfterForward(
    units: Range<Int>, gates: Matrix, bias: UnsafePointer<Float>, stateBefore: Matrix,
    state: Matrix
  ) {
    let u = units.lowerBound
    kernels.gru_after_forward(
      gates.rows, units.count, state.columns, bias + u, gates.pointer + u, gates.stride,
      stateBefore.pointer + u, state.pointer + u, state.stride)
  }

  /// `stateGradient` becomes its elementwise part z ⊙ dh.
  static func gruAfterBackward(
    units: Range<Int>, gates: Matrix, stateBefore: Matrix, stateGradient: Matrix,
    outputGradient: Matrix?
  ) {
    let u = units.lowerBound
    kernels.gru_after_backward(
      gates.rows, units.count, stateBefore.columns, gates.pointer + u, gates.stride,
      stateBefore.pointer + u, stateBefore.stride, stateGradient.pointer + u, stateGradient.stride,
      outputGradient.map { $0.pointer + u }, outputGradient?.stride ?? 0)
  }

  /// Reset before the product, slots r, z, n, q: r, z and q = r ⊙ (the state that U sees).
  static func gruBeforeReset(
    units: Range<Int>, gates: Matrix, bias: UnsafePointer<Float>, seen: Matrix
  ) {
    let u = units.lowerBound
    kernels.gru_before_reset(
      gates.rows, units.count, seen.columns, bias + u, gates.pointer + u, gates.stride,
      seen.pointer + u, seen.stride)
  }

  /// Then n and h.
  static func gruBeforeUpdate(
    units: Range<Int>, gates: Matrix, bias: UnsafePointer<Float>, stateBefore: Matrix,
    state: Matrix
  ) {
    let u = units.lowerBound
    kernels.gru_before_update(
      gates.rows, units.count, state.columns, bias + u, gates.pointer + u, gates.stride,
      stateBefore.pointer + u, state.pointer + u, state.stride)
  }

  /// Backward of n, z and h; `stateGradient` becomes z ⊙ dh.
  static func gruBeforeUpdateBackward(
    units: Range<Int>, gates: Matrix, stateBefore: Matrix, stateGradient: Matrix,
    outputGradient: Matrix?
  ) {
    let u = units.lowerBound
    kernels.gru_before_update_backward(
      gates.rows, units.count, stateBefore.columns, gates.pointer + u, gates.stride,
      stateBefore.pointer + u, stateBefore.stride, stateGradient.pointer + u, stateGradient.stride,
      outputGradient.map { $0.pointer + u }, outputGradient?.stride ?? 0)
  }

  /// Then of r; `resetGradient` dq becomes r ⊙ dq.
  static func gruBeforeResetBackward(
    units: Range<Int>, gates: Matrix, seen: Matrix, resetGradient: Matrix
  ) {
    let u = units.lowerBound
    kernels.gru_before_reset_backward(
      gates.rows, units.count, seen.columns, gates.pointer + u, gates.stride, seen.pointer + u,
      seen.stride, resetGradient.pointer + u, resetGradient.stride)
  }
}
