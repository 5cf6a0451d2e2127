/// Gradients of a layer's parameters from all steps at once, and the sums of its biases.
extension RecurrentLayer {
  /// dW += dAᵀ X, or Sᵀ T; dU and the biases from the preactivation gradients of all steps, a share
  /// of the gate columns for each thread.
  func addWeightGradients(
    _ gates: Matrix, _ rows: Matrix, _ layout: SequenceLayout, tape: LayerTape,
    parameters: any ParameterMemory, gradients: any ParameterMemory, team: ThreadTeam
  ) {
    let sums = tape.biasGradient.pointer
    let groups = TokenGroups.steps(layout)
    if tape.isLastPart { sums.update(repeating: 0, count: shape.slots * shape.hidden) }
    if tape.table == nil, team.products == .packed {
      addInOneWalk(groups, tape: tape, gradients: gradients, team: team)
    } else {
      for product in shape.inputProducts where tape.table == nil || tape.isFirstPart {
        self.rows(product, of: gradients).addOuterProducts(
          gates.columns(of: product), rows, in: tape.table == nil ? groups : nil, team: team)
      }
      for product in shape.stepProducts {
        addWeightGradient(of: product, groups, tape, gradients, team)
      }
      tape.gates.columns(0..<shape.biasedColumns).addColumnSums(to: sums, in: groups, team: team)
    }
    if let final = shape.finalProduct {
      addWeightGradient(of: final.product, groups, tape, gradients, team)
    }
    addBiasGradients(groups, tape: tape, gradients: gradients, team: team)
    tape.withUnrolledSteps(of: layout) { unrolled in
      cell.addOwnGradients(
        FinishedPass(
          unrolled: unrolled, layout: layout,
          weights: weights(for: .backward, parameters, tape: tape),
          sums: tape.ownSums.pointer,
          isFirst: tape.isFirstPart, isLast: tape.isLastPart,
          gradients: tape.weights.gradients(self, gradients)),
        team: team)
    }
  }

  /// dW, dU and the sums of the biases, some tokens at a time, so that the gradients of gates are
  /// read from memory once for all of them.
  private func addInOneWalk(
    _ groups: TokenGroups, tape: LayerTape, gradients: any ParameterMemory, team: ThreadTeam
  ) {
    let sums = tape.biasGradient.pointer
    let work = Double(tape.gates.rows) * (shape.inputFlops + shape.stateFlops) / 2
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
      groups.forEachBlock { block in
        for product in shape.inputProducts { add(product, block) }
        for product in shape.stepProducts { add(product, block) }
        tape.gates.rows(block).columns(biased)
          .addColumnSums(of: nil, to: sums + biased.lowerBound)
      }
    }
  }

  private func addWeightGradient(
    of product: CellProduct, _ groups: TokenGroups, _ tape: LayerTape,
    _ gradients: any ParameterMemory, _ team: ThreadTeam
  ) {
    rows(product, of: gradients).addOuterProducts(
      gradient(of: product, tape), source(of: product, tape), in: groups, team: team)
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
    _ groups: TokenGroups, tape: LayerTape, gradients: any ParameterMemory, team: ThreadTeam
  ) {
    if tape.isFirstPart {
      let sums = tape.biasGradient.pointer
      forEachBias(gradients) { gradient, slot, count in
        for index in 0..<count { gradient[index] += sums[slot + index] }
      }
    }
    for product in shape.stepProducts where product.target == .emission {
      guard let bias = product.bias else { continue }
      tape.emission.addColumnSums(to: self.bias(bias, of: gradients), in: groups, team: team)
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
