/// The sizes of a cell, its parameters, and the products that it is made of.
///
/// A *gate* is a block of H rows in the weights, in PyTorch's order; a *slot* is a block of H
/// columns on the tape. Most cells have one slot a gate; some keep a value more.
struct CellShape: Sendable, Hashable {
  /// I.
  var input: Int
  /// H.
  var hidden: Int
  /// Blocks of H columns on the tape.
  var slots: Int
  /// R, the width of the state: H; O for Jordan, H + O for Elman-Jordan, H rounded down to pairs
  /// for a complex state.
  var state: Int
  /// The width of a second vector that is carried from step to step, and that no product reads (an
  /// LSTM's c); 0 without.
  var cellState = 0
  /// The width of what the layer gives where that is not its state; 0 where it is.
  var emission = 0
  /// Numbers that the cell computes from its parameters, once whenever these change.
  var derived = 0
  /// Columns of the state in whose place teacher forcing puts targets.
  var fedBack = 0..<0
  /// Units of an elementwise cell that know nothing of each other; nil for H.
  var separateUnits: Int?
  /// In the order of files.
  var parameters: [CellParameter]
  /// Those of the input: they fill slots, of all rows at once.
  var inputProducts: [CellProduct]
  /// Those that wait for the step before: the cell asks for them itself, by their place in this
  /// list.
  var stepProducts: [CellProduct] = []
  /// What is added to the emission of all states at once, where no step reads it.
  var finalProduct: FinalProduct?
  /// What each slot holds after the forward pass, by name.
  var gateSlots: [Gate: Int] = [:]

  var hasCellState: Bool { cellState > 0 }

  /// The first columns of gates, up to the last to which a product with a bias adds.
  var biasedColumns: Int {
    func end(_ last: Int, _ product: CellProduct) -> Int {
      guard case .gates(let first) = product.target, product.bias != nil else { return last }
      return max(last, first + product.rows.count)
    }
    return stepProducts.reduce(inputProducts.reduce(0, end), end)
  }

  /// Width of the layer's output: the emission where there is one, else the state.
  var output: Int { emission > 0 ? emission : state }

  /// Floating-point operations of the products with the input, for one token.
  var inputFlops: Double { inputProducts.reduce(0) { $0 + flops(of: $1) } }

  /// Floating-point operations of the other products, for one token.
  var stateFlops: Double {
    stepProducts.reduce(finalProduct.map { flops(of: $0.product) } ?? 0) { $0 + flops(of: $1) }
  }

  private func flops(of product: CellProduct) -> Double {
    2 * Double(product.rows.count) * Double(parameters[product.weight].columns)
  }
}

/// A parameter as a cell declares it.
struct CellParameter: Sendable, Hashable {
  /// Without the layer's suffix: `weight_ih`.
  var name: String
  var rows: Int
  var columns = 1
  var role: ParameterLayout.Role
  /// What it starts with whatever a plan says; nil for most.
  var start: OwnStart?
}

/// The product of some rows of a weight matrix with what each step reads.
struct CellProduct: Sendable, Hashable {
  enum Source: Sendable, Hashable {
    /// x_t.
    case input
    /// The state before the step as products see it (dropout applied).
    case stateBefore
    /// The state after the step.
    case state
    /// The value in a slot.
    case slot(Int)
  }

  enum Target: Sendable, Hashable {
    /// The columns of gates from that one on.
    case gates(Int)
    case emission
  }

  /// Which of the cell's parameters it multiplies with.
  var weight: Int
  /// Its rows of the weight.
  var rows: Range<Int>
  /// The parameter whose same elements are added; nil without a bias.
  var bias: Int?
  var source: Source
  var target: Target
  /// Blocks of rows whose units are computed together.
  var gates = 1
}

/// The product of states with a readout of the cell's own.
struct FinalProduct: Sendable, Hashable {
  /// Its source is the state. What stands in its target on the way forward is added to the emission
  /// too; on the way back dE/d(output) takes its place.
  var product: CellProduct
  /// The first of the columns of gates where the way back finds dE/d(output)·W, as wide as the
  /// state.
  var stateGradient: Int
}

extension Matrix {
  /// The columns of gates [n, slots·H] that a product fills.
  func columns(of product: CellProduct) -> Matrix {
    guard case .gates(let first) = product.target else { preconditionFailure("not of gates") }
    return columns(first..<first + product.rows.count)
  }

  /// The columns of a slot, or of several, of gates [n, slots·H].
  func slot(_ index: Int, count slots: Int = 1, hidden: Int) -> Matrix {
    columns(index * hidden..<(index + slots) * hidden)
  }
}

extension CellShape {
  /// One whose gates are fed by W x + b_ih and U s + b_hh, each by a block of H rows, in PyTorch's
  /// names.
  ///
  /// - Parameters:
  ///   - slots: the slots that each product fills, from the rows of the first gate on, and how many
  ///     gates.
  ///   - forgetGate: which block of rows feeds a forget gate.
  static func gated(
    _ sizes: CellSizes, gates: Int, slots: Int, state: Int? = nil,
    input: [(slot: Int, gate: Int, count: Int)],
    recurrent: [(slot: Int, gate: Int, count: Int, source: CellProduct.Source)],
    forgetGate: Int? = nil, gateSlots: [Gate: Int]
  ) -> CellShape {
    let (hidden, rows) = (sizes.hidden, gates * sizes.hidden)
    func product(
      _ weight: Int, _ slot: Int, _ gate: Int, _ count: Int, _ source: CellProduct.Source
    ) -> CellProduct {
      CellProduct(
        weight: weight, rows: gate * hidden..<(gate + count) * hidden, bias: weight + 2,
        source: source, target: .gates(slot * hidden), gates: count)
    }
    return CellShape(
      input: sizes.input, hidden: hidden, slots: slots, state: state ?? hidden,
      parameters: [
        CellParameter(
          name: "weight_ih", rows: rows, columns: sizes.input, role: .inputWeight),
        CellParameter(
          name: "weight_hh", rows: rows, columns: state ?? hidden, role: .recurrentWeight),
        CellParameter(name: "bias_ih", rows: rows, role: .bias(forgetGate: forgetGate)),
        CellParameter(name: "bias_hh", rows: rows, role: .bias(forgetGate: forgetGate)),
      ],
      inputProducts: input.map { product(0, $0.slot, $0.gate, $0.count, .input) },
      stepProducts: recurrent.map { product(1, $0.slot, $0.gate, $0.count, $0.source) },
      gateSlots: gateSlots)
  }

  /// One whose gates are fed by W x + b alone, each by a block of H rows; the first slots in the
  /// order of the blocks.
  ///
  /// - Parameter start: where biases start; nil as a plan says.
  static func fedByInput(
    _ sizes: CellSizes, gates: Int, slots: Int, bias start: GateStart? = nil,
    gateSlots: [Gate: Int]
  ) -> CellShape {
    let rows = gates * sizes.hidden
    return CellShape(
      input: sizes.input, hidden: sizes.hidden, slots: slots, state: sizes.hidden,
      parameters: [
        CellParameter(name: "weight_ih", rows: rows, columns: sizes.input, role: .inputWeight),
        CellParameter(
          name: "bias_ih", rows: rows, role: .bias(forgetGate: nil), start: start.map(OwnStart.init)
        ),
      ],
      inputProducts: [
        CellProduct(
          weight: 0, rows: 0..<rows, bias: 1, source: .input, target: .gates(0), gates: gates)
      ],
      gateSlots: gateSlots)
  }
}
