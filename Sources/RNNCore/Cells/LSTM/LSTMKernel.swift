internal import CKernels

/// i = σ(W_i x + U_i h + p_i ⊙ c_{t−1} + b_i),  f likewise,  g = tanh(W_g x + U_g h + b_g),
/// c_t = f ⊙ c_{t−1} + i ⊙ g,  o = σ(W_o x + U_o h + p_o ⊙ c_t + b_o),  h_t = o ⊙ tanh(c_t).
/// Either tanh can be left out (``LSTMLinearity``).
///
/// Gate order i, f, g, o. Coupled gates have f = 1 − i and the order i, g, o. tanh(c_t) is computed
/// again in the backward step, which is cheaper than reading it back from memory.
struct LSTMKernel: SteppedKernel {
  let shape: CellShape
  private let form: rnn_lstm
  private let product: CellProduct
  /// Where the peepholes are among the parameters: rows i, f, o (coupled: i, o), [3 or 2, H]; nil
  /// without.
  private let peephole: Int?

  init(_ cell: LSTM, _ sizes: CellSizes) {
    form = rnn_lstm(
      coupled: cell.coupled, linear_input: cell.linear.contains(.input),
      linear_output: cell.linear.contains(.output))
    let gates = cell.gates.count
    var shape = CellShape.gated(
      sizes, gates: gates, slots: gates, input: [(slot: 0, gate: 0, count: gates)],
      recurrent: [(slot: 0, gate: 0, count: gates, source: .stateBefore)],
      forgetGate: cell.gates.firstIndex(of: .forget),
      gateSlots: Dictionary(uniqueKeysWithValues: zip(cell.gates, 0...)))
    shape.cellState = sizes.hidden
    if let steps = cell.chrono, !cell.coupled {
      for (index, isOfInput) in [(2, true), (3, false)] {
        shape.parameters[index].start = OwnStart(
          LSTM.ChronoStart(steps: steps, isOfInput: isOfInput))
      }
    }
    peephole = cell.peephole ? shape.parameters.count : nil
    if cell.peephole {
      shape.parameters.append(
        CellParameter(
          name: "weight_peephole", rows: gates - 1, columns: sizes.hidden, role: .peephole))
    }
    product = shape.stepProducts[0]
    self.shape = shape
  }

  var stateActivation: Activation { form.linear_output ? .identity : .tanh }
  var candidateActivation: Activation { form.linear_input ? .identity : .tanh }

  func forward(_ step: CellStep, _ weights: CellWeights) {
    let recurrent = weights.product(0)
    step.forEachBlock(of: recurrent) { units in
      step.add(recurrent, product, units: units, hidden: shape.hidden)
      kernels.lstm_forward(
        form, peephole(weights, units), step.kernelStep(units, bias: weights.bias))
    }
  }

  func backward(_ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights) {
    kernels.lstm_backward(
      form, peephole(weights, step.units), step.kernelStep(step.units),
      gradient.kernelGradient(step.units))
    step.propagate(
      weights.product(0), product, hidden: shape.hidden, into: gradient, keep: false)
  }

  func addCellGradientSquares(
    _ step: CellStep, _ gradient: StepGradient, _ weights: CellWeights,
    to squares: UnsafeMutablePointer<Double>
  ) {
    kernels.lstm_add_cell_squares(
      form, peephole(weights, step.units), step.kernelStep(step.units),
      gradient.kernelGradient(step.units), squares)
  }

  private func peephole(_ weights: CellWeights, _ units: Range<Int>) -> UnsafePointer<Float>? {
    peephole.map { weights.parameter($0) + units.lowerBound }
  }

  /// dp_i += Σ da_i ⊙ c_{t−1}, dp_f alike, dp_o += Σ da_o ⊙ c_t.
  func addOwnGradients(_ pass: FinishedPass, team: ThreadTeam) {
    guard let peephole else { return }
    let (hidden, last) = (shape.hidden, shape.parameters[peephole].rows - 1)
    let target = pass.gradient(of: peephole)
    team.split(hidden, grain: 16) { columns in
      pass.forEachStep { step in
        for row in 0...last {
          // The output gate is the last slot and the last peephole; it looks at c_t.
          let slot = row == last ? shape.slots - 1 : row
          let a = step.slot(slot, hidden: hidden).columns(columns)
          let c = (row == last ? step.cell : step.cellBefore).columns(columns)
          a.addColumnSums(of: c, to: target + row * hidden + columns.lowerBound)
        }
      }
    }
  }
}
