/// The states of a recurrent network on their way to another one, with their gradient.
struct States {
  let state: RecurrentState
  let slope: StateSlope
}

/// The gradient of states while a pass goes back; one network at most reads them.
final class StateSlope {
  private(set) var gradient: RecurrentState?

  func forget() { gradient = nil }
  func take(_ gradient: RecurrentState) { self.gradient = gradient }
}

extension RecurrentState {
  /// Takes over the numbers of a state of the same shape, in memory of its own.
  mutating func copy(from other: RecurrentState) {
    for index in hidden.indices {
      for place in hidden[index].indices { hidden[index][place] = other.hidden[index][place] }
      for place in cell[index].indices { cell[index][place] = other.cell[index][place] }
    }
  }
}
