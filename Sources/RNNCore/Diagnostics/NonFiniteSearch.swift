/// Searches of the tape after a step that failed; a step that did not never comes here.
extension RecurrentNetwork {
  /// The first state that is not finite: of the lowest layer that has one, at the step that was
  /// read first.
  func firstNonFiniteState(on tape: RecurrentTape) -> NonFiniteOrigin? {
    guard let layout = tape.layout else { return nil }
    return firstLevel(levels: Array(0..<configuration.layers)) { index in
      let layer = tape.layers[index]
      let first = layout.sequenceCount
      let hidden = layer.state.rows(first..<layer.state.rows).firstNonFiniteRow
      let cell =
        layer.shape.hasCellState ? layer.cell.rows(first..<layer.cell.rows).firstNonFiniteRow : nil
      guard let row = [hidden, cell].compactMap({ $0 }).min() else { return nil }
      // h_t is made of c_t.
      return (row, cell == row ? .cellState : .hiddenState)
    } order: {
      layout.step(ofRow: $0) < layout.step(ofRow: $1)
    } place: {
      origin($2, layer: $0, row: $1, layout: layout)
    }
  }

  /// The first preactivation gradient that BPTT made not finite: of the top layer that has one, at
  /// the step read last. Failing that, the first whose product with the layer's input or state is
  /// not.
  func firstNonFiniteGradient(on tape: RecurrentTape) -> NonFiniteOrigin? {
    guard let layout = tape.layout, tape.phase == .backward else { return nil }
    let levels = Array((0..<configuration.layers).reversed())
    func search(
      _ quantity: NonFiniteOrigin.Quantity, _ find: (LayerTape) -> Int?
    ) -> NonFiniteOrigin? {
      firstLevel(levels: levels) { index in
        find(tape.layers[index]).map { ($0, quantity) }
      } order: {
        layout.step(ofRow: $0) > layout.step(ofRow: $1)
      } place: {
        origin($2, layer: $0, row: $1, layout: layout)
      }
    }
    return search(.preactivationGradient) { layer in
      [layer.gates.lastNonFiniteRow, layer.emission.lastNonFiniteRow].compactMap { $0 }.max()
    }
      ?? search(.weightGradient) { layer in
        let products = [layer.input, layer.recurrentRows].map {
          layer.gates.lastRow(overflowingWith: $0)
        }
        return products.compactMap { $0 }.max()
      }
  }

  /// The finding of the first level that has one; of its directions the one that comes first by
  /// `order`.
  private func firstLevel(
    levels: [Int], _ find: (_ layer: Int) -> (row: Int, quantity: NonFiniteOrigin.Quantity)?,
    order: (Int, Int) -> Bool,
    place: (_ layer: Int, _ row: Int, NonFiniteOrigin.Quantity) -> NonFiniteOrigin
  ) -> NonFiniteOrigin? {
    let directions = configuration.directions.count
    for level in levels {
      let found = (0..<directions).compactMap { direction in
        find(level * directions + direction).map { (level * directions + direction, $0) }
      }
      if let first = found.min(by: { order($0.1.row, $1.1.row) }) {
        return place(first.0, first.1.row, first.1.quantity)
      }
    }
    return nil
  }

  private func origin(
    _ quantity: NonFiniteOrigin.Quantity, layer index: Int, row: Int, layout: SequenceLayout
  ) -> NonFiniteOrigin {
    let isReverse = index % configuration.directions.count == 1
    let (sequence, step) = layout.place(ofRow: isReverse ? layout.mirroredRows[row] : row)
    return NonFiniteOrigin(
      quantity: quantity, layer: layers[index].name, sequence: sequence, step: step)
  }
}

extension SequenceLayout {
  /// The step that a packed row belongs to.
  func step(ofRow row: Int) -> Int {
    var (low, high) = (0, stepCount)
    while high - low > 1 {
      let middle = (low + high) / 2
      if stepOffsets[middle] <= row { low = middle } else { high = middle }
    }
    return low
  }

  /// The caller's sequence and the step of a packed row.
  func place(ofRow row: Int) -> (sequence: Int, step: Int) {
    let step = step(ofRow: row)
    return (order[row - stepOffsets[step]], step)
  }
}

extension Matrix {
  var firstNonFiniteRow: Int? { (0..<rows).first { !isFinite(row: $0) } }
  var lastNonFiniteRow: Int? { (0..<rows).last { !isFinite(row: $0) } }

  private func isFinite(row: Int) -> Bool {
    kernels.first_non_finite(columns, pointer + row * stride) < 0
  }

  /// The last row that has a product of one element of this matrix and one of `other` beyond
  /// `Float`.
  func lastRow(overflowingWith other: Matrix) -> Int? {
    func largest(_ matrix: Matrix, _ row: Int) -> Float {
      matrix.row(row).reduce(0) { Swift.max($0, $1.magnitude) }
    }
    return (0..<min(rows, other.rows)).last { !(largest(self, $0) * largest(other, $0)).isFinite }
  }
}
