/// A recurrent network as a layer of a model.
extension RecurrentNetwork {
  /// The outputs of all steps, packed [N, outputSize], from states of zeros.
  ///
  /// Throws as ``read(_:from:)``.
  public func callAsFunction(_ rows: Rows) throws(RNNError) -> Rows { try read(rows).outputs }

  /// Reads packed rows [N, I] and gives what was read.
  ///
  /// Throws `.shape` for rows that are not packed steps of the input's width, and for a state of
  /// another shape; `.unsupported` for a teacher-forced cell, which knows no targets here.
  ///
  /// - Parameters:
  ///   - rows: packed steps.
  ///   - state: before the first step of each sequence; nil for zeros. No gradient flows into it.
  public func read(_ rows: Rows, from state: RecurrentState? = nil) throws(RNNError) -> Reading {
    guard !configuration.isTeacherForced else {
      throw RNNError(
        .unsupported, "teacher forcing", expected: "a cell that is fed its own outputs",
        found: "\(configuration.cell)")
    }
    return try read(rows, from: state, forced: nil)
  }

  /// Reads from states that a gradient flows back into.
  func read(_ rows: Rows, from states: States) throws(RNNError) -> Reading {
    try read(rows, from: states.state, forced: nil, slope: states.slope)
  }

  /// - Parameter forced: what a teacher-forced cell is fed in place of its outputs, [N, O]; nil for
  ///   those.
  func read(
    _ rows: Rows, from state: RecurrentState?, forced: Matrix?, slope: StateSlope? = nil
  ) throws(RNNError) -> Reading {
    let layout = try rows.packedLayout("input of a recurrent network")
    try rows.check(width: configuration.inputSize, "input of a recurrent network")
    if let state { try check(state, sequences: layout.sequenceCount) }
    let pass = rows.pass
    let record = pass.record({ $0.belongs(to: self) }, { RecurrentRecord(self) })
    record.input = rows.source
    record.layout = layout
    record.initial = slope
    if state == nil { record.zeros.makeZero(sequences: layout.sequenceCount) }
    let outputs = forward(
      rows.matrix, table: rows.source.table?.rows, layout: layout, initial: state ?? record.zeros,
      tape: record.tape, isRecorded: pass.keepsStates, run: RecurrentRun(on: pass, forced: forced),
      dropout: &pass.dropout)
    record.tape.inputBuffer = rows.source.memory
    pass.watcher?.hasRead(self, record.tape)
    return Reading(
      outputs: Rows(outputs, order: .packed(layout), slope: record.slope, on: pass),
      record: record)
  }

  /// What a network has made of some sequences.
  public struct Reading {
    /// h of every step (Jordan: z, LRU: y), packed [N, outputSize].
    public let outputs: Rows
    fileprivate let record: RecurrentRecord

    /// States and gates of all steps (after a recorded pass; of any pass the hidden states), until
    /// the pass begins anew.
    public var tape: RecurrentTape { record.tape }

    /// What each direction has to say at the last step that it read, side by side or added, one row
    /// a sequence in the caller's order, [B, outputSize].
    public func ends() throws(RNNError) -> Rows {
      try endsByRank().gathered(record.layout.ranks, as: .examples)
    }

    /// The output of each direction at the last step that it read, longest sequence first, [B,
    /// outputSize].
    public func endsByRank() throws(RNNError) -> Rows {
      try outputs.check()
      let pass = outputs.pass
      let network = record.network
      let ends = pass.record { EndsRecord() }
      ends.read = record
      let layout = record.layout
      let rows = ends.output.matrix(layout.sequenceCount, network.outputSize)
      network.copyEnds(from: record.tape, layout: layout, into: rows)
      return Rows(rows, order: .byRank(layout), slope: ends.slope, on: pass)
    }

    /// The states after each sequence's last step, for another network to begin with.
    func finalStates() -> States {
      record.copyFinalState()
      return States(state: record.final, slope: record.finalSlope)
    }

    /// Lets a gradient of the final states flow back.
    func takeFinalGradient(_ gradient: RecurrentState) { record.finalSlope.take(gradient) }

    /// The states after each sequence's last step; no gradient flows back through them.
    public func finalState() throws(RNNError) -> RecurrentState {
      try outputs.check()
      var state = record.network.zeroState(sequences: record.layout.sequenceCount)
      record.network.copyState(from: record.tape, after: .max, into: &state)
      return state
    }
  }
}

extension RecurrentRun {
  fileprivate init(on pass: Pass, forced: Matrix? = nil) {
    self.init(
      parameters: pass.parameters, team: pass.team, forced: forced, part: pass.part, pass: pass)
  }
}

private final class RecurrentRecord: LayerRecord {
  let network: RecurrentNetwork
  let tape: RecurrentTape
  var input: RowSource?
  var layout = SequenceLayout(longestFirst: [1])
  /// Initial states of zeros, and the gradients of final states that nobody looks at.
  var zeros: RecurrentState
  private var stateGradient: RecurrentState
  /// The gradient of the ends, in the order of ranks.
  var ends: Matrix?
  /// Final states where somebody begins with them, with their gradient, and that of the initial
  /// ones.
  private(set) var final: RecurrentState
  let finalSlope = StateSlope()
  var initial: StateSlope?

  init(_ network: RecurrentNetwork) {
    self.network = network
    tape = network.makeTape()
    zeros = network.zeroState(sequences: 0)
    (stateGradient, final) = (zeros, zeros)
  }

  /// Whether the record has the tape of such a network.
  func belongs(to other: RecurrentNetwork) -> Bool {
    network.layers[0].slices[0].offset == other.layers[0].slices[0].offset
      && network.configuration == other.configuration
  }

  override var isReached: Bool {
    slope.matrix != nil || ends != nil || finalSlope.gradient != nil
  }

  override var parameterEnd: Int { network.parameterEnd }

  override func reset() {
    super.reset()
    ends = nil
    finalSlope.forget()
  }

  func copyFinalState() {
    final.makeZero(sequences: layout.sequenceCount)
    network.copyState(from: tape, after: .max, into: &final)
  }

  override func backward(_ pass: Pass) {
    guard let input else { return }
    stateGradient.makeZero(sequences: layout.sequenceCount)
    if let gradient = finalSlope.gradient { stateGradient.copy(from: gradient) }
    if slope.matrix == nil, ends == nil {
      // Nobody looks at the outputs but through the final states.
      slope.receive(layout.rowCount, network.outputSize, pass) { $0.fill(0) }
    }
    func walk(_ inputGradient: Matrix?) {
      let gradient: OutputGradient
      if let steps = slope.matrix {
        gradient = .everyStep(steps, ends: ends)
      } else if let ends {
        gradient = .atEnd(ends)
      } else {
        return
      }
      network.backward(
        gradient, inputGradient: inputGradient, states: &stateGradient, tape: tape,
        run: RecurrentRun(on: pass), gradients: pass.recordedGradients)
    }
    if let table = input.table {
      walk(pass.recordedGradients.matrix(table.slice))
    } else if let below = input.slope {
      below.receive(input.matrix.rows, input.matrix.columns, pass, walk)
    } else {
      walk(nil)
    }
    guard let initial else { return }
    initial.take(stateGradient)
    pass.watcher?.cameBack(to: stateGradient, at: network, on: pass)
  }
}

private final class EndsRecord: LayerRecord {
  var read: RecurrentRecord?
  let output = FloatBuffer()

  override func backward(_ pass: Pass) {
    guard let read, let gradient = slope.matrix else { return }
    if let known = read.ends { gradient.combine(keep: 1, known) }
    read.ends = gradient
  }
}
