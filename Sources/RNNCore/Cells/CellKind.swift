/// A recurrent cell with its options: where text (command lines, checkpoints) meets code.
///
/// Written as a name and options joined by `+`: `elman`, `elman:relu`, `lstm:peephole+coupled`,
/// `gru:reset-before`. ``description`` gives that text back. In code `.elman(.tanh)`, `.irnn`,
/// `.lstm(peephole: true)`, `.gru()`, …
public struct CellKind: Sendable, Hashable, CustomStringConvertible {
  let cell: any Cell

  init(_ cell: any Cell) { self.cell = cell }

  public var description: String { cell.description }

  public static func == (one: CellKind, other: CellKind) -> Bool {
    one.description == other.description
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(description) }

  /// The gates whose values are kept at every step, in the order of their blocks in the weights;
  /// none for Elman cells, whose only block is the state itself.
  public var gates: [Gate] { cell.gates }

  /// Whether it gives the network's outputs itself, as Jordan's does, and so is as wide as these
  /// are many.
  public var givesOutputs: Bool { cell.givesOutputs }

  /// Whether targets are fed back in place of its outputs while training.
  public var isTeacherForced: Bool { cell.isTeacherForced }

  /// Whether a weight matrix multiplies the state at every step.
  public var hasRecurrentProduct: Bool { cell.hasRecurrentProduct }
}

extension CellKind {
  /// Floating-point operations of one layer's products with its input, and of its other products,
  /// for one token.
  package func productFlops(input: Int, hidden: Int) -> (input: Double, state: Double) {
    let shape = kernel(input: input, hidden: hidden).shape
    return (shape.inputFlops, shape.stateFlops)
  }

  /// One layer of the cell; a Jordan network has as many outputs as units.
  func kernel(input: Int, hidden: Int) -> any CellKernel {
    cell.kernel(CellSizes(input: input, hidden: hidden, output: hidden, feedback: .identity))
  }
}

// MARK: - For explain

extension CellKind {
  /// Whether a layer gives something else than its state.
  package var hasOwnReadout: Bool {
    kernel(input: 1, hidden: 2).shape.emission > 0
  }
}

extension CellKind {
  /// The equations in one line.
  package var equations: String { cell.equations }
  /// The letter of what is carried from step to step.
  package var stateSymbol: String { cell.stateSymbol }
  /// The letter of a gate.
  package func symbol(of gate: Gate) -> String { cell.symbol(of: gate) }
}
