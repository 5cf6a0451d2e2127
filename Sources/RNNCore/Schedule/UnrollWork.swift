/// What one layer's time loop does in one direction of a pass, as far as its cost depends on it.
package struct UnrollWork: Sendable, Hashable {
  package enum Direction: Sendable, Hashable { case forward, backward }

  package var direction: Direction
  /// Time steps.
  package var steps: Int
  /// Sequences at the first of them.
  package var sequences: Int
  /// Rows of all steps: sequences times steps unless they end.
  package var tokens: Int
  /// H.
  package var hidden: Int
  /// Products of a step that wait for each other.
  package var products: Int
  /// Columns of gates that they fill.
  package var gateColumns: Int
  /// Numbers of their weights.
  package var weights: Int
  /// Whether a cell's threads may divide its units.
  package var canDivideUnits: Bool

  /// Threads that find work in the units.
  var mostUnitParts: Int {
    canDivideUnits ? (hidden + StepShare.unitGrain - 1) / StepShare.unitGrain : 1
  }

  /// Whether one thread is done before others have joined it: in about a microsecond.
  var isShort: Bool { ThreadTeam.isShort(tokens * weights) }

  /// A grid's part of it, as large as the largest that a thread of the grid has.
  func share(of grid: UnrollGrid) -> (rows: Int, units: Double) {
    let parts = mostUnitParts
    let vectors = (parts + grid.units - 1) / grid.units
    let parallel = steps * grid.rows
    return (
      max(1, (tokens + parallel - 1) / parallel), min(1, Double(vectors) / Double(parts))
    )
  }
}

extension UnrollWork {
  /// A grid with no more parts than there are sequences and units for.
  func fitting(_ grid: UnrollGrid) -> UnrollGrid {
    UnrollGrid(rows: min(grid.rows, sequences), units: min(grid.units, mostUnitParts))
  }

  /// Whether the largest part of a grid is at most a tenth larger than an equal share of all
  /// threads. Sequences of different lengths are shared out by their tokens.
  func isEven(_ grid: UnrollGrid, threads: Int) -> Bool {
    let isDense = tokens == sequences * steps
    let most = isDense ? (sequences + grid.rows - 1) / grid.rows * grid.rows : sequences
    let units = share(of: grid).units * Double(grid.units)
    return Double(most * threads) * units <= 1.1 * Double(sequences * grid.count)
  }

  /// Of a dense batch and a layer of a cell that takes its steps one after the other; nil for a
  /// cell whose units know nothing of each other.
  package init?(
    _ direction: Direction, cell: CellKind, hidden: Int, sequences: Int, steps: Int
  ) {
    let kernel = cell.kernel(input: 1, hidden: hidden)
    guard let stepped = kernel as? any SteppedKernel else { return nil }
    self.init(
      direction, stepped, sequences: sequences, steps: steps, tokens: sequences * steps)
  }

  init(
    _ direction: Direction, _ cell: any SteppedKernel, sequences: Int, steps: Int, tokens: Int
  ) {
    let (shape, products) = (cell.shape, cell.shape.stepProducts)
    let columns = products.reduce(0) { $0 + $1.rows.count }
    self.init(
      direction: direction, steps: steps, sequences: sequences, tokens: tokens,
      hidden: shape.hidden, products: products.count, gateColumns: columns,
      weights: columns * shape.state, canDivideUnits: cell.canDivideUnits)
  }
}
