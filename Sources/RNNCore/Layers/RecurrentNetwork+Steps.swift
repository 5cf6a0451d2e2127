/// Passes that are taken step by step, because what a step reads is made of what the step before
/// gave: all layers of a network in one direction go a step on together. Products with weights'
/// gradients are still taken once for all steps.
///
/// ```text
/// beginSteps, forward(step: 0), forward(step: 1), …
/// beginBackwardSteps, …, backward(step: 1), backward(step: 0), endBackwardSteps
/// ```
extension RecurrentNetwork {
  /// - Parameter input: [N, I], alive until BPTT is done; the rows of a step are read when it is
  ///   taken.
  func beginSteps(
    _ input: Matrix, layout: SequenceLayout, initial: RecurrentState, tape: RecurrentTape,
    isRecorded: Bool, run: RecurrentRun, dropout: inout RandomGenerator?
  ) {
    precondition(configuration.directions == .forward, "a later step is not there yet")
    begin(
      layout, initial: initial, tape: tape, isRecorded: isRecorded, run: run, dropout: &dropout)
    var rows = input
    for (level, layer) in layers.enumerated() {
      if level > 0 {
        rows =
          mask(layout.rowCount, level: level, tape: tape, dropout: &dropout).map {
            tape.dropped[level].matrix($0.rows, $0.columns)
          } ?? tape.layers[level - 1].output
      }
      layer.begin(rows, tape: tape.layers[level], parameters: run.parameters, team: run.team)
    }
    tape.phase = .forward
  }

  /// The network's output at a step, [sequences that have it, H].
  func forward(step: Int, tape: RecurrentTape, run: RecurrentRun) -> Matrix {
    let layout = layout(of: tape)
    let rows = layout.rows(ofStep: step)
    for (level, layer) in layers.enumerated() {
      if level > 0, let mask = droppedMask(level, tape: tape) {
        tape.dropped[level].matrix(mask.rows, mask.columns).rows(rows).multiply(
          tape.layers[level - 1].output.rows(rows), by: mask.rows(rows), team: run.team)
      }
      layer.forward(
        step..<step + 1, layout: layout, tape: tape.layers[level], parameters: run.parameters,
        team: run.team)
    }
    return tape.layers[layers.count - 1].output.rows(rows)
  }

  /// - Parameter final: gradients of the final states, in the caller's order.
  func beginBackwardSteps(states final: RecurrentState, tape: RecurrentTape, run: RecurrentRun) {
    precondition(tape.phase == .forward && tape.isRecorded, "BPTT needs a recorded forward pass")
    setStateGradients(final, layout: layout(of: tape), tape: tape)
    for (layer, tape) in zip(layers, tape.layers) {
      layer.beginBackward(tape: tape, parameters: run.parameters, team: run.team)
    }
  }

  /// BPTT through one step.
  ///
  /// - Parameters:
  ///   - outputGradient: dE/d(output) [N, H], of which the step's rows are read.
  ///   - inputGradient: [N, I], of which the step's rows become dE/dX.
  func backward(
    step: Int, _ outputGradient: Matrix, inputGradient: Matrix, tape: RecurrentTape,
    run: RecurrentRun
  ) {
    let layout = layout(of: tape)
    let rows = layout.rows(ofStep: step)
    var above = outputGradient
    for level in layers.indices.reversed() {
      let below =
        level > 0
        ? tape.gradientsAbove[level % 2].matrix(layout.rowCount, layers[level].shape.input)
        : inputGradient
      layers[level].backward(
        step: step, above, inputGradient: below, layout: layout, tape: tape.layers[level],
        parameters: run.parameters, team: run.team)
      if level > 0, let mask = droppedMask(level, tape: tape) {
        below.rows(rows).multiply(below.rows(rows), by: mask.rows(rows), team: run.team)
      }
      above = below
    }
  }

  /// Adds the parameter gradients of all steps.
  ///
  /// - Parameter initial: becomes the gradients of the initial states, in the caller's order.
  func endBackwardSteps(
    states initial: inout RecurrentState, tape: RecurrentTape, run: RecurrentRun,
    gradients: any ParameterMemory
  ) {
    let layout = layout(of: tape)
    for (layer, tape) in zip(layers, tape.layers) {
      layer.endBackward(
        layout: layout, tape: tape, parameters: run.parameters, gradients: gradients,
        team: run.team)
    }
    copyStateGradients(into: &initial, layout: layout, tape: tape)
    tape.phase = .backward
  }

  private func layout(of tape: RecurrentTape) -> SequenceLayout {
    guard let layout = tape.layout else { preconditionFailure("a pass has begun") }
    return layout
  }

  /// The mask that the pass drew for what a layer reads; nil without one.
  private func droppedMask(_ level: Int, tape: RecurrentTape) -> Matrix? {
    guard configuration.interLayerDropout > 0, tape.usedDropout else { return nil }
    return tape.dropoutMasks[level].matrix(layout(of: tape).rowCount, layers[level].shape.input)
  }
}
