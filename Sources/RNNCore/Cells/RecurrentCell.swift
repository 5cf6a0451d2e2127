/// What the time loop and BPTT need to know of a cell: its sizes, which gate slots its batched products
/// fill, and one step forward and backward. The loops are written once, for all cells.
///
/// A *gate* is a block of H rows in the weights, in PyTorch's order; a *slot* is a block of H columns
/// on the tape. Most cells have one slot a gate; GRU and Jordan keep one value more.
protocol RecurrentCell: Sendable {
  var shape: CellShape { get }

  /// Whether workers may divide the hidden units of a step among them.
  var canDivideUnits: Bool { get }

  /// What the states come out of, which says how large they can be.
  var stateActivation: Activation { get }

  /// What a candidate comes out of.
  var candidateActivation: Activation { get }

  /// Slots of the input blocks hold W x_t when it begins, others anything; they hold gate values, and
  /// the state rows h_t (and c_t), when it ends.
  func forward(_ step: CellStep, _ weights: CellWeights)

  /// Slots hold gate values when it begins and preactivation gradients when it ends; the carried
  /// gradients dE/dh_t (without this step's output gradient) and dE/dc_t become those of step t − 1.
  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights)

  /// Adds ‖dE/dh_t‖² over the worker's units to one number a row, as the step stands before `backward`:
  /// the whole derivative, of the narrowest place that all of a step's influence passes through.
  func addStateGradientSquares(
    _ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights,
    to squares: UnsafeMutablePointer<Double>)

  /// Adds ‖dE/dc_t‖² over the worker's units to one number a row, as the step stands before `backward`:
  /// the whole derivative, with h_t following c_t. Only cells with a cell state are asked.
  func addCellGradientSquares(
    _ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights,
    to squares: UnsafeMutablePointer<Double>)
}

extension RecurrentCell {
  var canDivideUnits: Bool { true }
  var stateActivation: Activation { .tanh }
  var candidateActivation: Activation { .tanh }

  func addStateGradientSquares(
    _ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights,
    to squares: UnsafeMutablePointer<Double>
  ) {
    let units = step.stateColumns
    gradient.state.columns(units).addRowSquares(
      plus: gradient.output?.columns(units), to: squares)
  }

  func addCellGradientSquares(
    _ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights,
    to squares: UnsafeMutablePointer<Double>
  ) { preconditionFailure("the cell has no cell state") }
}

/// The sizes of a cell.
struct CellShape: Sendable, Hashable {
  /// I.
  var input: Int
  /// H.
  var hidden: Int
  /// G: blocks of H rows in weight_ih and weight_hh.
  var gates: Int
  /// Blocks of H columns on the tape.
  var slots: Int
  /// Width of the state that the recurrent product reads: H; O for Jordan, H + O for Elman-Jordan.
  var state: Int
  /// Width of what the cell emits beside its state (Jordan: O, the output preactivation); else 0.
  var emission = 0
  /// Whether there is a cell state of width H.
  var hasCellState = false
  /// Slots that the input projection fills.
  var inputBlocks: [ProductBlock]
  /// Slots that the recurrent product adds to.
  var recurrentBlocks: [ProductBlock]
  /// What each slot holds after the forward pass, by name.
  var gateSlots: [Gate: Int]

  /// The first slots, up to the last that a product feeds.
  var fedSlots: Int {
    max(
      inputBlocks.reduce(0) { max($0, $1.slot + $1.count) },
      recurrentBlocks.reduce(0) { max($0, $1.slot + $1.count) })
  }

  /// Columns of the state that hold the output which is fed back; the columns before them hold h.
  var fedBack: Range<Int> { state - emission..<state }

  /// Width of the layer's output: the emission where there is one, else the state.
  var output: Int { emission > 0 ? emission : state }

  /// Floating-point operations of the forward matrix products for one token.
  var flopsPerToken: Double {
    2 * Double(gates * hidden) * Double(input + state) + 2 * Double(emission * hidden)
  }
}

/// `count` gates of a weight matrix, from `gate` on, that belong to slots from `slot` on.
struct ProductBlock: Sendable, Hashable {
  /// What is multiplied by the recurrent weights.
  enum Source: Sendable, Hashable {
    /// h_{t−1} as the recurrent product sees it (dropout applied).
    case state
    /// The value in a slot: r ⊙ h_{t−1} for the GRU that resets before the product.
    case slot(Int)
  }

  var slot: Int
  var gate: Int
  var count: Int
  var source = Source.state
}

/// The weights of one layer and direction, as views for the loops.
struct CellWeights {
  /// For each of the cell's recurrent blocks, the products with its rows of U: there and back.
  var recurrent: RecurrentProducts
  /// Those of the second block: GRUs that reset before the product.
  var candidate: RecurrentProducts?
  /// b_ih + b_hh by slot, [slots·H]
  var bias: UnsafePointer<Float>
  /// LSTM peepholes, rows i, f, o (coupled: i, o), [3 or 2, H]
  var peephole: UnsafePointer<Float>?
  /// Jordan's V [O, H]: h·Vᵀ and dz·V
  var emission: RecurrentProducts?
  /// Jordan's c, [O]
  var emissionBias: UnsafePointer<Float>?
}

/// A block of weights [count·H, R], seen from both sides.
struct RecurrentProducts {
  /// h·Uᵀ, [n, R] to [n, count·H]
  var forward: ProductWeights
  /// dA·U, [n, count·H] to [n, R]; nil in a pass without BPTT
  var backward: ProductWeights?
}

/// One time step for one worker: `n` rows, and those hidden units of theirs that are the worker's.
struct CellStep {
  /// [n, slots·H]
  var gates: Matrix
  /// h_{t−1}, [n, R]
  var stateBefore: Matrix
  /// h_{t−1} as the recurrent product sees it, [n, R]
  var recurrentInput: Matrix
  /// h_t, [n, R]
  var state: Matrix
  /// c_{t−1} and c_t, [n, H]; empty without a cell state
  var cellBefore: Matrix
  var cell: Matrix
  /// Jordan's z_t, [n, O]; its gradient after the backward step
  var emission: Matrix
  /// The hidden units to compute: all H, or a share when workers divide them.
  var units: Range<Int>
  /// The columns of the state that belong to them: all R, or the same share.
  var stateColumns: Range<Int>
  /// Where workers that divide units wait for each other.
  var barrier: TeamBarrier

  var count: Int { gates.rows }

  func slot(_ index: Int, count slots: Int = 1, hidden: Int) -> Matrix {
    gates.columns(index * hidden..<(index + slots) * hidden)
  }
}

/// The gradients that one backward step reads and writes.
struct StepGradient {
  /// dE/dh_t carried from step t + 1 in, dE/dh_{t−1} out, [n, R]
  var state: Matrix
  /// dE/dc_t in, dE/dc_{t−1} out, [n, H]; empty without a cell state
  var cell: Matrix
  /// The loss's own gradient of this step's output, [n, output]; nil where there is none
  var output: Matrix?
  /// Space for [n, max(H, R)]
  var scratch: UnsafeMutablePointer<Float>
  /// Recurrent dropout, [n, R]; nil without
  var mask: Matrix?
}

extension CellStep {
  /// Calls `body` with the worker's units in blocks, so small that what a product wrote of a block is
  /// still in the L1 cache when its gates are computed, and with enough work to pay for the calls.
  func forEachBlock(of weights: ProductWeights, _ body: (Range<Int>) -> Void) {
    let grain = weights.unitGrain * max(1, CellStep.rowsPerBlock / max(1, count))
    var first = units.lowerBound
    while first < units.upperBound {
      let last = min(first + grain, units.upperBound)
      body(first..<last)
      first = last
    }
  }

  private static let rowsPerBlock = 16

  /// Adds h_{t−1} Uᵀ to some units of the slots of `block`.
  func addRecurrentProduct(
    _ block: ProductBlock, _ weights: RecurrentProducts, units: Range<Int>, hidden: Int
  ) {
    let source =
      switch block.source {
      case .state: recurrentInput
      case .slot(let index): slot(index, hidden: hidden)
      }
    weights.forward.multiply(
      source, units: units, add: true, into: slot(block.slot, count: block.count, hidden: hidden))
  }

  /// dE/dh_{t−1} = (keep ? dE/dh_{t−1} : 0) + mask ⊙ (dA U) for the slots of `block`, in the worker's
  /// columns, when all workers have written their units of dA.
  func propagate(
    _ block: ProductBlock, _ weights: RecurrentProducts, hidden: Int, into gradient: StepGradient,
    keep: Bool
  ) {
    guard let product = weights.backward else { preconditionFailure("BPTT needs dA·U") }
    barrier.wait()
    let slots = slot(block.slot, count: block.count, hidden: hidden)
    guard let mask = gradient.mask else {
      product.multiply(slots, units: stateColumns, add: keep, into: gradient.state)
      return
    }
    let seen = Matrix(gradient.scratch, rows: count, columns: gradient.state.columns)
    product.multiply(slots, units: stateColumns, add: false, into: seen)
    gradient.state.columns(stateColumns).combine(
      keep: keep ? 1 : 0, seen.columns(stateColumns), mask: mask.columns(stateColumns))
  }
}

extension HiddenActivation {
  var function: Activation {
    switch self {
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .relu: .relu
    case .identity: .identity
    }
  }
}
