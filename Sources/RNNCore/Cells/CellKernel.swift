/// What the time loop and BPTT need to know of a cell: its shape, and its steps, which are a
/// ``SteppedKernel``'s or an ``ElementwiseKernel``'s. The loops are written once, for all cells.
protocol CellKernel: Sendable {
  var shape: CellShape { get }

  /// What the states come out of, which says how large they can be.
  var stateActivation: Activation { get }

  /// What a candidate comes out of.
  var candidateActivation: Activation { get }

  /// Whether the state is the ``stateActivation`` of the only preactivation, so that nothing but U
  /// leads from one state to the next.
  var hasOnePreactivation: Bool { get }

  /// Adds ‖dE/dh_t‖² over the worker's units to one number a row, as the step stands before
  /// `backward`: the whole derivative, of the narrowest place that all of a step's influence passes
  /// through.
  func addStateGradientSquares(
    _ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights,
    to squares: UnsafeMutablePointer<Double>)

  /// Adds ‖dE/dc_t‖² over the worker's units to one number a row, as the step stands before
  /// `backward`: the whole derivative, with h_t following c_t. Only cells with a cell state are
  /// asked.
  func addCellGradientSquares(
    _ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights,
    to squares: UnsafeMutablePointer<Double>)

  /// Computes the numbers that steps read in place of parameters, ``CellShape/derived`` of them,
  /// whenever these change.
  func derive(_ weights: CellWeights, into derived: UnsafeMutablePointer<Float>)

  /// Adds the gradients of parameters that no product reads, when BPTT is done.
  func addOwnGradients(_ pass: FinishedPass, team: ThreadTeam)
}

extension CellKernel {
  var stateActivation: Activation { .tanh }
  var candidateActivation: Activation { .tanh }
  var hasOnePreactivation: Bool { false }

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

  func derive(_ weights: CellWeights, into derived: UnsafeMutablePointer<Float>) {}
  func addOwnGradients(_ pass: FinishedPass, team: ThreadTeam) {}
}

/// A cell that reads products with the state before, one step after the other.
protocol SteppedKernel: CellKernel {
  /// Whether workers may divide the hidden units of a step among them.
  var canDivideUnits: Bool { get }

  /// Slots of the input products hold W x_t when it begins, others anything; they hold gate values,
  /// and the state rows h_t (and c_t), when it ends.
  func forward(_ step: CellStep, _ weights: CellWeights)

  /// Slots hold gate values when it begins and preactivation gradients when it ends; the carried
  /// gradients dE/dh_t (without this step's output gradient) and dE/dc_t become those of step t −
  /// 1.
  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights)
}

extension SteppedKernel {
  var canDivideUnits: Bool { true }
}

/// A cell whose units know nothing of each other in the recurrence: all steps of a stretch are one
/// pass along time, which workers divide by sequences or by units without waiting for each other.
protocol ElementwiseKernel: CellKernel {
  /// As the steps of a ``SteppedKernel``, one after the other.
  func forward(_ steps: CellSteps, _ weights: CellWeights)

  /// As the steps of a ``SteppedKernel``, last first.
  func backward(_ steps: CellSteps, _ weights: CellWeights)
}

/// The weights of one layer and direction, as views for the loops.
struct CellWeights: @unchecked Sendable {
  /// One for each of the cell's step products.
  fileprivate let products: UnsafePointer<StepProduct>
  /// The values of each parameter.
  fileprivate let parameters: UnsafePointer<UnsafeMutablePointer<Float>>
  /// b_ih + b_hh by slot, [slots·H]
  let bias: UnsafePointer<Float>
  /// What the cell has derived from its parameters.
  let derived: UnsafePointer<Float>

  init(
    products: UnsafePointer<StepProduct>,
    parameters: UnsafePointer<UnsafeMutablePointer<Float>>, bias: UnsafePointer<Float>,
    derived: UnsafePointer<Float>
  ) {
    (self.products, self.parameters) = (products, parameters)
    (self.bias, self.derived) = (bias, derived)
  }

  /// The step product at a place of the cell's list.
  func product(_ index: Int) -> StepProduct { products[index] }

  /// The values of the parameter at a place of the cell's list.
  func parameter(_ index: Int) -> UnsafePointer<Float> { UnsafePointer(parameters[index]) }
}

/// A block of weights [M, K], seen from both sides.
struct StepProduct {
  /// s·Wᵀ, [n, K] to [n, M]
  var forward: ProductWeights
  /// dA·W, [n, M] to [n, K]; nil in a pass without BPTT
  var backward: ProductWeights?
}

/// One time step for one worker: `n` rows, and those hidden units of theirs that are the worker's.
struct CellStep {
  /// H
  var hidden: Int
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
  /// What the layer gives where that is not its state, [n, emission]; its gradient after the
  /// backward step
  var emission: Matrix
  /// The hidden units to compute: all H, or a share when workers divide them.
  var units: Range<Int>
  /// The columns of the state that belong to them: all R, or the same share.
  var stateColumns: Range<Int>
  /// Where workers that divide units wait for each other.
  var barrier: TeamBarrier
  /// Whether weights are read from their end.
  var sweepsBackwards = false

  var count: Int { gates.rows }

  func slot(_ index: Int, count slots: Int = 1, hidden: Int) -> Matrix {
    gates.slot(index, count: slots, hidden: hidden)
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
  /// Calls `body` with the worker's units in blocks of four vectors, which are whole panels, and
  /// which the kernels of gates compute at once; of more where few rows would make a call do
  /// little. A block is so small that what a product wrote of it is still in the core's cache when
  /// its gates are computed.
  func forEachBlock(of product: StepProduct, _ body: (Range<Int>) -> Void) {
    let vectors = 4 * max(1, CellStep.rowsPerBlock / max(1, count))
    let grain = vectors * product.forward.unitGrain
    let (first, last) = (units.lowerBound / grain, (units.upperBound + grain - 1) / grain)
    for index in 0..<last - first {
      let block = sweepsBackwards ? last - 1 - index : first + index
      body((block * grain..<(block + 1) * grain).clamped(to: units))
    }
  }

  private static let rowsPerBlock = 32

  /// Adds s Uᵀ to some units of the slots of `place`, s being the state before or a slot.
  func add(
    _ product: StepProduct, _ place: CellProduct, units: Range<Int>, hidden: Int
  ) {
    let source =
      if case .slot(let index) = place.source {
        gates.slot(index, hidden: hidden)
      } else {
        recurrentInput
      }
    product.forward.multiply(
      source, units: units, add: true, into: gates.columns(of: place), sweep: sweep(after: units))
  }

  /// The sweep of a block of units: what comes after it is the next block, and nothing at the end,
  /// where the next step begins with the same.
  private func sweep(after block: Range<Int>) -> WeightSweep {
    let next = sweepsBackwards ? block.lowerBound - 1 : block.upperBound
    return WeightSweep(
      isBackwards: sweepsBackwards, nextUnit: units.contains(next) ? next : nil)
  }

  /// Waits for the workers that divide the units of these rows, and asks for what they have written
  /// of `matrix`, [n, H] or [n, slots·H], all at once: a product comes to its lines one after the
  /// other, and would wait for another core at each.
  func waitForOthers(toWrite matrix: Matrix) {
    guard barrier.isShared else { return }
    assert(matrix.columns % hidden == 0)
    barrier.wait()
    for slot in stride(from: 0, to: matrix.columns, by: hidden) {
      matrix.fetch(slot..<slot + units.lowerBound)
      matrix.fetch(slot + units.upperBound..<slot + hidden)
    }
  }

  /// dE/dh_{t−1} = (keep ? dE/dh_{t−1} : 0) + mask ⊙ (dA U) for the slots of `place`, in the
  /// worker's columns, when all workers have written their units of dA.
  func propagate(
    _ product: StepProduct, _ place: CellProduct, hidden: Int, into gradient: StepGradient,
    keep: Bool
  ) {
    guard let product = product.backward else { preconditionFailure("BPTT needs dA·U") }
    let slots = gates.columns(of: place)
    waitForOthers(toWrite: slots)
    let sweep = WeightSweep(isBackwards: sweepsBackwards)
    guard let mask = gradient.mask else {
      product.multiply(
        slots, units: stateColumns, add: keep, into: gradient.state, sweep: sweep)
      return
    }
    let seen = Matrix(gradient.scratch, rows: count, columns: gradient.state.columns)
    product.multiply(slots, units: stateColumns, add: false, into: seen, sweep: sweep)
    gradient.state.columns(stateColumns).combine(
      keep: keep ? 1 : 0, seen.columns(stateColumns), mask: mask.columns(stateColumns))
  }
}
