/// What BPTT notes of the gradients that pass through one layer and direction, while a profile is
/// taken: ‖dE/dh_t‖² and ‖dE/dc_t‖² of each packed row, in `Double`, since squares of vanished
/// gradients would underflow.
///
/// dE/dh_t is the whole derivative: what later steps and the loss at step t contribute (for a
/// Jordan layer that of the output's preactivation z_t, which the loss looks at). dE/dc_t is the
/// whole derivative too, h_t following c_t.
final class GradientProbe: @unchecked Sendable {
  /// [shares, N] each: workers that divide the hidden units of a row write to shares of their own.
  private var state: UnsafeMutableBufferPointer<Double>
  private var cell: UnsafeMutableBufferPointer<Double>
  private var rows = 0
  private var shares = 0

  init() {
    state = .allocate(capacity: 0)
    cell = .allocate(capacity: 0)
  }

  deinit {
    state.deallocate()
    cell.deallocate()
  }

  /// Makes room for a batch and begins at zero.
  func prepare(rows: Int, shares: Int) {
    (self.rows, self.shares) = (rows, shares)
    if state.count < rows * shares {
      state.deallocate()
      cell.deallocate()
      state = .allocate(capacity: rows * shares)
      cell = .allocate(capacity: rows * shares)
    }
    state.initialize(repeating: 0)
    cell.initialize(repeating: 0)
  }

  /// To be called before the backward step.
  func record(
    _ cell: some CellKernel, _ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights,
    rows packed: Range<Int>, share: Int
  ) {
    guard let target = place(packed, share, of: state) else { return }
    cell.addStateGradientSquares(step, gradient, weights, to: target)
    if cell.shape.hasCellState, let target = place(packed, share, of: self.cell) {
      cell.addCellGradientSquares(step, gradient, weights, to: target)
    }
  }

  /// ‖dE/dh_t‖² of a packed row.
  func stateSquare(_ row: Int) -> Double { sum(row, of: state) }

  /// ‖dE/dc_t‖² of a packed row.
  func cellSquare(_ row: Int) -> Double { sum(row, of: cell) }

  private func sum(_ row: Int, of values: UnsafeMutableBufferPointer<Double>) -> Double {
    (0..<shares).reduce(0) { $0 + values[$1 * rows + row] }
  }

  private func place(
    _ packed: Range<Int>, _ share: Int, of values: UnsafeMutableBufferPointer<Double>
  ) -> UnsafeMutablePointer<Double>? {
    precondition(share < shares && packed.upperBound <= rows, "a probe is prepared for its batch")
    return values.baseAddress.map { $0 + share * rows + packed.lowerBound }
  }
}
