/// A stack of recurrent layers with its weights, gradients and workspace: what to link where the
/// rest of a model lives elsewhere.
///
/// ```swift
/// let engine = try RecurrentEngine(
///   RecurrentConfiguration(cell: .lstm(), inputSize: 128, hiddenSize: 256), seed: 1)
/// let batch = try SequenceLayout(lengths: [100, 80, 100])
/// var state = engine.zeroState(sequences: 3)
/// engine.prepare(batch)
/// try engine.input.set(to: x)                       // [N, 128], packed as `batch` says
/// let output = try engine.forward(&state)           // [N, 256]
/// try engine.outputGradient.set(to: dy)
/// engine.gradients.setToZero()
/// try engine.backward()                             // adds to `gradients`, fills `inputGradient`
/// ```
///
/// Nothing is copied: inputs and gradients are written and outputs are read where the engine works.
/// Once it has seen the largest batch it allocates nothing. One engine belongs to one thread at a
/// time.
///
/// Weights are packed when they have changed since the last pass; a stream of single steps (a
/// layout of length 1, `state` carried from call to call, `recording: false`) packs them once.
public final class RecurrentEngine: @unchecked Sendable {
  /// Sizes and the places of the parameters.
  public let network: RecurrentNetwork
  /// The weights; what is written to them is used from the next pass on.
  public let parameters: ParameterStore
  /// The sums of all `backward` calls since they were set to zero.
  public let gradients: ParameterStore
  /// States and gates of the last recorded pass.
  public let tape: RecurrentTape
  /// Takes a gradient profile of every n-th recorded pass; nil for none.
  public var profiler: GradientProfiler? {
    didSet {
      // A pass that was being watched is watched no more.
      tape.detachProbes()
      isProfiled = false
    }
  }

  let team: ThreadTeam
  private let inputBuffer = FloatBuffer()
  private let outputGradientBuffer = FloatBuffer()
  private let inputGradientBuffer = FloatBuffer()
  private var layout: SequenceLayout?
  private var admitted = AdmittedBatches()
  private var stateGradient: RecurrentState
  /// Whether the last recorded pass is one that the profiler looks at.
  private var isProfiled = false

  /// - Parameters:
  ///   - configuration: the stack; without dropout and teacher forcing, which belong to
  ///     ``SequenceModel``.
  ///   - initialization: how weights start; nil for what the cell's name asks for.
  ///   - seed: of the initial weights.
  ///   - team: the threads that work on it.
  public init(
    _ configuration: RecurrentConfiguration, initialization: InitializationPlan? = nil,
    seed: UInt64, team: ThreadTeam = .shared
  ) throws(RNNError) {
    guard configuration.interLayerDropout == 0, configuration.recurrentDropout == 0 else {
      throw RNNError(
        .unsupported, "dropout", expected: "none in an engine without a model", found: "a rate")
    }
    guard !configuration.isTeacherForced else {
      throw RNNError(
        .unsupported, "teacher forcing", expected: "none in an engine, which knows no targets",
        found: "a Jordan cell that is fed them")
    }
    var layout = ParameterLayout()
    network = try RecurrentNetwork(configuration, declaringIn: &layout)
    try layout.checkMemory(stores: 2, "parameters")
    parameters = ParameterStore(layout: layout)
    gradients = ParameterStore(layout: layout)
    tape = network.makeTape()
    stateGradient = network.zeroState(sequences: 0)
    self.team = team
    try (initialization ?? .standard(for: configuration.cell))
      .fill(parameters, seed: seed)
  }

  /// The state before the first step: zeros for `sequences` sequences.
  public func zeroState(sequences: Int) -> RecurrentState {
    network.zeroState(sequences: sequences)
  }

  /// Makes room for batches of this shape. What ``input`` and ``outputGradient`` held may be lost,
  /// and with another shape than before the last pass cannot be run backward any more.
  public func prepare(_ layout: SequenceLayout) {
    if layout != self.layout { tape.phase = .empty }
    self.layout = layout
    _ = inputBuffer.matrix(layout.rowCount, network.configuration.inputSize)
    _ = outputGradientBuffer.matrix(layout.rowCount, network.outputSize)
  }

  /// Makes room for sequences of any lengths and packs them into ``input``.
  ///
  /// Throws `.empty` for no sequence or one without steps, `.shape` for numbers that are no whole
  /// steps, `.memory` where the process may not take as much.
  ///
  /// - Parameter sequences: row-major [T, I] each.
  /// - Returns: how their steps lie in packed rows.
  @discardableResult
  public func pack(_ sequences: [[Float]]) throws(RNNError) -> SequenceLayout {
    let width = network.configuration.inputSize
    for (index, values) in sequences.enumerated() where !values.count.isMultiple(of: width) {
      throw RNNError(
        .shape, "sequence \(index)", expected: "steps of \(width) numbers",
        found: "\(values.count) numbers")
    }
    let layout = try SequenceLayout(lengths: sequences.map { $0.count / width })
    var need = MemoryNeed()
    need.add("input", floats: Amount(layout.rowCount) * (width + network.outputSize))
    try need.check(argument: "batch")
    prepare(layout)
    for (sequence, values) in sequences.enumerated() {
      for step in 0..<layout.lengths[sequence] {
        input.withRow(layout.row(sequence: sequence, step: step)) { row in
          for column in 0..<width { row[column] = values[step * width + column] }
        }
      }
    }
    return layout
  }

  /// X [N, I], to be written before ``forward(_:recording:)`` and left alone until
  /// ``backward(inputGradient:)``.
  public var input: PackedRows { view(inputBuffer, network.configuration.inputSize) }

  /// dE/dY [N, output], to be written before ``backward(inputGradient:)``.
  public var outputGradient: PackedRows { view(outputGradientBuffer, network.outputSize) }

  /// dE/dX [N, I] as the last ``backward(inputGradient:)`` left it.
  public var inputGradient: PackedRows {
    view(inputGradientBuffer, network.configuration.inputSize)
  }

  /// Runs all layers over all steps of ``input``.
  ///
  /// Throws `.empty` before ``prepare(_:)``, `.shape` for a state of another shape, `.unsupported`
  /// with a profiler that probes single answers, `.memory` for a batch that the process has no
  /// memory for. Costs `network.flopsPerToken` a token.
  ///
  /// - Parameters:
  ///   - state: the state before the first step; after it, the state after each sequence's last.
  ///   - recording: whether ``backward(inputGradient:)`` will follow; without, gates and cell
  ///     states are not kept, which saves memory and time.
  /// - Returns: Y [N, output], valid until the next pass.
  public func forward(
    _ state: inout RecurrentState, recording: Bool = true
  ) throws(RNNError) -> PackedRows {
    let layout = try preparedLayout()
    try network.check(state, sequences: layout.sequenceCount)
    try admit(layout, recording: recording)
    var noDropout: RandomGenerator?
    let output = network.forward(
      input.matrix, layout: layout, initial: state, tape: tape, isRecorded: recording, run: run,
      dropout: &noDropout)
    tape.inputBuffer = inputBuffer
    network.copyState(from: tape, after: .max, into: &state)
    if let profiler, profiler.probing != .allAnswers {
      throw RNNError(
        .unsupported, "profiler",
        expected: "one of all answers: an engine has gradients, no losses",
        found: "one that probes \(profiler.probing)")
    }
    isProfiled = recording && profiler?.beginStep(shares: team.shares) ?? false
    if isProfiled { profiler?.probe.hasRead(network, tape) }
    return PackedRows(output, owner: tape)
  }

  /// BPTT from ``outputGradient`` through the last recorded pass: adds to ``gradients``.
  ///
  /// Throws `.unsupported` when no recorded forward pass came before. Costs twice the forward pass,
  /// less the input product of the first layer when `inputGradient` is false.
  ///
  /// - Parameter inputGradient: whether to compute ``inputGradient``.
  public func backward(inputGradient: Bool = true) throws(RNNError) {
    let layout = try preparedLayout()
    stateGradient.makeZero(sequences: layout.sequenceCount)
    try backward(&stateGradient, inputGradient: inputGradient)
  }

  /// The same with gradients of the states.
  ///
  /// - Parameters:
  ///   - states: dE/d(final states); becomes dE/d(initial states).
  ///   - inputGradient: whether to compute ``inputGradient``.
  public func backward(
    _ states: inout RecurrentState, inputGradient: Bool = true
  ) throws(RNNError) {
    let layout = try preparedLayout()
    try network.check(states, sequences: layout.sequenceCount)
    guard tape.phase == .forward, tape.isRecorded else {
      throw RNNError(
        .unsupported, "backward pass", expected: "a recorded forward pass before it",
        found: "none")
    }
    let below =
      inputGradient
      ? inputGradientBuffer.matrix(layout.rowCount, network.configuration.inputSize) : nil
    network.backward(
      .everyStep(outputGradient.matrix), inputGradient: below, states: &states, tape: tape,
      run: run, gradients: gradients)
    if isProfiled, let profiler {
      profiler.probe.tookLoss(ofSeveralSteps: outputGradient.matrix.hasSeveralSteps(layout))
      profiler.probe.hasGoneBack(gradients, weights: parameters)
      profiler.readBackward(loss: nil)
      isProfiled = false
    }
  }

  /// Throws ``RNNError/Kind/memory`` for a batch that the process has no memory for; its input is
  /// there already.
  private func admit(_ layout: SequenceLayout, recording: Bool) throws(RNNError) {
    let batch = BatchExtent(layout)
    try admitted.admit(batch, recording: recording) { recording in
      var need = MemoryNeed()
      need.add(
        "states and gates",
        floats: network.floats(batch, recording: recording, inputGradient: true))
      if team.products == .packed {
        need.add("packed weights", floats: parameters.layout.floats * 2)
      }
      return need
    }
  }

  private var run: RecurrentRun { RecurrentRun(parameters: parameters, team: team, forced: nil) }

  private func view(_ buffer: FloatBuffer, _ columns: Int) -> PackedRows {
    PackedRows(buffer.matrix(layout?.rowCount ?? 0, columns), owner: buffer)
  }

  private func preparedLayout() throws(RNNError) -> SequenceLayout {
    guard let layout else {
      throw RNNError(.empty, "engine", expected: "a batch prepared for", found: "none")
    }
    return layout
  }
}
