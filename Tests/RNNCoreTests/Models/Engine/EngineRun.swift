@testable import RNNCore
@testable import TestSupport

/// The engine, run on what the oracle is run on: packs arguments, unpacks results and gradients.
final class EngineRun {
  let oracle: OracleNetwork
  let network: RecurrentNetwork
  let tape: RecurrentTape
  private(set) var layout: SequenceLayout?
  let parameters: ParameterStore
  private let gradients: ParameterStore
  private let team: ThreadTeam
  private let (inputRows, forcedRows) = (FloatBuffer(), FloatBuffer())
  private let (outputGradients, inputGradients) = (FloatBuffer(), FloatBuffer())
  private var run: RecurrentRun

  init(
    _ oracle: OracleNetwork, threads: Int = 1, products: ProductBackend = .standard,
    grid: UnrollGrid? = nil, interLayerDropout: Float = 0, recurrentDropout: Float = 0,
    teacherForcing: Bool = false
  ) throws {
    self.oracle = oracle
    var configuration = oracle.configuration
    configuration.interLayerDropout = interLayerDropout
    configuration.recurrentDropout = recurrentDropout
    if var jordan = configuration.cell.cell as? Jordan {
      jordan.isTeacherForced = teacherForcing
      configuration.cell = CellKind(jordan)
    }
    var declared = ParameterLayout()
    network = try RecurrentNetwork(configuration, declaringIn: &declared)
    parameters = ParameterStore(layout: declared)
    gradients = ParameterStore(layout: declared)
    tape = network.makeTape()
    team = try ThreadTeam(count: threads, cores: threads, products: products, grid: grid)
    run = RecurrentRun(parameters: parameters, team: team)
  }

  // MARK: Passes

  /// - Parameters:
  ///   - dropoutSeed: nil for no dropout.
  ///   - targets: what to force on a Jordan network, [sequence][step][O].
  func forward(
    _ arguments: OracleArguments<Double>, dropoutSeed: UInt64? = nil,
    forcing targets: [[[Double]]]? = nil
  ) throws -> OracleResult<Double> {
    for (name, values) in arguments.parameters {
      try parameters.set(name, to: values.map { Float($0) })
    }
    let layout = try SequenceLayout(lengths: arguments.sequences.map(\.count))
    self.layout = layout
    // Not by `map`: of its nil, unoptimised code clears only what marks it, and optimised code
    // (Swift 6.3) looks at more.
    run.forced = nil
    if let targets { run.forced = pack(targets, width: oracle.output, layout, into: forcedRows) }
    var dropout = dropoutSeed.map { RandomGenerator(seed: $0) }
    let output = network.forward(
      pack(arguments.sequences, width: oracle.input, layout, into: inputRows), layout: layout,
      initial: state(arguments.initialHidden, arguments.initialCell, layout), tape: tape, run: run,
      dropout: &dropout)
    tape.inputBuffer = inputRows

    var result = OracleResult<Double>()
    result.outputs = unpack(output, layout)
    var final = network.zeroState(sequences: layout.sequenceCount)
    try network.copyFinalState(from: tape, into: &final)
    (result.finalHidden, result.finalCell) = states(final)
    return result
  }

  /// The gradient of what the oracle calls the loss, after a forward pass.
  ///
  /// - Parameter accumulating: whether to add to the parameter gradients of the pass before.
  func backward(
    _ cotangent: OracleResult<Double>, accumulating: Bool = false
  ) -> OracleArguments<Double> {
    guard let layout else { preconditionFailure("no forward pass") }
    let rows = pack(cotangent.outputs, width: oracle.outputWidth, layout, into: outputGradients)
    return backward(
      .everyStep(rows), layout, hidden: cotangent.finalHidden, cell: cotangent.finalCell,
      accumulating: accumulating)
  }

  /// The gradient of sum(slopes * ends), with `ends` as `copyEnds` gives them: [sequence][width].
  func backward(ends slopes: [[Double]]) -> OracleArguments<Double> {
    guard let layout else { preconditionFailure("no forward pass") }
    let rows = outputGradients.matrix(layout.sequenceCount, oracle.outputWidth)
    for (rank, sequence) in layout.order.enumerated() {
      for (column, slope) in slopes[sequence].enumerated() { rows.row(rank)[column] = Float(slope) }
    }
    return backward(.atEnd(rows), layout, hidden: nil, cell: nil, accumulating: false)
  }

  /// What the ends of all sequences are, [sequence][width].
  func ends() -> [[Double]] {
    guard let layout else { preconditionFailure("no forward pass") }
    let buffer = FloatBuffer()
    let result = buffer.matrix(layout.sequenceCount, oracle.outputWidth)
    result.fill(.nan)
    network.copyEnds(from: tape, layout: layout, into: result)
    return withExtendedLifetime(buffer) {
      layout.ranks.map { rank in result.row(rank).map { Double($0) } }
    }
  }

  private func backward(
    _ gradient: OutputGradient, _ layout: SequenceLayout, hidden: [[[Double]]]?,
    cell: [[[Double]]]?, accumulating: Bool
  ) -> OracleArguments<Double> {
    if !accumulating { gradients.setToZero() }
    let below = inputGradients.matrix(layout.rowCount, oracle.input)
    below.fill(.nan)
    var slopes = network.zeroState(sequences: layout.sequenceCount)
    if let hidden, let cell { slopes = state(hidden, cell, layout) }
    network.backward(
      gradient, inputGradient: below, states: &slopes, tape: tape, run: run, gradients: gradients)

    var result = OracleArguments<Double>()
    for slice in gradients.layout.slices {
      let matrix = gradients.matrix(slice)
      result.parameters[slice.name] = (0..<slice.count).map { Double(matrix.pointer[$0]) }
    }
    result.sequences = unpack(below, layout)
    (result.initialHidden, result.initialCell) = states(slopes)
    return result
  }

  /// Fills every buffer of the tape with NaN, after a pass over `lengths` that makes them grow:
  /// what a later pass does not write itself it must not read.
  func poison(lengths: [Int], dropoutSeed: UInt64? = nil) throws {
    _ = try forward(oracle.arguments(lengths: lengths) { _, _ in 0.25 }, dropoutSeed: dropoutSeed)
    _ = backward(oracle.cotangent(lengths: lengths) { _, _ in 0.25 })
    for layer in tape.layers {
      let matrices = [
        layer.gates, layer.state, layer.cell, layer.emission, layer.stateGradient,
        layer.cellGradient, layer.memory.scratch,
      ]
      for matrix in matrices + [layer.memory.recurrentInput, layer.mask].compactMap({ $0 }) {
        matrix.fill(.nan)
      }
      layer.weights.bias.poison()
    }
    let buffers = [
      tape.merged, tape.dropped, tape.dropoutMasks, tape.mirrored, tape.gradientsAbove,
      tape.mirroredGradients, tape.endGradients,
    ]
    for buffer in buffers.joined() { buffer.poison() }
  }

  // MARK: Constants

  /// The dropout masks that the last forward pass drew.
  func drawnMasks() -> OracleConstants {
    guard let layout else { preconditionFailure("no forward pass") }
    var constants = OracleConstants()
    let masks = tape.layers.compactMap { layer in
      layer.mask.map { mask in layout.ranks.map { mask.row($0).map { Double($0) } } }
    }
    constants.recurrentMasks = masks.isEmpty ? nil : masks
    if network.configuration.interLayerDropout > 0 {
      constants.interLayerMasks = (1..<oracle.layers).map { level in
        unpack(tape.dropoutMasks[level].matrix(layout.rowCount, oracle.outputWidth), layout)
      }
    }
    return constants
  }

  // MARK: Packing

  private func pack(
    _ sequences: [[[Double]]], width: Int, _ layout: SequenceLayout, into buffer: FloatBuffer
  ) -> Matrix {
    let rows = buffer.matrix(layout.rowCount, width)
    for (sequence, steps) in sequences.enumerated() {
      for (step, values) in steps.enumerated() {
        let row = rows.row(layout.row(sequence: sequence, step: step))
        for column in 0..<width { row[column] = Float(values[column]) }
      }
    }
    return rows
  }

  private func unpack(_ rows: Matrix, _ layout: SequenceLayout) -> [[[Double]]] {
    layout.lengths.enumerated().map { sequence, length in
      (0..<length).map { step in
        rows.row(layout.row(sequence: sequence, step: step)).map { Double($0) }
      }
    }
  }

  private func state(
    _ hidden: [[[Double]]], _ cell: [[[Double]]], _ layout: SequenceLayout
  ) -> RecurrentState {
    var state = network.zeroState(sequences: layout.sequenceCount)
    state.hidden = hidden.map { $0.flatMap { $0.map { Float($0) } } }
    if oracle.cell.isLSTM { state.cell = cell.map { $0.flatMap { $0.map { Float($0) } } } }
    return state
  }

  /// As the oracle has them: [layer * D + direction][sequence][width].
  private func states(
    _ state: RecurrentState
  ) -> (hidden: [[[Double]]], cell: [[[Double]]]) {
    func rows(_ values: [Float], width: Int) -> [[Double]] {
      (0..<state.sequenceCount).map { sequence in
        values[sequence * width..<(sequence + 1) * width].map { Double($0) }
      }
    }
    let hidden = state.hidden.map { rows($0, width: state.stateWidth) }
    let cell = oracle.cell.isLSTM ? state.cell.map { rows($0, width: state.cellWidth) } : []
    return (hidden, cell)
  }
}

extension FloatBuffer {
  fileprivate func poison() { pointer.update(repeating: .nan, count: capacity) }
}
