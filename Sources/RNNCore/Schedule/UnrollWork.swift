/// What a cell's time loop does at a step, whatever the batch: what a layer knows of itself.
package struct TimeLoop: Sendable, Hashable {
  /// H.
  var hidden: Int
  /// Products of a step that wait for each other.
  var products: Int
  /// Columns of gates that they fill.
  var gateColumns: Int
  /// Numbers of their weights.
  var weights: Int
  /// Vectors of a panel of most of them: one a gate, or 4 neighbours.
  var panelVectors: Int
  /// Parts into which threads can divide the units: vectors of a packed weight, or all units.
  var mostUnitParts: Int

  init(_ cell: some SteppedKernel) {
    let shape = cell.shape
    hidden = shape.hidden
    products = shape.stepProducts.count
    gateColumns = shape.stepProducts.reduce(0) { $0 + $1.rows.count }
    weights = gateColumns * shape.state
    let gates = shape.stepProducts.map(\.gates).max() ?? 1
    panelVectors = gates > 1 ? gates : 4
    let grain = StepShare.unitGrain
    mostUnitParts = cell.canDivideUnits ? (shape.hidden + grain - 1) / grain : 1
  }

  /// Of a layer of a cell; nil for one whose units know nothing of each other, which has no steps
  /// that wait for the one before.
  package init?(_ cell: CellKind, hidden: Int) {
    guard let stepped = cell.kernel(input: 1, hidden: hidden) as? any SteppedKernel else {
      return nil
    }
    self.init(stepped)
  }
}

/// A stretch of a time loop over a batch, as far as its cost depends on it.
package struct UnrollWork: Sendable, Hashable {
  var loop: TimeLoop
  var side: PassSide
  /// Time steps.
  var steps: Int
  /// Sequences at the first of them.
  var sequences: Int
  /// Rows of all steps: sequences times steps unless some end before.
  var tokens: Int

  init(_ loop: TimeLoop, _ side: PassSide, steps: Int, sequences: Int, tokens: Int) {
    (self.loop, self.side) = (loop, side)
    (self.steps, self.sequences, self.tokens) = (steps, sequences, tokens)
  }

  /// The work of a stretch of sequences that are all equally long.
  package init(_ loop: TimeLoop, _ side: PassSide, steps: Int, sequences: Int) {
    self.init(loop, side, steps: steps, sequences: sequences, tokens: steps * sequences)
  }

  /// Whether one thread is done before others have joined it: in about a microsecond.
  var isShort: Bool { ThreadTeam.isShort(tokens * loop.weights) }

  /// What a grid's thread has that has most: rows, and the part of the units, from 0 to 1.
  func share(of grid: UnrollGrid) -> (rows: Int, units: Double) {
    let (parts, rows) = (loop.mostUnitParts, steps * grid.rows)
    let most = (parts + grid.units - 1) / grid.units
    return (max(1, (tokens + rows - 1) / rows), Double(most) / Double(parts))
  }

  /// A grid with no more parts than there are sequences and units for.
  func fitting(_ grid: UnrollGrid) -> UnrollGrid {
    UnrollGrid(rows: min(grid.rows, sequences), units: min(grid.units, loop.mostUnitParts))
  }

  /// Whether the largest part of a grid is at most a tenth larger than an equal share of all
  /// threads. Sequences of different lengths are shared out by their tokens.
  func isEven(_ grid: UnrollGrid, threads: Int) -> Bool {
    let isDense = tokens == sequences * steps
    let most = isDense ? (sequences + grid.rows - 1) / grid.rows * grid.rows : sequences
    let units = share(of: grid).units * Double(grid.units)
    return Double(most * threads) * units <= 1.1 * Double(sequences * grid.count)
  }
}
