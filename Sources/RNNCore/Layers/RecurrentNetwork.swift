/// A stack of recurrent layers of one kind, in one or both directions.
///
/// It holds sizes and the places of its parameters, no numbers: weights, gradients, states and the
/// tape are passed in, so that one network can be run with many of each.
public struct RecurrentNetwork: Sendable {
  /// The shape that the network was made from.
  public private(set) var configuration: RecurrentConfiguration
  /// One a layer and direction, index layer · D + direction.
  let layers: [RecurrentLayer]

  /// Declares the parameters `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, … in
  /// `layout`.
  ///
  /// Throws what ``RecurrentConfiguration/validate()`` throws.
  ///
  /// - Parameters:
  ///   - configuration: the shape.
  ///   - prefix: what all names, those of the layers too, begin with: `decoder.` where a model has
  ///     several networks.
  ///   - layout: gets the parameters.
  public init(
    _ configuration: RecurrentConfiguration, prefix: String = "",
    declaringIn layout: inout ParameterLayout
  ) throws(RNNError) {
    try configuration.validate()
    self.configuration = configuration
    var layers: [RecurrentLayer] = []
    var input = configuration.inputSize
    for level in 0..<configuration.layers {
      for direction in 0..<configuration.directions.count {
        layers.append(
          RecurrentLayer(
            cell: configuration.cell.cell.kernel(configuration.sizes(input: input)), prefix: prefix,
            suffix: "l\(level)" + (direction == 1 ? "_reverse" : ""),
            layout: &layout))
      }
      input = layers[level * configuration.directions.count].shape.output
      if configuration.directions == .concatenated { input *= 2 }
    }
    self.layers = layers
  }

  /// This network with another dropout between its layers, from 0 to 1.
  func dropping(_ rate: Float) -> RecurrentNetwork {
    var network = self
    network.configuration.interLayerDropout = rate
    return network
  }

  private var directions: Int { configuration.directions.count }

  /// Width of one direction's output: H, or O for Jordan.
  var directionWidth: Int { layers[0].shape.output }

  /// Width of the network's output: that of one direction, or twice that when two are concatenated.
  public var outputSize: Int {
    configuration.directions == .concatenated ? 2 * directionWidth : directionWidth
  }

  /// Where its parameters end in their layout.
  var parameterEnd: Int { layers[layers.count - 1].range.upperBound }

  /// Floating-point operations of the forward matrix products for one token.
  public var flopsPerToken: Double {
    layers.reduce(0) { $0 + $1.shape.inputFlops + $1.shape.stateFlops }
  }

  /// Makes an empty tape for passes over this network; it grows with the batches that it sees.
  public func makeTape() -> RecurrentTape { makeTape(sharingWeightsOf: nil) }

  /// Makes a tape that uses the packed weights of another one; passes over both take turns.
  func makeTape(sharingWeightsOf other: RecurrentTape?) -> RecurrentTape {
    RecurrentTape(
      shapes: layers.map(\.shape), layerCount: configuration.layers, sharingWeightsOf: other)
  }

  /// The state before the first step: zeros for `sequences` sequences.
  public func zeroState(sequences: Int) -> RecurrentState {
    zeroState(sequences: sequences, contextWidth: 0)
  }

  /// The same beside the inputs that a context window keeps.
  func zeroState(sequences: Int, contextWidth: Int) -> RecurrentState {
    RecurrentState(
      zerosFor: layers.count, sequences: sequences, stateWidth: stateWidth, cellWidth: cellWidth,
      contextWidth: contextWidth)
  }

  /// Throws unless `state` fits this network and `sequences` sequences.
  func check(_ state: RecurrentState, sequences: Int) throws(RNNError) {
    let (count, width) = (layers.count, stateWidth)
    var fits =
      state.sequenceCount == sequences && state.stateWidth == width
      && state.cellWidth == cellWidth && state.hidden.count == count && state.cell.count == count
    for index in 0..<count where fits {
      fits =
        state.hidden[index].count == sequences * width
        && state.cell[index].count == sequences * cellWidth
    }
    guard fits else {
      throw RNNError(
        .shape, "recurrent state", expected: "\(count) × [\(sequences), \(width)]",
        found: "\(state.hidden.count) × [\(state.sequenceCount), \(state.stateWidth)]")
    }
  }

  /// Numbers of one sequence's state in a layer and direction.
  package var stateWidth: Int { layers[0].shape.state }
  /// Numbers of one sequence's cell state in a layer and direction; 0 for cells without.
  package var cellWidth: Int { layers[0].shape.cellState }
}

// MARK: - Forward

/// How a forward pass is to be run.
struct RecurrentRun {
  var parameters: any ParameterMemory
  var team: ThreadTeam
  /// Jordan's teacher forcing: the targets by packed row, [N, O]; nil to feed back the own output.
  var forced: Matrix?
  /// The stretch of a longer batch that is read, where ``GradientCheckpointing`` cuts one;
  /// nil for a whole batch.
  var part: PassPart?
  /// The pass that the network is a layer of; nil for a network on its own.
  var pass: Pass?
}

extension RecurrentNetwork {
  /// All layers over all steps. The result [N, outputSize] lives on the tape.
  ///
  /// - Parameters:
  ///   - input: packed rows [N, I], alive until BPTT is done.
  ///   - table: the same as rows of a table, when that is less to multiply.
  ///   - initial: the state before the first step of each sequence.
  ///   - isRecorded: whether BPTT will follow.
  ///   - dropout: draws the dropout masks; nil for no dropout (evaluation).
  func forward(
    _ input: Matrix, table: TableRows? = nil, layout: SequenceLayout, initial: some StateStorage,
    tape: RecurrentTape, isRecorded: Bool = true, run: RecurrentRun, dropout: inout RandomGenerator?
  ) -> Matrix {
    begin(
      layout, initial: initial, tape: tape, isRecorded: isRecorded, run: run, dropout: &dropout)
    var rows = input
    for level in 0..<configuration.layers {
      if level > 0 { rows = drop(rows, level: level, tape: tape, dropout: &dropout, run.team) }
      rows = forwardLayer(
        level, rows, table: level == 0 ? table : nil, layout: layout, tape: tape, run: run)
    }
    tape.phase = .forward
    return rows
  }

  /// Makes the tape ready for a pass.
  func begin(
    _ layout: SequenceLayout, initial: some StateStorage, tape: RecurrentTape, isRecorded: Bool,
    run: RecurrentRun, dropout: inout RandomGenerator?
  ) {
    tape.layout = layout
    tape.viewGeneration += 1
    tape.isRecorded = isRecorded
    tape.wasForced = run.forced != nil
    tape.usedDropout = dropout != nil
    for layer in tape.layers { layer.part = run.part }
    prepare(tape, layout: layout, dropout: &dropout)
    setStates(initial, layout: layout, tape: tape)
  }

  private func prepare(
    _ tape: RecurrentTape, layout: SequenceLayout, dropout: inout RandomGenerator?
  ) {
    let rate = configuration.recurrentDropout
    let masks = dropout != nil && rate > 0
    for layer in tape.layers {
      layer.prepare(
        for: layout, isRecorded: tape.isRecorded,
        copiesState: configuration.cell.hasRecurrentProduct
          && (masks || tape.wasForced || (tape.isRecorded && !layout.isDense)),
        usesMask: masks)
      if var generator = dropout, let mask = layer.mask {
        mask.fillDropout(rate: rate, using: &generator, of: layer.part, by: .sequences)
        dropout = generator
      }
    }
  }

  private func forwardLayer(
    _ level: Int, _ input: Matrix, table: TableRows?, layout: SequenceLayout, tape: RecurrentTape,
    run: RecurrentRun
  ) -> Matrix {
    let index = level * directions
    layers[index].forward(
      input, table: table, layout: layout, tape: tape.layers[index], forced: run.forced,
      parameters: run.parameters, team: run.team)
    let output = tape.layers[index].output
    guard directions == 2 else { return output }

    let mirror = layout.mirroredRows
    let mirrored = tape.mirrored[level].matrix(input.rows, input.columns)
    mirrored.gather(mirror, from: input, team: run.team)
    layers[index + 1].forward(
      mirrored, table: table?.reordered(mirror), layout: layout, tape: tape.layers[index + 1],
      parameters: run.parameters, team: run.team)
    let reverse = tape.layers[index + 1].output
    let merged = tape.merged[level].matrix(input.rows, outputSize)
    let width = directionWidth
    merged.columns(0..<width).copy(from: output, team: run.team)
    if configuration.directions == .concatenated {
      merged.columns(width..<2 * width).gather(mirror, from: reverse, team: run.team)
    } else {
      merged.addGathered(mirror, from: reverse, team: run.team)
    }
    return merged
  }

  /// Inter-layer dropout before layer `level`.
  private func drop(
    _ rows: Matrix, level: Int, tape: RecurrentTape, dropout: inout RandomGenerator?,
    _ team: ThreadTeam
  ) -> Matrix {
    guard let mask = mask(rows.rows, level: level, tape: tape, dropout: &dropout) else {
      return rows
    }
    let result = tape.dropped[level].matrix(rows.rows, rows.columns)
    result.multiply(rows, by: mask, team: team)
    return result
  }

  /// Draws the mask of what layer `level` reads of the one below; nil without dropout.
  func mask(
    _ rows: Int, level: Int, tape: RecurrentTape, dropout: inout RandomGenerator?
  ) -> Matrix? {
    guard configuration.interLayerDropout > 0, var generator = dropout else { return nil }
    let mask = tape.dropoutMasks[level].matrix(rows, layers[level * directions].shape.input)
    mask.fillDropout(
      rate: configuration.interLayerDropout, using: &generator, of: tape.layers[0].part)
    dropout = generator
    return mask
  }

  /// Each direction's output at the last step that it read, side by side (or added): row r belongs
  /// to rank r, [B, outputSize].
  func copyEnds(from tape: RecurrentTape, layout: SequenceLayout, into result: Matrix) {
    let width = directionWidth
    let top = (configuration.layers - 1) * directions
    for (rank, row) in layout.lastRows.enumerated() {
      for direction in 0..<directions {
        let source = tape.layers[top + direction].output
        if direction == 1, configuration.directions == .summed {
          result.rows(rank..<rank + 1).combine(keep: 1, source.rows(row..<row + 1))
        } else {
          result.columns(direction * width..<(direction + 1) * width)
            .copyRow(rank, from: source, row)
        }
      }
    }
  }
}

// MARK: - Backward

/// Where the loss touches the network's output.
enum OutputGradient {
  /// Every packed row, [N, outputSize], to which those of the ends are added where there are some.
  case everyStep(Matrix, ends: Matrix? = nil)
  /// The ends that `copyEnds` gives, [B, outputSize].
  case atEnd(Matrix)
}

extension RecurrentNetwork {
  /// BPTT through all layers: adds parameter gradients to `gradients`.
  ///
  /// - Parameters:
  ///   - final: gradients of the final states, [B, …] in the caller's order; zeros where the loss
  ///     does not look at them. Becomes the gradients of the initial states.
  ///   - inputGradient: becomes dE/dX [N, I]; when the forward pass read a table, dE/d(table) [V,
  ///     I] is added to it. Nil when nobody needs it.
  func backward(
    _ gradient: OutputGradient, inputGradient: Matrix?, states final: inout some StateStorage,
    tape: RecurrentTape, run: RecurrentRun, gradients: any ParameterMemory
  ) {
    guard tape.phase == .forward, tape.isRecorded, let layout = tape.layout else {
      preconditionFailure("BPTT needs a recorded forward pass on the same tape")
    }
    setStateGradients(final, layout: layout, tape: tape)
    var above = spread(gradient, layout: layout, tape: tape, team: run.team)
    for level in (0..<configuration.layers).reversed() {
      let width = layers[level * directions].shape.input
      let below =
        level > 0 ? tape.gradientsAbove[level % 2].matrix(layout.rowCount, width) : inputGradient
      backwardLayer(level, above, below, layout: layout, tape: tape, run: run, gradients: gradients)
      run.pass?.hasFinished(from: layers[level * directions].range.lowerBound)
      guard level > 0, let below else { continue }
      if configuration.interLayerDropout > 0, tape.usedDropout {
        let mask = tape.dropoutMasks[level].matrix(below.rows, below.columns)
        below.multiply(below, by: mask, team: run.team)
      }
      above = directionGradients(below, level: level - 1, layout: layout, tape: tape, run.team)
    }
    copyStateGradients(into: &final, layout: layout, tape: tape)
    tape.phase = .backward
  }

  /// The gradient of each direction's own output, in the order in which that direction reads.
  private func directionGradients(
    _ merged: Matrix, level: Int, layout: SequenceLayout, tape: RecurrentTape, _ team: ThreadTeam
  ) -> (forward: Matrix, reverse: Matrix?) {
    let width = directionWidth
    guard directions == 2 else { return (merged, nil) }
    let own = configuration.directions == .concatenated ? width..<2 * width : 0..<width
    let mirrored = tape.mirroredGradients[0].matrix(layout.rowCount, width)
    mirrored.gather(layout.mirroredRows, from: merged.columns(own), team: team)
    return (merged.columns(0..<width), mirrored)
  }

  /// The top layer's output gradients by direction.
  private func spread(
    _ gradient: OutputGradient, layout: SequenceLayout, tape: RecurrentTape, team: ThreadTeam
  ) -> (forward: Matrix, reverse: Matrix?) {
    switch gradient {
    case .everyStep(let rows, let ends):
      let own = directionGradients(
        rows, level: configuration.layers - 1, layout: layout, tape: tape, team)
      if let ends {
        // Each direction in its own order of reading; the reverse one's rows are a copy already.
        own.forward.addScattered(layout.lastRows, from: endColumns(ends, direction: 0))
        own.reverse?.addScattered(layout.lastRows, from: endColumns(ends, direction: 1))
      }
      return own
    case .atEnd(let ends):
      let rows = endGradients(ends, direction: 0, layout: layout, tape: tape)
      guard directions == 2 else { return (rows, nil) }
      return (rows, endGradients(ends, direction: 1, layout: layout, tape: tape))
    }
  }

  private func endGradients(
    _ ends: Matrix, direction: Int, layout: SequenceLayout, tape: RecurrentTape
  ) -> Matrix {
    let rows = tape.endGradients[direction].matrix(layout.rowCount, directionWidth)
    rows.scatter(layout.lastRows, from: endColumns(ends, direction: direction))
    return rows
  }

  /// One direction's part of [B, outputSize].
  private func endColumns(_ ends: Matrix, direction: Int) -> Matrix {
    let first = configuration.directions == .concatenated ? direction * directionWidth : 0
    return ends.columns(first..<first + directionWidth)
  }

  private func backwardLayer(
    _ level: Int, _ above: (forward: Matrix, reverse: Matrix?), _ below: Matrix?,
    layout: SequenceLayout, tape: RecurrentTape,
    run: RecurrentRun, gradients: any ParameterMemory
  ) {
    let index = level * directions
    layers[index].backward(
      above.forward, inputGradient: below, layout: layout, tape: tape.layers[index],
      forced: tape.wasForced, parameters: run.parameters, gradients: gradients, team: run.team)
    guard let reverse = above.reverse else { return }
    let readsTable = tape.layers[index].table != nil
    let mirrored =
      readsTable ? below : below.map { tape.mirroredGradients[1].matrix($0.rows, $0.columns) }
    layers[index + 1].backward(
      reverse, inputGradient: mirrored, layout: layout, tape: tape.layers[index + 1],
      parameters: run.parameters, gradients: gradients, team: run.team)
    if let below, let mirrored, !readsTable {
      below.addGathered(layout.mirroredRows, from: mirrored, team: run.team)
    }
  }
}
