/// The two sides from which a pass reads weights.
enum PassSide: Sendable {
  /// A product with the transpose: X·Wᵀ.
  case forward
  /// A product with the weights as they are: dA·W.
  case backward
}

/// One weight matrix, packed for both sides when a pass asks for it.
final class PackedSides: @unchecked Sendable {
  private let forward = PackedWeights()
  private let backward = PackedWeights()

  /// Packs anew.
  ///
  /// - Parameter gates: blocks of the matrix whose units the forward product computes together.
  @discardableResult
  func pack(
    _ matrix: Matrix, for side: PassSide, gates: Int = 1, team: ThreadTeam
  ) -> ProductWeights {
    switch side {
    case .forward: forward.pack(matrix, isTransposed: true, gates: gates, team: team)
    case .backward: backward.pack(matrix, isTransposed: false, gates: 1, team: team)
    }
  }

  /// What the last `pack` of the same matrix gave.
  func view(_ matrix: Matrix, for side: PassSide, gates: Int = 1) -> ProductWeights {
    switch side {
    case .forward: forward.view(matrix, isTransposed: true, gates: gates)
    case .backward: backward.view(matrix, isTransposed: false, gates: 1)
    }
  }
}

/// For which parameters each side was packed last.
struct PackedVersions {
  private var forward: ParameterVersion?
  private var backward: ParameterVersion?

  /// Whether the side is stale; from then on it counts as packed for these values.
  mutating func renew(_ side: PassSide, _ parameters: ParameterStore) -> Bool {
    let last = side == .forward ? forward : backward
    if let last, last.isCurrent(parameters) { return false }
    switch side {
    case .forward: forward = ParameterVersion(parameters)
    case .backward: backward = ParameterVersion(parameters)
    }
    return true
  }
}

/// One layer's weights as its products read them, packed anew when the parameters have changed: once a
/// training step, and not at all between the steps of a stream.
final class LayerWeights: @unchecked Sendable {
  private let input: [PackedSides]
  private let recurrent: [PackedSides]
  private let emission = PackedSides()
  private var versions = PackedVersions()

  init(_ shape: CellShape) {
    input = shape.inputBlocks.map { _ in PackedSides() }
    recurrent = shape.recurrentBlocks.map { _ in PackedSides() }
  }

  /// Packs what a pass reads, unless that was done for the same values.
  ///
  /// - Returns: whether the values are others than before.
  @discardableResult
  func pack(
    _ side: PassSide, _ layer: RecurrentLayer, _ parameters: ParameterStore, team: ThreadTeam
  ) -> Bool {
    guard versions.renew(side, parameters) else { return false }
    let (shape, weightIH) = (layer.shape, parameters.matrix(layer.weightIH))
    for (sides, block) in zip(input, shape.inputBlocks) {
      sides.pack(weightIH.gateRows(block, shape), for: side, team: team)
    }
    let weightHH = parameters.matrix(layer.weightHH)
    for (sides, block) in zip(recurrent, shape.recurrentBlocks) {
      sides.pack(weightHH.gateRows(block, shape), for: side, gates: block.count, team: team)
    }
    if let slice = layer.weightHO {
      emission.pack(parameters.matrix(slice), for: side, team: team)
    }
    return true
  }

  /// X·Wᵀ or dA·W for input block `index`.
  func input(
    _ index: Int, for side: PassSide, _ layer: RecurrentLayer, _ parameters: ParameterStore
  ) -> ProductWeights {
    let rows = parameters.matrix(layer.weightIH).gateRows(
      layer.shape.inputBlocks[index], layer.shape)
    return input[index].view(rows, for: side)
  }

  /// The products of recurrent block `index`, with the backward ones in BPTT; nil when there is no such block.
  func recurrent(
    _ index: Int, for side: PassSide, _ layer: RecurrentLayer, _ parameters: ParameterStore
  ) -> RecurrentProducts? {
    guard index < recurrent.count else { return nil }
    let block = layer.shape.recurrentBlocks[index]
    let rows = parameters.matrix(layer.weightHH).gateRows(block, layer.shape)
    return products(recurrent[index], rows, gates: block.count, for: side)
  }

  /// The products with Jordan's V; nil for other cells.
  func emission(
    for side: PassSide, _ layer: RecurrentLayer, _ parameters: ParameterStore
  ) -> RecurrentProducts? {
    layer.weightHO.map { products(emission, parameters.matrix($0), gates: 1, for: side) }
  }

  private func products(
    _ sides: PackedSides, _ matrix: Matrix, gates: Int, for side: PassSide
  ) -> RecurrentProducts {
    RecurrentProducts(
      forward: sides.view(matrix, for: .forward, gates: gates),
      backward: side == .backward ? sides.view(matrix, for: .backward) : nil)
  }
}

extension Matrix {
  /// The rows of a weight matrix [G·H, …] that belong to the gates of `block`.
  func gateRows(_ block: ProductBlock, _ shape: CellShape) -> Matrix {
    rows(block.gate * shape.hidden..<(block.gate + block.count) * shape.hidden)
  }

  /// The columns of gates [n, slots·H] that belong to the slots of `block`.
  func slotColumns(_ block: ProductBlock, _ shape: CellShape) -> Matrix {
    columns(block.slot * shape.hidden..<(block.slot + block.count) * shape.hidden)
  }
}
