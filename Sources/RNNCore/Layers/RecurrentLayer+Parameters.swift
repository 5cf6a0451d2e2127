/// Gradients of a layer's parameters from all steps at once, and the sums of its biases.
extension RecurrentLayer {
  /// dW += dAᵀ X, or Sᵀ T; dU and the biases from the preactivation gradients of all steps, a share
  /// of the gate columns for each thread.
  func addWeightGradients(
    _ gates: Matrix, _ rows: Matrix, _ layout: SequenceLayout, tape: LayerTape,
    parameters: any ParameterMemory, gradients: any ParameterMemory, team: ThreadTeam
  ) {
    for product in shape.inputProducts {
      self.rows(product, of: gradients)
        .addOuterProducts(gates.columns(of: product), rows, team: team)
    }
    for product in shape.stepProducts { addWeightGradient(of: product, tape, gradients, team) }
    if let final = shape.finalProduct {
      addWeightGradient(of: final.product, tape, gradients, team)
    }
    addBiasGradients(tape: tape, gradients: gradients, team: team)
    tape.withUnrolledSteps(of: layout) { unrolled in
      cell.addOwnGradients(
        FinishedPass(
          unrolled: unrolled, layout: layout,
          weights: weights(for: .backward, parameters, tape: tape),
          scratch: tape.biasGradient.pointer, gradients: tape.weights.gradients(self, gradients)),
        team: team)
    }
  }

  private func addWeightGradient(
    of product: CellProduct, _ tape: LayerTape, _ gradients: any ParameterMemory, _ team: ThreadTeam
  ) {
    rows(product, of: gradients).addOuterProducts(
      gradient(of: product, tape), source(of: product, tape), team: team)
  }

  /// The rows, of all steps, that a product multiplied with its weights.
  private func source(of product: CellProduct, _ tape: LayerTape) -> Matrix {
    switch product.source {
    case .input: tape.input
    case .stateBefore: tape.recurrentRows
    case .state: tape.stateRows
    case .slot(let index): tape.gates.slot(index, hidden: shape.hidden)
    }
  }

  /// The gradient, at all steps, of the rows that a product gave.
  private func gradient(of product: CellProduct, _ tape: LayerTape) -> Matrix {
    switch product.target {
    case .gates: tape.gates.columns(of: product)
    case .emission: tape.emission
    }
  }

  /// The gradients of both biases of a slot: the sums of the slots that each product feeds, taken
  /// once for both.
  private func addBiasGradients(
    tape: LayerTape, gradients: any ParameterMemory, team: ThreadTeam
  ) {
    let sums = tape.biasGradient.pointer
    sums.update(repeating: 0, count: shape.slots * shape.hidden)
    tape.gates.columns(0..<shape.biasedColumns).addColumnSums(to: sums, team: team)
    forEachBias(gradients) { gradient, slot, count in
      for index in 0..<count { gradient[index] += sums[slot + index] }
    }
    for product in shape.stepProducts where product.target == .emission {
      guard let bias = product.bias else { continue }
      tape.emission.addColumnSums(to: self.bias(bias, of: gradients), team: team)
    }
  }

  // MARK: Biases

  /// Each slot's bias is the sum of the biases of the products that feed it.
  func sumBiases(_ parameters: any ParameterMemory, into buffer: FloatBuffer) {
    let sums = buffer.pointer
    sums.update(repeating: 0, count: shape.slots * shape.hidden)
    forEachBias(parameters) { bias, slot, count in
      for index in 0..<count { sums[slot + index] += bias[index] }
    }
  }

  /// Calls `body` with each stretch of the biases of slots and the tape column where its first slot
  /// begins.
  private func forEachBias(
    _ memory: any ParameterMemory,
    _ body: (_ values: UnsafeMutablePointer<Float>, _ column: Int, _ count: Int) -> Void
  ) {
    for product in shape.inputProducts { stretch(product) }
    for product in shape.stepProducts { stretch(product) }

    func stretch(_ product: CellProduct) {
      guard let bias = product.bias, case .gates(let column) = product.target else { return }
      body(
        self.bias(bias, of: memory) + product.rows.lowerBound, column, product.rows.count)
    }
  }
}
