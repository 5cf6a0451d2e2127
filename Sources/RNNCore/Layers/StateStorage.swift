/// The parts of the state that a layer carries from step to step.
enum StatePart { case hidden, cell }

/// Where the states of sequences, or their gradients, are between passes.
protocol StateStorage {
  /// Calls `body` with the part of one layer and direction, [B, width] in the caller's order; nil
  /// for zeros.
  func read(_ part: StatePart, _ index: Int, _ body: (UnsafePointer<Float>?) -> Void)
  /// Calls `body` with where the part of one layer and direction is to be written; nil for what
  /// nobody wants.
  mutating func write(
    _ part: StatePart, _ index: Int, _ body: (UnsafeMutablePointer<Float>?) -> Void)
}

extension RecurrentState: StateStorage {
  func read(_ part: StatePart, _ index: Int, _ body: (UnsafePointer<Float>?) -> Void) {
    switch part {
    case .hidden: hidden[index].withUnsafeBufferPointer { body($0.baseAddress) }
    case .cell: cell[index].withUnsafeBufferPointer { body($0.baseAddress) }
    }
  }

  mutating func write(
    _ part: StatePart, _ index: Int, _ body: (UnsafeMutablePointer<Float>?) -> Void
  ) {
    switch part {
    case .hidden: hidden[index].withUnsafeMutableBufferPointer { body($0.baseAddress) }
    case .cell: cell[index].withUnsafeMutableBufferPointer { body($0.baseAddress) }
    }
  }
}

/// States, or their gradients, where a caller has them: [L·D, B, width], as PyTorch has them.
package struct StateMemory: StateStorage {
  private let hidden, cell: UnsafeMutablePointer<Float>?
  /// Numbers of a layer and direction, and how many of these there are.
  private let hiddenCount, cellCount, parts: Int

  /// - Parameters:
  ///   - hidden: of all layers and directions; nil for zeros, or for nowhere.
  ///   - cell: the same of cell states.
  ///   - network: whose states they are.
  ///   - sequences: B.
  package init(
    hidden: UnsafeMutablePointer<Float>?, cell: UnsafeMutablePointer<Float>?,
    of network: RecurrentNetwork, sequences: Int
  ) {
    (self.hidden, self.cell) = (hidden, network.cellWidth > 0 ? cell : nil)
    hiddenCount = sequences * network.stateWidth
    cellCount = sequences * network.cellWidth
    parts = network.layers.count
  }

  /// Whether a number fits.
  func contains(where fits: (Float) -> Bool) -> Bool {
    func contains(_ start: UnsafeMutablePointer<Float>?, _ count: Int) -> Bool {
      guard let start else { return false }
      return UnsafeBufferPointer(start: start, count: count * parts).contains(where: fits)
    }
    return contains(hidden, hiddenCount) || contains(cell, cellCount)
  }

  private func place(_ part: StatePart, _ index: Int) -> UnsafeMutablePointer<Float>? {
    switch part {
    case .hidden: hidden.map { $0 + index * hiddenCount }
    case .cell: cell.map { $0 + index * cellCount }
    }
  }

  func read(_ part: StatePart, _ index: Int, _ body: (UnsafePointer<Float>?) -> Void) {
    body(place(part, index).map { UnsafePointer($0) })
  }

  mutating func write(
    _ part: StatePart, _ index: Int, _ body: (UnsafeMutablePointer<Float>?) -> Void
  ) {
    body(place(part, index))
  }
}
