extension RecurrentNetwork {
  /// Ω of the last pass, whose BPTT must be done; adds weight · dΩ/dU to the gradients of the
  /// recurrent weights.
  func addRetention(
    _ regularizer: RetentionRegularizer, tape: RecurrentTape, workspace: RetentionWorkspace,
    run: RecurrentRun, gradients: any ParameterMemory
  ) -> Double {
    guard tape.phase == .backward, let layout = tape.layout else {
      preconditionFailure("the regulariser reads what BPTT left on the tape")
    }
    var sum = 0.0
    for (layer, layerTape) in zip(layers, tape.layers) {
      sum += layer.addRetention(
        regularizer, layout: layout, tape: layerTape, workspace: workspace, run: run,
        gradients: gradients)
    }
    return sum
  }
}

extension RecurrentLayer {
  /// The same for one layer and direction: all steps at once, one product there and one back.
  fileprivate func addRetention(
    _ regularizer: RetentionRegularizer, layout: SequenceLayout, tape: LayerTape,
    workspace: RetentionWorkspace, run: RecurrentRun, gradients: any ParameterMemory
  ) -> Double {
    // No step comes before the first: its rows lead to no preactivation.
    let rows = layout.stepOffsets[1]..<layout.rowCount
    guard !rows.isEmpty, cell.hasOnePreactivation, let place = shape.stepProducts.first,
      let product = weights(for: .backward, run.parameters, tape: tape).product(0).backward
    else { return 0 }
    let slope = cell.stateActivation
    let arriving = tape.gates.rows(rows)
    let before = tape.recurrentRows.rows(rows)
    let passed = workspace.passed.matrix(rows.count, shape.hidden)
    let terms = workspace.terms.matrix(1, rows.count).pointer
    run.team.splitRows(rows.count) { part in
      let (da, h, q) = (arriving.rows(part), before.rows(part), passed.rows(part))
      product.multiply(da, add: false, into: q)
      slope.applyBackward(h, q, into: q)
      regularizer.weigh(q, arriving: da, terms: terms + part.lowerBound)
      // The derivative of ‖q‖² with respect to dE/da · U brings f' a second time.
      slope.applyBackward(h, q, into: q)
    }
    return add(
      regularizer, terms: terms, arriving, passed, to: self.rows(place, of: gradients), run.team)
  }

  /// The mean of the terms; adds its gradient to `target` [H, H].
  private func add(
    _ regularizer: RetentionRegularizer, terms: UnsafePointer<Float>, _ arriving: Matrix,
    _ passed: Matrix, to target: Matrix, _ team: ThreadTeam
  ) -> Double {
    var (sum, count) = (0.0, 0)
    for row in 0..<passed.rows where terms[row] != RetentionWorkspace.skipped {
      sum += Double(terms[row])
      count += 1
    }
    guard count > 0 else { return 0 }
    if regularizer.weight > 0 {
      let share = regularizer.weight / Float(count)
      team.split(passed.rows, grain: 6) { part in
        kernels.scale(part.count * passed.columns, share, passed.rows(part).pointer)
      }
      target.addOuterProducts(arriving, passed, team: team)
    }
    return sum / Double(count)
  }
}

extension RetentionRegularizer {
  /// Writes the term of each row, and multiplies its q with the factors of dΩ/dU.
  fileprivate func weigh(
    _ q: Matrix, arriving: Matrix, terms: UnsafeMutablePointer<Float>
  ) {
    for index in 0..<q.rows {
      let row = q.pointer + index * q.stride
      let da = arriving.pointer + index * arriving.stride
      let term = term(
        passed: kernels.sum_of_squares(q.columns, row),
        arriving: kernels.sum_of_squares(q.columns, da))
      guard let term else {
        terms[index] = RetentionWorkspace.skipped
        row.update(repeating: 0, count: q.columns)
        continue
      }
      terms[index] = term.value
      kernels.scale(q.columns, term.factors.0, row)
      kernels.scale(q.columns, term.factors.1, row)
    }
  }
}
