/// What the time loop and BPTT need to know of a cell: its sizes, which gate slots its batched products
/// fill, and one step forward and backward. The loops are written once, for all cells.
///
/// A *gate* is a block of H rows in the weights, in PyTorch's order; a *slot* is a block of H columns
/// on the tape. Most cells have one slot a gate; GRU and Jordan keep one value more.
protocol RecurrentCell: Sendable {
  var shape: CellShape { get }

  /// Slots of the input blocks hold W x_t when it begins, others anything; they hold gate values, and
  /// the state rows h_t (and c_t), when it ends.
  func forward(_ step: CellStep, _ weights: CellWeights)

  /// Slots hold gate values when it begins and preactivation gradients when it ends; the carried
  /// gradients dE/dh_t (without this step's output gradient) and dE/dc_t become those of step t − 1.
  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights)
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
  /// Width of the state that the recurrent product reads: H, or O for Jordan.
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

/// The gates whose values can be read back after a forward pass.
public enum Gate: String, CaseIterable, Sendable, Hashable {
  /// LSTM: what may enter the cell state.
  case input
  /// LSTM: what stays in the cell state.
  case forget
  /// LSTM: g, what is written to the cell state; GRU: n, the new hidden state.
  case candidate
  /// LSTM: what the cell state shows.
  case output
  /// GRU: what the candidate sees of the old state.
  case reset
  /// GRU: what stays of the old state.
  case update
  /// Jordan: the hidden layer f(W x + U s + b).
  case hidden
}

/// The weights of one layer and direction, as views for the loops.
struct CellWeights {
  /// [G·H, I]
  var input: Matrix
  /// [G·H, R]
  var recurrent: Matrix
  /// b_ih + b_hh by slot, [slots·H]
  var bias: UnsafePointer<Float>
  /// LSTM peepholes, rows i, f, o (coupled: i, o), [3 or 2, H]
  var peephole: UnsafePointer<Float>?
  /// Jordan's V, [O, H]
  var emission: Matrix?
  /// Jordan's c, [O]
  var emissionBias: UnsafePointer<Float>?
}

/// One time step for the rows of one worker. `n` rows are active; all matrices have n rows.
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
  /// Adds U h_{t−1} to the slots of `block`.
  func addRecurrentProduct(_ block: ProductBlock, _ weights: CellWeights, hidden: Int) {
    let source =
      switch block.source {
      case .state: recurrentInput
      case .slot(let index): slot(index, hidden: hidden)
      }
    BLAS.multiply(
      source, .no, weights.recurrentRows(block, hidden: hidden), .yes,
      into: slot(block.slot, count: block.count, hidden: hidden), beta: 1)
  }

  /// dE/dh_{t−1} = keep · dE/dh_{t−1} + mask ⊙ (Uᵀ dG) for the slots of `block`.
  func propagate(
    _ block: ProductBlock, _ weights: CellWeights, hidden: Int, into gradient: StepGradient,
    keep: Float
  ) {
    let slots = slot(block.slot, count: block.count, hidden: hidden)
    let rows = weights.recurrentRows(block, hidden: hidden)
    guard let mask = gradient.mask else {
      BLAS.multiply(slots, .no, rows, into: gradient.state, beta: keep)
      return
    }
    let product = Matrix(gradient.scratch, rows: count, columns: gradient.state.columns)
    BLAS.multiply(slots, .no, rows, into: product, beta: 0)
    gradient.state.combine(keep: keep, product, mask: mask)
  }
}

extension CellWeights {
  func recurrentRows(_ block: ProductBlock, hidden: Int) -> Matrix {
    recurrent.rows(block.gate * hidden..<(block.gate + block.count) * hidden)
  }
}

extension HiddenActivation {
  var function: Activation {
    switch self {
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .relu: .relu
    }
  }
}
