/// What one layer and direction remembers of a forward pass for BPTT, and the space BPTT works in.
///
/// State slots come first, so that t = 0 is no special case: rows 0..<B hold the initial states,
/// row B + r belongs to packed row r. BPTT writes the preactivation gradients over the gate values.
///
/// Memory for N tokens: N · (slots·H + R + emission) floats, + N·H for a cell state, + N·R for
/// ragged batches, recurrent dropout or teacher forcing where recurrent weights read the state. The
/// input belongs to the layer below. A pass that is not recorded keeps the gates of one stretch of
/// steps, one cell state a sequence, and states and emission: N · (R + emission).
final class LayerTape: @unchecked Sendable {
  let shape: CellShape
  let weights: LayerWeights

  /// What a time loop works in.
  private(set) var memory: TapeMemory
  /// The gradient of the biases by slot, [slots·H]
  let biasGradient: FloatBuffer
  /// The rows that the layer read, [N, I]; owned by the layer below
  var input: Matrix
  /// The same rows as rows of a table; nil when they are not known to be
  var table: TableRows?
  /// The table's products by row of the table, [V, slots·H]
  let tableGates = FloatBuffer()
  /// The sums of preactivation gradients by row of the table, [V, slots·H]
  let tableSums = FloatBuffer()
  /// Sums that a cell makes gradients of when BPTT is done, [slots·H]
  let ownSums: FloatBuffer
  /// The stretch of a longer batch that the layer reads, where ``GradientCheckpointing`` cuts one;
  /// nil for a whole batch.
  var part: PassPart?
  /// What BPTT notes down of its gradients; nil when nobody asks
  var probe: GradientProbe?

  private let buffers = (0..<9).map { _ in FloatBuffer() }

  init(shape: CellShape, weights: LayerWeights) {
    self.shape = shape
    self.weights = weights
    biasGradient = FloatBuffer(shape.slots * shape.hidden)
    ownSums = FloatBuffer(shape.slots * shape.hidden)
    let nothing = Matrix(buffers[0].pointer, rows: 0, columns: 0)
    memory = TapeMemory(
      gates: nothing, state: nothing, cell: nothing, emission: nothing, stateGradient: nothing,
      cellGradient: nothing, scratch: nothing)
    input = nothing
  }

  /// Rows whose gates are computed in one stretch: about a megabyte, so that what the input
  /// projection wrote is still in the cache when the recurrent product adds to it.
  lazy var stretchRows = LayerTape.stretchRows(shape.slots * shape.hidden)

  static func stretchRows(_ gates: Int) -> Int { max(64, 262_144 / gates) }

  /// Makes room for a batch.
  ///
  /// - Parameters:
  ///   - isRecorded: whether BPTT will follow.
  ///   - copiesState: whether the recurrent product reads a copy of the states.
  func prepare(for layout: SequenceLayout, isRecorded: Bool, copiesState: Bool, usesMask: Bool) {
    let (count, rows) = (layout.sequenceCount, layout.rowCount)
    memory.isRecorded = isRecorded
    let stretch = min(rows, max(stretchRows, count))
    memory.gates = buffers[0].paddedMatrix(isRecorded ? rows : stretch, shape.slots * shape.hidden)
    memory.state = buffers[1].matrix(count + rows, shape.state)
    memory.cell = buffers[2].matrix(isRecorded ? count + rows : count, shape.cellState)
    memory.emission = buffers[3].matrix(rows, shape.emission)
    memory.recurrentInput = copiesState ? buffers[4].matrix(rows, shape.state) : nil
    memory.mask = usesMask ? buffers[8].matrix(count, shape.state) : nil
    guard isRecorded else { return }
    memory.stateGradient = buffers[5].matrix(count, shape.state)
    memory.cellGradient = buffers[6].matrix(count, shape.cellState)
    memory.scratch = buffers[7].matrix(count, max(shape.hidden, shape.state))
  }

  var gates: Matrix { memory.gates }

  /// The gates of some packed rows; not recorded: of a stretch that begins with them.
  func gates(_ rows: Range<Int>) -> Matrix {
    gates.rows(isRecorded ? rows : 0..<rows.count)
  }

  var state: Matrix { memory.state }
  var cell: Matrix { memory.cell }
  var emission: Matrix { memory.emission }
  var stateGradient: Matrix { memory.stateGradient }
  var cellGradient: Matrix { memory.cellGradient }
  var mask: Matrix? { memory.mask }
  var isRecorded: Bool { memory.isRecorded }

  /// What the layer gives to the one above, [N, output].
  var output: Matrix {
    shape.emission > 0 ? emission : stateRows
  }

  /// The state rows as dU needs them, [N, R]: the copy, or for a dense batch the states shifted by
  /// B.
  var recurrentRows: Matrix { memory.recurrentInput ?? state.rows(0..<emission.rows) }

  /// The state rows after each step, [N, R].
  var stateRows: Matrix { state.rows(state.rows - emission.rows..<state.rows) }
}

extension LayerTape {
  /// Whether the way forward begins, and the way back ends, with this pass.
  var isFirstPart: Bool { part?.isFirst ?? true }
  /// Whether the way back begins with this pass.
  var isLastPart: Bool { part?.isLast ?? true }

  /// Calls `body` with the view of all steps.
  ///
  /// - Parameter first: without a record, the first step of the stretch whose gates are kept.
  func withUnrolledSteps(
    of layout: SequenceLayout, from first: Int = 0, _ body: (UnrolledSteps) -> Void
  ) {
    layout.stepOffsets.withUnsafeBufferPointer { offsets in
      guard let base = offsets.baseAddress else { return }
      body(
        UnrolledSteps(
          memory, shape: (shape.hidden, shape.state), offsets: base,
          sequences: layout.sequenceCount, first: first))
    }
  }
}
