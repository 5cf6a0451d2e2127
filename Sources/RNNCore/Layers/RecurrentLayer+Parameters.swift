/// Gradients of a layer's parameters from all steps at once, and the sums of its biases.
extension RecurrentLayer {
  /// dW += dAᵀ X, or Sᵀ T; dU and the biases from the preactivation gradients of all steps, a share
  /// of the gate columns for each thread.
  func addWeightGradients(
    _ gates: Matrix, _ rows: Matrix, _ layout: SequenceLayout, tape: LayerTape,
    parameters: any ParameterMemory, gradients: any ParameterMemory, team: ThreadTeam
  ) {
    let sums = tape.biasGradient.pointer
    sums.update(repeating: 0, count: shape.slots * shape.hidden)
    if tape.table == nil, team.products == .packed {
      addInOneWalk(tape: tape, gradients: gradients, team: team)
    } else {
      for product in shape.inputProducts {
        self.rows(product, of: gradients)
          .addOuterProducts(gates.columns(of: product), rows, team: team)
      }
      for product in shape.stepProducts { addWeightGradient(of: product, tape, gradients, team) }
      tape.gates.columns(0..<shape.biasedColumns).addColumnSums(to: sums, team: team)
    }
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

  /// dW, dU and the sums of the biases, some tokens at a time, so that the gradients of gates are
  /// read from memory once for all of them.
  private func addInOneWalk(
    tape: LayerTape, gradients: any ParameterMemory, team: ThreadTeam
  ) {
    let (tokens, sums) = (tape.gates.rows, tape.biasGradient.pointer)
    let work = Double(tokens) * (shape.inputFlops + shape.stateFlops) / 2
    let members = ThreadTeam.isShort(Int(work)) ? 1 : team.shares
    team.run(members) { member in
      func add(_ product: CellProduct, _ block: Range<Int>) {
        let target = self.rows(product, of: gradients)
        let share = member.share(of: target.rows, grain: ProductParts.tileRows)
        if share.isEmpty { return }
        target.rows(share).addOuterProducts(
          gradient(of: product, tape).rows(block).columns(share),
          source(of: product, tape).rows(block))
      }
      let biased = member.share(of: shape.biasedColumns, grain: 16)
      for first in stride(from: 0, to: tokens, by: RecurrentLayer.tokensOfWalk) {
        let block = first..<min(first + RecurrentLayer.tokensOfWalk, tokens)
        for product in shape.inputProducts { add(product, block) }
        for product in shape.stepProducts { add(product, block) }
        tape.gates.rows(block).columns(biased)
          .addColumnSums(of: nil, to: sums + biased.lowerBound)
      }
    }
  }

  /// Tokens whose gradients of gates stay in a core's cache for all products of a share; a multiple
  /// of what an outer product sweeps over at once.
  private static let tokensOfWalk = 512

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

  /// Adds the gradients of the biases: both of a slot have the sum of the slot's gradients, which
  /// the tape holds.
  private func addBiasGradients(
    tape: LayerTape, gradients: any ParameterMemory, team: ThreadTeam
  ) {
    let sums = tape.biasGradient.pointer
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
