/// One layer in one direction: the time loop and BPTT, once for all cells.
///
/// The schedule, for N tokens (N = T·B for a dense batch):
///
///     forward   for each stretch of steps that fits the cache:
///                 A = X Wᵀ                          one product for all its steps, or one for a
///                                                   table of all rows
///                 for t: A_t += h_{t−1} Uᵀ, gates
///     backward  for each stretch, last first:
///                 for t, last first: dA_t, dh_{t−1} = dA_t U
///                 dX = dA W                         one product for all its steps, or one for a
///                                                   table of all rows at the end
///               dW += dAᵀ X, dU += dAᵀ H₋₁, db += Σ dA                   once, for all steps
///
/// A stretch is one region of the team: each thread projects the rows that it will unroll, so that
/// it has written itself what it reads. They divide the sequences, or the hidden units as well
/// (``UnrollSchedule``); those with the same sequences wait for each other once a step.
///
/// (A class that never changes: a structure with so many parts would be copied by each pass.)
final class RecurrentLayer: Sendable {
  let cell: any CellKernel
  /// The same by the way in which its steps are taken; one of both is nil.
  private let stepped: (any SteppedKernel)?
  private let elementwise: (any ElementwiseKernel)?
  /// The sizes by which ``UnrollSchedule`` reckons what a time step of the cell costs; nil for a
  /// cell that does not go step by step.
  private let loop: TimeLoop?
  let shape: CellShape
  /// Where each of the cell's parameters lies.
  let slices: [ParameterLayout.Slice]
  private let places: [ParameterLayout.Place]
  /// What its parameters are grouped by: `l0`, `decoder.l1_reverse`.
  let name: String

  /// - Parameters:
  ///   - prefix: what tells networks of one model apart.
  ///   - suffix: what PyTorch appends to its parameter names, such as `l0` or `l1_reverse`.
  init(
    cell: any CellKernel, prefix: String, suffix: String, layout: inout ParameterLayout
  ) {
    self.cell = cell
    (stepped, elementwise) = (cell as? any SteppedKernel, cell as? any ElementwiseKernel)
    loop = stepped.map { TimeLoop($0) }
    shape = cell.shape
    let layer = prefix + suffix
    name = layer
    let first = layout.slices.count
    slices = cell.shape.parameters.map {
      layout.add(
        "\(prefix)\($0.name)_\(suffix)", layer: layer, rows: $0.rows, columns: $0.columns,
        role: $0.role, hidden: cell.shape.hidden, start: $0.start)
    }
    let declared = layout
    places = slices.indices.map { declared.place(first + $0) }
  }

  /// Where the layer's parameters lie in their layout: from the first to the end of the last.
  var range: Range<Int> {
    slices[0].range.lowerBound..<slices[slices.count - 1].range.upperBound
  }

  /// The rows of a weight, or of its gradient, that a product multiplies with.
  func rows(_ product: CellProduct, of memory: any ParameterMemory) -> Matrix {
    let place = places[product.weight]
    return Matrix(memory.pointer(place), rows: place.rows, columns: place.columns)
      .rows(product.rows)
  }

  /// A bias, or its gradient.
  func bias(_ index: Int, of memory: any ParameterMemory) -> UnsafeMutablePointer<Float> {
    memory.pointer(places[index])
  }

  /// Calls `body` with where each parameter, or its gradient, lies.
  func forEachParameter(
    of memory: any ParameterMemory, _ body: (Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    for index in places.indices { body(index, memory.pointer(places[index])) }
  }

  // MARK: Forward

  /// Runs all steps; gates and states stay on the tape, whose initial states must be set.
  ///
  /// - Parameters:
  ///   - table: the input as rows of a table, when that is less to multiply.
  ///   - forced: Jordan's teacher forcing: the outputs to feed back instead of the network's own,
  ///     [N, O]; row r is fed to the step after r's.
  func forward(
    _ input: Matrix, table: TableRows? = nil, layout: SequenceLayout, tape: LayerTape,
    forced: Matrix? = nil, parameters: any ParameterMemory, team: ThreadTeam
  ) {
    begin(input, table: table, tape: tape, parameters: parameters, team: team)
    if let table, tape.isFirstPart {
      let products = tape.tableGates.matrix(table.table.rows, shape.slots * shape.hidden)
      project(table.table, into: products, tape: tape, parameters: parameters, team: team)
    }
    var first = 0
    while first < layout.stepCount {
      let steps = layout.stretch(from: first, rows: tape.stretchRows)
      forward(
        steps, layout: layout, tape: tape, forced: forced, parameters: parameters, team: team)
      first = steps.upperBound
    }
  }

  /// Makes the weights ready for a pass whose steps are taken by
  /// ``forward(_:layout:tape:forced:parameters:team:)``, in their order; the rows of a step need
  /// not be there before.
  func begin(
    _ input: Matrix, table: TableRows? = nil, tape: LayerTape, parameters: any ParameterMemory,
    team: ThreadTeam
  ) {
    (tape.input, tape.table) = (input, table)
    if tape.weights.pack(.forward, self, parameters, team: team) {
      sumBiases(parameters, into: tape.weights.bias)
      cell.derive(
        weights(for: .forward, parameters, tape: tape), into: tape.weights.derived.pointer)
    }
  }

  /// The next steps of a pass.
  func forward(
    _ steps: Range<Int>, layout: SequenceLayout, tape: LayerTape, forced: Matrix? = nil,
    parameters: any ParameterMemory, team: ThreadTeam
  ) {
    let weights = weights(for: .forward, parameters, tape: tape)
    if let stepped, let loop {
      let region = region(.forward, loop, steps, layout, team)
      let projects = region.takesProducts && tape.table == nil
      if !projects {
        readInput(layout.rows(ofSteps: steps), tape: tape, parameters: parameters, team: team)
      }
      // Gates that nobody needs later lie by shares: where rows of two cores meet, each would
      // fetch lines ahead that the other writes.
      let areApart = projects && !tape.isRecorded
      forEachShare(of: steps, region, layout, tape, team) { unrolled, share in
        let gateRow = areApart ? unrolled.gateRow(of: share, in: steps) : nil
        if projects {
          project(
            steps, of: unrolled, share, gateRow: gateRow, tape: tape, parameters: parameters)
        }
        unroll(
          stepped, unrolled, steps, share, gateRow: gateRow, forced: forced, weights: weights)
      }
    }
    guard let elementwise else { return }
    let rows = layout.rows(ofSteps: steps)
    readInput(rows, tape: tape, parameters: parameters, team: team)
    forEachShare(of: steps, layout, tape, team) { elementwise.forward($0, weights) }
    guard let weights = tape.weights.final(for: .forward, self, parameters),
      let product = shape.finalProduct?.product
    else { return }
    let (gates, emission) = (tape.gates(rows), tape.emission.rows(rows))
    emission.copy(from: gates.columns(of: product), team: team)
    weights.multiply(tape.stateRows.rows(rows), add: true, into: emission, team: team)
  }

  /// The gates of a stretch become what the input says to them.
  private func readInput(
    _ rows: Range<Int>, tape: LayerTape, parameters: any ParameterMemory, team: ThreadTeam
  ) {
    let gates = tape.gates(rows)
    guard let table = tape.table else {
      return project(
        tape.input.rows(rows), into: gates, tape: tape, parameters: parameters, team: team)
    }
    let products = tape.tableGates.matrix(table.table.rows, gates.columns)
    for product in shape.inputProducts {
      table.copy(
        products.columns(of: product), from: rows.lowerBound,
        into: gates.columns(of: product), team: team)
    }
  }

  /// A = X Wᵀ.
  private func project(
    _ rows: Matrix, into gates: Matrix, tape: LayerTape, parameters: any ParameterMemory,
    team: ThreadTeam
  ) {
    for (index, product) in shape.inputProducts.enumerated() {
      tape.weights.input(index, for: .forward, self, parameters).multiply(
        rows, add: false, into: gates.columns(of: product), team: team)
    }
  }

  private func unroll(
    _ cell: some SteppedKernel, _ unrolled: UnrolledSteps, _ steps: Range<Int>,
    _ share: StepShare, gateRow: Int?, forced: Matrix?, weights: CellWeights
  ) {
    var gateRow = gateRow
    for time in steps {
      let rows = unrolled.rows(share, at: time)
      if rows.isEmpty { return }
      let step = unrolled.step(time, rows: rows, share: share, gateRow: gateRow)
      gateRow? += rows.count
      if unrolled.copiesState { unrolled.copyState(for: step, time, rows: rows, forced: forced) }
      step.waitForOthers(toWrite: step.recurrentInput)
      cell.forward(step, weights)
    }
  }

  // MARK: Backward

  /// BPTT: adds the parameter gradients to `gradients`, and leaves the gradients of the initial
  /// states on the tape, which must hold those of the final states (or zeros) when it begins.
  ///
  /// - Parameters:
  ///   - outputGradient: dE/d(output), [N, output].
  ///   - inputGradient: becomes dE/dX [N, I]; when the forward pass read a table, dE/d(table) [V,
  ///     I] is added to it. Nil when nobody needs it.
  ///   - forced: whether the forward pass was teacher forced, so that nothing flows through
  ///     fed-back outputs.
  func backward(
    _ outputGradient: Matrix, inputGradient: Matrix?, layout: SequenceLayout, tape: LayerTape,
    forced: Bool = false, parameters: any ParameterMemory, gradients: any ParameterMemory,
    team: ThreadTeam
  ) {
    beginBackward(tape: tape, parameters: parameters, team: team)
    let direct = tape.table == nil ? inputGradient : nil
    var end = layout.stepCount
    while end > 0 {
      let steps = layout.stretch(to: end, rows: tape.stretchRows)
      backward(
        steps, outputGradient, inputGradient: direct, layout: layout, tape: tape, forced: forced,
        parameters: parameters, team: team)
      end = steps.lowerBound
    }
    let (gates, rows) = sumGates(layout, tape: tape, team: team)
    if tape.table != nil, tape.isFirstPart, let inputGradient {
      addInputGradient(
        of: gates, add: true, into: inputGradient, tape: tape, parameters: parameters, team: team)
    }
    addWeightGradients(
      gates, rows, layout, tape: tape, parameters: parameters, gradients: gradients, team: team)
  }

  /// Makes the weights ready for BPTT whose steps are taken one after the other, last first, and
  /// which ``endBackward(layout:tape:parameters:gradients:team:)`` ends.
  func beginBackward(tape: LayerTape, parameters: any ParameterMemory, team: ThreadTeam) {
    tape.weights.pack(.backward, self, parameters, team: team)
  }

  /// BPTT through some steps: the gates become their preactivations' gradients, and the rows of
  /// `inputGradient` dE/dX.
  private func backward(
    _ steps: Range<Int>, _ outputGradient: Matrix, inputGradient: Matrix?,
    layout: SequenceLayout, tape: LayerTape, forced: Bool, parameters: any ParameterMemory,
    team: ThreadTeam
  ) {
    let weights = weights(for: .backward, parameters, tape: tape)
    if let final = shape.finalProduct,
      let weights = tape.weights.final(for: .backward, self, parameters)
    {
      let rows = layout.rows(ofSteps: steps)
      let (gates, gradient) = (tape.gates(rows), outputGradient.rows(rows))
      gates.columns(of: final.product).copy(from: gradient, team: team)
      let columns = final.stateGradient..<final.stateGradient + shape.state
      weights.multiply(gradient, add: false, into: gates.columns(columns), team: team)
    }
    if let elementwise {
      // A probe looks at every step as it stands before it is taken.
      let together = tape.probe == nil ? steps.count : 1
      var end = steps.upperBound
      while end > steps.lowerBound {
        let part = max(steps.lowerBound, end - together)..<end
        forEachShare(of: part, layout, tape, team, outputGradient: outputGradient) {
          if let probe = tape.probe {
            record(elementwise, $0, weights, probe, outputGradient: outputGradient)
          }
          elementwise.backward($0, weights)
        }
        end = part.lowerBound
      }
    }
    var own: Matrix?
    if let stepped, let loop {
      let region = region(.backward, loop, steps, layout, team)
      own = region.takesProducts ? inputGradient : nil
      forEachShare(of: steps, region, layout, tape, team) { unrolled, share in
        unrollBackward(
          stepped, unrolled, steps, share, outputGradient: outputGradient, forced: forced,
          weights: weights, tape: tape)
        if let own {
          setInputGradient(
            of: steps, unrolled, share, own, tape: tape, parameters: parameters)
        }
      }
    }
    guard own == nil, let inputGradient else { return }
    let rows = layout.rows(ofSteps: steps)
    addInputGradient(
      of: tape.gates(rows), add: false, into: inputGradient.rows(rows), tape: tape,
      parameters: parameters, team: team)
  }

  private func record(
    _ cell: some CellKernel, _ steps: CellSteps, _ weights: CellWeights, _ probe: GradientProbe,
    outputGradient: Matrix
  ) {
    let (time, unrolled) = (steps.range.lowerBound, steps.unrolled)
    let rows = unrolled.rows(steps.share, at: time)
    guard !rows.isEmpty else { return }
    probe.record(
      cell, unrolled.step(time, rows: rows, share: steps.share),
      unrolled.gradient(time, rows: rows, output: outputGradient), weights,
      rows: unrolled.packed(rows, at: time), share: steps.share.index)
  }

  /// BPTT through one step, whose rows of `inputGradient` [N, I] become dE/dX.
  func backward(
    step: Int, _ outputGradient: Matrix, inputGradient: Matrix, layout: SequenceLayout,
    tape: LayerTape, parameters: any ParameterMemory, team: ThreadTeam
  ) {
    backward(
      step..<step + 1, outputGradient, inputGradient: inputGradient, layout: layout, tape: tape,
      forced: false, parameters: parameters, team: team)
  }

  /// Adds the parameter gradients of all steps that BPTT went through.
  func endBackward(
    layout: SequenceLayout, tape: LayerTape, parameters: any ParameterMemory,
    gradients: any ParameterMemory, team: ThreadTeam
  ) {
    addWeightGradients(
      tape.gates, tape.input, layout, tape: tape, parameters: parameters, gradients: gradients,
      team: team)
  }

  /// The preactivation gradients with the rows that they read; of a table T the sums S of the
  /// gradients of each of its rows with these.
  private func sumGates(
    _ layout: SequenceLayout, tape: LayerTape, team: ThreadTeam
  ) -> (gates: Matrix, rows: Matrix) {
    guard let table = tape.table else { return (tape.gates, tape.input) }
    let gates = tape.tableSums.matrix(table.table.rows, tape.gates.columns)
    if tape.isLastPart { gates.fill(0) }
    for product in shape.inputProducts {
      table.addSums(
        of: tape.gates.columns(of: product),
        to: gates.columns(of: product), in: .steps(layout), team: team)
    }
    return (gates, table.table)
  }

  /// dX = dA W, or dT += S W.
  private func addInputGradient(
    of gates: Matrix, add: Bool, into inputGradient: Matrix, tape: LayerTape,
    parameters: any ParameterMemory, team: ThreadTeam
  ) {
    for (index, product) in shape.inputProducts.enumerated() {
      tape.weights.input(index, for: .backward, self, parameters).multiply(
        gates.columns(of: product), add: index > 0 || add,
        into: inputGradient, team: team)
    }
  }

  private func unrollBackward(
    _ cell: some SteppedKernel, _ unrolled: UnrolledSteps, _ steps: Range<Int>,
    _ share: StepShare, outputGradient: Matrix, forced: Bool, weights: CellWeights,
    tape: LayerTape
  ) {
    let fedBack = shape.fedBack
    for time in steps.reversed() {
      let rows = unrolled.rows(share, at: time)
      if rows.isEmpty { continue }
      let step = unrolled.step(time, rows: rows, share: share)
      let gradient = unrolled.gradient(time, rows: rows, output: outputGradient)
      if let probe = tape.probe {
        probe.record(
          cell, step, gradient, weights, rows: unrolled.packed(rows, at: time), share: share.index)
      }
      cell.backward(step, gradient, weights)
      if forced, time > 0 || !tape.isFirstPart { gradient.state.columns(fedBack).fill(0) }
    }
  }

  // MARK: Views

  func weights(
    for side: PassSide, _ parameters: any ParameterMemory, tape: LayerTape
  ) -> CellWeights {
    tape.weights.view(for: side, self, parameters)
  }
}
