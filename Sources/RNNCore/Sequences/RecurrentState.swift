/// The recurrent state of a network between two stretches of the same sequences: a value that is passed
/// in and handed back, so that carrying it, resetting it or saving it is the caller's plain decision.
public struct RecurrentState: Sendable, Hashable {
  /// The number of sequences, B.
  public let sequenceCount: Int
  /// Floats of one sequence's state in the recurrent product: H, or the output size of a Jordan cell.
  public let stateWidth: Int
  /// H for cells with a cell state (LSTM), 0 for the others.
  public let cellWidth: Int
  /// For each layer and direction (index layer · D + direction), [B, stateWidth] in the caller's order.
  public var hidden: [[Float]]
  /// For each layer and direction, [B, cellWidth] in the caller's order.
  public var cell: [[Float]]

  /// All zeros.
  init(zerosFor count: Int, sequences: Int, stateWidth: Int, cellWidth: Int) {
    sequenceCount = sequences
    self.stateWidth = stateWidth
    self.cellWidth = cellWidth
    hidden = Array(repeating: Array(repeating: 0, count: sequences * stateWidth), count: count)
    cell = Array(repeating: Array(repeating: 0, count: sequences * cellWidth), count: count)
  }

  /// Makes the states of all layers of one sequence zero, as at the start of a new text.
  public mutating func reset(sequence: Int) {
    for index in hidden.indices {
      for column in 0..<stateWidth { hidden[index][sequence * stateWidth + column] = 0 }
      for column in 0..<cellWidth { cell[index][sequence * cellWidth + column] = 0 }
    }
  }
}
