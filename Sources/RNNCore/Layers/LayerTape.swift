/// What one layer and direction remembers of a forward pass for BPTT, and the space BPTT works in.
///
/// State slots come first, so that t = 0 is no special case: rows 0..<B hold the initial states, row
/// B + r belongs to packed row r. BPTT writes the preactivation gradients over the gate values.
/// Memory for N tokens: N · (slots·H + R + emission) floats, + N·H for a cell state, + N·R for ragged
/// batches, recurrent dropout or teacher forcing. The input belongs to the layer below.
final class LayerTape: @unchecked Sendable {
  let shape: CellShape

  /// [N, slots·H]
  private(set) var gates: Matrix
  /// [B + N, R]
  private(set) var state: Matrix
  /// [B + N, H]; no columns without a cell state
  private(set) var cell: Matrix
  /// [N, O]; no columns without an emission
  private(set) var emission: Matrix
  /// h_{t−1} of each row as the recurrent product saw it, [N, R]; nil when it is `state` shifted
  private(set) var recurrentInput: Matrix?
  /// b_ih + b_hh by slot, [slots·H]
  let bias: FloatBuffer
  /// Its gradient by slot, [slots·H]
  let biasGradient: FloatBuffer
  /// dE/dh and dE/dc as BPTT carries them, [B, R] and [B, H]
  private(set) var stateGradient: Matrix
  private(set) var cellGradient: Matrix
  /// Space for one matrix [B, max(H, R)]
  private(set) var scratch: Matrix
  /// Recurrent dropout, [B, R]
  private(set) var mask: Matrix?
  /// The rows that the layer read, [N, I]; owned by the layer below
  var input: Matrix

  private let buffers = (0..<9).map { _ in FloatBuffer() }

  init(shape: CellShape) {
    self.shape = shape
    bias = FloatBuffer(shape.slots * shape.hidden)
    biasGradient = FloatBuffer(shape.slots * shape.hidden)
    let nothing = Matrix(buffers[0].pointer, rows: 0, columns: 0)
    (gates, state, cell, emission) = (nothing, nothing, nothing, nothing)
    (stateGradient, cellGradient, scratch, input) = (nothing, nothing, nothing, nothing)
  }

  /// Makes room for a batch. `copiesState`: whether the recurrent product reads a copy of the states.
  func prepare(for layout: SequenceLayout, copiesState: Bool, usesMask: Bool) {
    let (count, rows) = (layout.sequenceCount, layout.rowCount)
    let cellWidth = shape.hasCellState ? shape.hidden : 0
    gates = buffers[0].matrix(rows, shape.slots * shape.hidden)
    state = buffers[1].matrix(count + rows, shape.state)
    cell = buffers[2].matrix(count + rows, cellWidth)
    emission = buffers[3].matrix(rows, shape.emission)
    recurrentInput = copiesState ? buffers[4].matrix(rows, shape.state) : nil
    stateGradient = buffers[5].matrix(count, shape.state)
    cellGradient = buffers[6].matrix(count, cellWidth)
    scratch = buffers[7].matrix(count, max(shape.hidden, shape.state))
    mask = usesMask ? buffers[8].matrix(count, shape.state) : nil
  }

  /// What the layer gives to the one above, [N, output].
  var output: Matrix {
    shape.emission > 0 ? emission : state.rows(state.rows - gates.rows..<state.rows)
  }

  /// The state rows as dU needs them, [N, R]: the copy, or for a dense batch the states shifted by B.
  var recurrentRows: Matrix { recurrentInput ?? state.rows(0..<gates.rows) }
}
