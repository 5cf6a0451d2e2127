/// One layer's weights as its products read them, packed anew when the parameters have changed: once a
/// training step, and not at all between the steps of a stream.
final class LayerWeights: @unchecked Sendable {
  /// One weight block from both sides.
  private struct Pair {
    let forward = PackedWeights()
    let backward = PackedWeights()
  }

  private let input: [Pair]
  private let recurrent: [Pair]
  private let emission = Pair()
  private var packedForward: ParameterVersion?
  private var packedBackward: ParameterVersion?

  init(_ shape: CellShape) {
    input = shape.inputBlocks.map { _ in Pair() }
    recurrent = shape.recurrentBlocks.map { _ in Pair() }
  }

  /// Packs what a forward pass reads, unless that was done for the same values.
  func packForward(_ layer: RecurrentLayer, _ parameters: ParameterStore, team: ThreadTeam) {
    if let packedForward, packedForward.isCurrent(parameters) { return }
    let (shape, weightIH) = (layer.shape, parameters.matrix(layer.weightIH))
    for (pair, block) in zip(input, shape.inputBlocks) {
      _ = pair.forward.pack(
        weightIH.gateRows(block, shape), isTransposed: true, gates: 1, team: team)
    }
    let weightHH = parameters.matrix(layer.weightHH)
    for (pair, block) in zip(recurrent, shape.recurrentBlocks) {
      _ = pair.forward.pack(
        weightHH.gateRows(block, shape), isTransposed: true, gates: block.count, team: team)
    }
    if let slice = layer.weightHO {
      _ = emission.forward.pack(
        parameters.matrix(slice), isTransposed: true, gates: 1, team: team)
    }
    packedForward = ParameterVersion(parameters)
  }

  /// The same for BPTT.
  func packBackward(_ layer: RecurrentLayer, _ parameters: ParameterStore, team: ThreadTeam) {
    if let packedBackward, packedBackward.isCurrent(parameters) { return }
    let (shape, weightIH) = (layer.shape, parameters.matrix(layer.weightIH))
    for (pair, block) in zip(input, shape.inputBlocks) {
      _ = pair.backward.pack(
        weightIH.gateRows(block, shape), isTransposed: false, gates: 1, team: team)
    }
    let weightHH = parameters.matrix(layer.weightHH)
    for (pair, block) in zip(recurrent, shape.recurrentBlocks) {
      _ = pair.backward.pack(
        weightHH.gateRows(block, shape), isTransposed: false, gates: 1, team: team)
    }
    if let slice = layer.weightHO {
      _ = emission.backward.pack(
        parameters.matrix(slice), isTransposed: false, gates: 1, team: team)
    }
    packedBackward = ParameterVersion(parameters)
  }

  /// X·Wᵀ for input block `index`.
  func inputForward(
    _ index: Int, _ layer: RecurrentLayer, _ parameters: ParameterStore
  ) -> ProductWeights {
    let rows = parameters.matrix(layer.weightIH).gateRows(
      layer.shape.inputBlocks[index], layer.shape)
    return input[index].forward.view(rows, isTransposed: true, gates: 1)
  }

  /// dA·W for input block `index`.
  func inputBackward(
    _ index: Int, _ layer: RecurrentLayer, _ parameters: ParameterStore
  ) -> ProductWeights {
    let rows = parameters.matrix(layer.weightIH).gateRows(
      layer.shape.inputBlocks[index], layer.shape)
    return input[index].backward.view(rows, isTransposed: false, gates: 1)
  }

  /// The products of recurrent block `index`; nil when there is no such block.
  func recurrent(
    _ index: Int, _ layer: RecurrentLayer, _ parameters: ParameterStore
  ) -> RecurrentProducts? {
    guard index < recurrent.count else { return nil }
    let block = layer.shape.recurrentBlocks[index]
    let rows = parameters.matrix(layer.weightHH).gateRows(block, layer.shape)
    return RecurrentProducts(
      forward: recurrent[index].forward.view(rows, isTransposed: true, gates: block.count),
      backward: recurrent[index].backward.view(rows, isTransposed: false, gates: 1))
  }

  /// The products with Jordan's V; nil for other cells.
  func emission(_ layer: RecurrentLayer, _ parameters: ParameterStore) -> RecurrentProducts? {
    guard let slice = layer.weightHO else { return nil }
    let matrix = parameters.matrix(slice)
    return RecurrentProducts(
      forward: emission.forward.view(matrix, isTransposed: true, gates: 1),
      backward: emission.backward.view(matrix, isTransposed: false, gates: 1))
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
