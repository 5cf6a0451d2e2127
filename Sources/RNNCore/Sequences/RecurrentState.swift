/// The state of a network between two stretches of the same sequences: a value that is passed
/// in and handed back, so that carrying it, resetting it or saving it is the caller's plain
/// decision.
public struct RecurrentState: Sendable, Hashable {
  /// The number of sequences, B.
  public let sequenceCount: Int
  /// Floats of one sequence's state in the recurrent product: H; O, the output size, of a Jordan
  /// cell; H + O of an Elman-Jordan cell, h first.
  public let stateWidth: Int
  /// H for cells with a cell state (LSTM), 0 for the others.
  public let cellWidth: Int
  /// For each layer and direction (index layer · D + direction), [B, stateWidth] in the caller's
  /// order.
  public var hidden: [[Float]]
  /// For each layer and direction, [B, cellWidth] in the caller's order.
  public var cell: [[Float]]
  /// Floats of one sequence's earlier inputs that a context window of the past still shows: (n − 1)
  /// · I for a window of n steps of I numbers, 0 without one.
  public let contextWidth: Int
  /// Those inputs, the earliest first, [B, contextWidth] in the caller's order; zeros before a
  /// sequence's first step.
  public var context: [Float]

  /// All zeros.
  init(
    zerosFor count: Int, sequences: Int, stateWidth: Int, cellWidth: Int, contextWidth: Int = 0
  ) {
    sequenceCount = sequences
    self.stateWidth = stateWidth
    self.cellWidth = cellWidth
    self.contextWidth = contextWidth
    context = Array(repeating: 0, count: sequences * contextWidth)
    hidden = Array(repeating: Array(repeating: 0, count: sequences * stateWidth), count: count)
    cell = Array(repeating: Array(repeating: 0, count: sequences * cellWidth), count: count)
  }

  /// Makes the states of all layers of one sequence zero, as at the start of a new text.
  public mutating func reset(sequence: Int) {
    for index in hidden.indices {
      for column in 0..<stateWidth { hidden[index][sequence * stateWidth + column] = 0 }
      for column in 0..<cellWidth { cell[index][sequence * cellWidth + column] = 0 }
    }
    for column in 0..<contextWidth { context[sequence * contextWidth + column] = 0 }
  }

  /// Becomes zeros for `sequences` sequences; allocates only when that is another number than
  /// before.
  mutating func makeZero(sequences: Int) {
    if sequences == sequenceCount {
      setToZero()
    } else {
      self = RecurrentState(
        zerosFor: hidden.count, sequences: sequences, stateWidth: stateWidth, cellWidth: cellWidth,
        contextWidth: contextWidth)
    }
  }

  /// Makes all states zero.
  public mutating func setToZero() {
    for sequence in 0..<sequenceCount { reset(sequence: sequence) }
  }

  /// Whether no number is infinite or NaN.
  var isFinite: Bool {
    hidden.allSatisfy { $0.allSatisfy(\.isFinite) } && cell.allSatisfy { $0.allSatisfy(\.isFinite) }
  }

  /// The states of some sequences, in the order given.
  func selecting(_ sequences: [Int]) -> RecurrentState {
    var part = RecurrentState(
      zerosFor: hidden.count, sequences: sequences.count, stateWidth: stateWidth,
      cellWidth: cellWidth, contextWidth: contextWidth)
    part.context = sequences.flatMap {
      context[$0 * contextWidth..<($0 + 1) * contextWidth]
    }
    for index in hidden.indices {
      part.hidden[index] = sequences.flatMap {
        hidden[index][$0 * stateWidth..<($0 + 1) * stateWidth]
      }
      part.cell[index] = sequences.flatMap { cell[index][$0 * cellWidth..<($0 + 1) * cellWidth] }
    }
    return part
  }

  /// Puts the states that `selecting` gave back in their places.
  mutating func replace(_ sequences: [Int], with part: RecurrentState) {
    for (place, sequence) in sequences.enumerated() {
      context.replaceSubrange(
        sequence * contextWidth..<(sequence + 1) * contextWidth,
        with: part.context[place * contextWidth..<(place + 1) * contextWidth])
    }
    for index in hidden.indices {
      for (place, sequence) in sequences.enumerated() {
        hidden[index].replaceSubrange(
          sequence * stateWidth..<(sequence + 1) * stateWidth,
          with: part.hidden[index][place * stateWidth..<(place + 1) * stateWidth])
        cell[index].replaceSubrange(
          sequence * cellWidth..<(sequence + 1) * cellWidth,
          with: part.cell[index][place * cellWidth..<(place + 1) * cellWidth])
      }
    }
  }
}
