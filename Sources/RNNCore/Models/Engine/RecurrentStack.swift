internal import CLibrary

/// A stack of recurrent layers for a caller with memory of its own: inputs, outputs, states,
/// gradients and, where it wants, parameters stay where the caller has them. The C library is built
/// on it.
///
/// Any number of passes can be outstanding: each keeps a record of its own (``StackPass``), whose
/// memory is used again when the pass is gone. Calls from several threads are safe and take turns.
/// The weights are packed once for all passes.
///
/// Rows of tokens are packed, [N, …] in the order of a ``SequenceLayout``; states are [L·D, B,
/// width]. Nothing of the caller's is read or written after a call has returned, but for the input
/// of a recorded pass, which has to stay until that has gone back, and parameters that were bound.
package final class RecurrentStack: Sendable {
  /// Sizes and the places of the parameters.
  package let network: RecurrentNetwork
  /// Names and shapes of the parameters.
  package let layout: ParameterLayout

  private let contents: Locked<Contents>

  private struct Contents {
    /// Nil where neither were made nor bound.
    var parameters: (any ParameterMemory)?
    var ownGradients: ParameterStore?
    let foreign, foreignGradients: ForeignParameters
    /// Of passes without a record; all others share its packed weights.
    let stream: StackTape
    var idle: [StackTape] = []
    /// Stands for the output gradient where a caller has none.
    let zeros = FloatBuffer()
    /// The last batch that was made, with the sizes it was made of.
    var batch: (sizes: [Int64], layout: SequenceLayout)?
  }

  /// Throws what ``RecurrentConfiguration/validate()`` throws, and `.unsupported` for recurrent
  /// dropout and for a teacher-forced cell, which knows no targets here.
  package init(_ configuration: RecurrentConfiguration) throws(RNNError) {
    guard !configuration.isTeacherForced, configuration.recurrentDropout == 0 else {
      throw RNNError(
        .unsupported, "cell", expected: "one without teacher forcing and recurrent dropout",
        found: "\(configuration.cell)")
    }
    var layout = ParameterLayout()
    network = try RecurrentNetwork(configuration, declaringIn: &layout)
    self.layout = layout
    contents = Locked(
      Contents(
        foreign: ForeignParameters(layout: layout),
        foreignGradients: ForeignParameters(layout: layout),
        stream: StackTape(network.makeTape())))
  }

  // MARK: Parameters

  /// Makes parameters of the stack's own, with gradients of zero, in the place of any before.
  ///
  /// Throws ``RNNError/Kind/memory`` where the process may not take as much.
  ///
  /// - Parameters:
  ///   - initialization: how they start; nil for what the cell's name asks for.
  ///   - seed: of the random numbers.
  package func makeParameters(
    _ initialization: InitializationPlan? = nil, seed: UInt64
  ) throws(RNNError) {
    try layout.checkMemory(stores: 2, "parameters")
    let start = initialization ?? .standard(for: network.configuration.cell)
    let values = try ParameterStore(layout: layout, start: start, seed: seed)
    let gradients = ParameterStore(layout: layout)
    contents.withLock { ($0.parameters, $0.ownGradients) = (values, gradients) }
  }

  /// Where one of the stack's own parameters is, and its gradient, until others are made or bound.
  /// Throws `.empty` where there are none.
  package func ownParameter(
    at index: Int
  ) throws(RNNError) -> (
    values: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>
  ) {
    let place = layout.place(index)
    return try contents.withLock { (contents) throws(RNNError) in
      guard let gradients = contents.ownGradients, let values = contents.parameters else {
        throw RNNError(.empty, "parameters", expected: "some of the stack's own", found: "none")
      }
      return (values.pointer(place), gradients.pointer(place))
    }
  }

  /// What moves the stack's own parameters along their gradients. Throws `.empty` where there are
  /// none, and what ``ParameterUpdater`` throws.
  package func makeOptimizer(
    _ rule: OptimizerRule, rate: Float, weightDecay: Float?, clipping: Clipping
  ) throws(RNNError) -> StackOptimizer {
    try contents.withLock { (contents) throws(RNNError) in
      guard let gradients = contents.ownGradients,
        let values = contents.parameters as? ParameterStore
      else {
        throw RNNError(.empty, "parameters", expected: "some of the stack's own", found: "none")
      }
      return StackOptimizer(
        self,
        try ParameterUpdater(
          values, gradients: gradients, rule: rule, rate: rate, schedule: .constant,
          weightDecay: weightDecay, clipping: clipping, averaging: nil, nonFinite: .throw,
          team: .shared))
    }
  }

  fileprivate func update(_ updater: ParameterUpdater) throws(RNNError) -> Double {
    try contents.withLock { (_) throws(RNNError) in
      let report = try updater.apply(LossValue(value: 0, elements: 0))
      updater.gradients.setToZero(.shared)
      return report.clip?.norm ?? 0
    }
  }

  /// Tells that parameters have other values.
  package func markChanged() {
    contents.withLock { $0.parameters?.markChanged() }
  }

  /// Takes the parameters from a caller's memory, which has to stay until others are bound or made,
  /// or the stack is gone.
  ///
  /// - Parameters:
  ///   - places: of each parameter in the order of ``layout``, row-major; nil for zeros.
  ///   - changed: whether other numbers are there than at the last call, so that weights have to be
  ///     packed anew.
  package func bind(
    _ places: UnsafePointer<UnsafeMutablePointer<Float>?>, changed: Bool
  ) {
    contents.withLock {
      $0.foreign.bind(places, changed: changed)
      ($0.parameters, $0.ownGradients) = ($0.foreign, nil)
    }
  }

  // MARK: Passes

  /// How the rows of a batch lie.
  ///
  /// Throws `.empty` for no step and no sequence, `.shape` for sizes that do not begin with all
  /// sequences, `.range` for sizes that rise or fall below 1, `.memory` for more rows than the
  /// process has memory for.
  ///
  /// - Parameters:
  ///   - steps: T.
  ///   - sequences: B.
  ///   - sizes: how many sequences have each step, longest first, T numbers; nil where all have
  ///     all.
  package func batch(
    steps: Int, sequences: Int, sizes: UnsafeBufferPointer<Int64>?
  ) throws(RNNError) -> SequenceLayout {
    guard steps >= 1, sequences >= 1 else {
      throw RNNError(
        .empty, "batch", expected: "at least one step of one sequence",
        found: "\(steps) steps of \(sequences) sequences")
    }
    // One that is asked for again is known. No size is 0, which stands before those of all.
    let known = contents.withLock { contents -> SequenceLayout? in
      guard let batch = contents.batch else { return nil }
      let isSame =
        sizes.map { $0.elementsEqual(batch.sizes) }
        ?? batch.sizes.elementsEqual([0, Int64(steps), Int64(sequences)])
      return isSame ? batch.layout : nil
    }
    if let known { return known }
    var need = MemoryNeed()
    need.add("rows", floats: Amount(steps) * sequences * 2 + Amount(sequences) * 6)
    try need.check(argument: "batch")
    let layout = SequenceLayout(
      longestFirst: try Self.lengths(steps: steps, sequences: sequences, sizes: sizes))
    let key = sizes.map(Array.init) ?? [0, Int64(steps), Int64(sequences)]
    contents.withLock { $0.batch = (key, layout) }
    return layout
  }

  private static func lengths(
    steps: Int, sequences: Int, sizes: UnsafeBufferPointer<Int64>?
  ) throws(RNNError) -> [Int] {
    var lengths = [Int](repeating: steps, count: sequences)
    guard let sizes else { return lengths }
    guard sizes[0] == Int64(sequences) else {
      throw RNNError(
        .shape, "batch sizes", expected: "all \(sequences) sequences at the first step",
        found: "\(sizes[0])")
    }
    var active = sequences
    for (step, size) in sizes.enumerated() {
      guard size >= 1, size <= Int64(active) else {
        throw RNNError(
          .range, "batch size of step \(step)", expected: "1 to \(active)", found: "\(size)")
      }
      while active > Int(size) {
        active -= 1
        lengths[active] = step
      }
    }
    return lengths
  }

  /// Where a pass reads and writes.
  package struct Call {
    package var layout: SequenceLayout
    /// X [N, I].
    package var input: UnsafePointer<Float>
    /// States before the first step.
    package var initial: StateMemory
    /// Y [N, output]; nil when nobody wants it.
    package var output: UnsafeMutablePointer<Float>?
    /// States after each sequence's last step.
    package var final: StateMemory
    /// The probability with which a number is dropped between layers, 0 to 1, and the seed of the
    /// masks.
    package var dropout: (rate: Float, seed: UInt64)?
    package var team: ThreadTeam

    package init(
      layout: SequenceLayout, input: UnsafePointer<Float>, initial: StateMemory,
      output: UnsafeMutablePointer<Float>?, final: StateMemory,
      dropout: (rate: Float, seed: UInt64)?, team: ThreadTeam
    ) {
      (self.layout, self.input, self.initial) = (layout, input, initial)
      (self.output, self.final, self.dropout, self.team) = (output, final, dropout, team)
    }
  }

  /// Runs all layers over all steps and records nothing.
  ///
  /// Throws `.empty` without parameters, `.range` for a dropout outside [0, 1], `.memory` for a
  /// batch that the process has no memory for.
  package func forward(_ call: Call) throws(RNNError) {
    try contents.withLock { (contents) throws(RNNError) in
      _ = try run(call, on: contents.stream, &contents, recording: false)
    }
  }

  /// The same with a record, so that ``StackPass/backward(_:)`` can follow.
  package func recordedForward(_ call: Call) throws(RNNError) -> StackPass {
    try contents.withLock { (contents) throws(RNNError) in
      let tape =
        contents.idle.popLast()
        ?? StackTape(network.makeTape(sharingWeightsOf: contents.stream.tape))
      do throws(RNNError) {
        let network = try run(call, on: tape, &contents, recording: true)
        return StackPass(stack: self, network: network, tape: tape)
      } catch {
        contents.idle.append(tape)
        throw error
      }
    }
  }

  private func run(
    _ call: Call, on tape: StackTape, _ contents: inout Contents, recording: Bool
  ) throws(RNNError) -> RecurrentNetwork {
    let rate = call.dropout?.rate ?? 0
    guard rate >= 0, rate <= 1 else {
      throw RNNError(.range, "dropout", expected: "0 to 1", found: "\(rate)")
    }
    guard let parameters = contents.parameters else {
      throw RNNError(.empty, "parameters", expected: "some, made or bound", found: "none")
    }
    let (rows, team) = (call.layout.rowCount, call.team)
    try tape.admit(network, call.layout, recording: recording, hasDropout: rate > 0)
    let network = rate > 0 ? network.dropping(rate) : network
    var dropout = rate > 0 ? call.dropout.map { RandomGenerator(seed: $0.seed) } : nil
    let output = network.forward(
      Matrix(
        UnsafeMutablePointer(mutating: call.input), rows: rows,
        columns: network.configuration.inputSize),
      layout: call.layout, initial: call.initial, tape: tape.tape, isRecorded: recording,
      run: RecurrentRun(parameters: parameters, team: team, forced: nil), dropout: &dropout)
    if let target = call.output {
      Matrix(target, rows: rows, columns: output.columns).copy(from: output, team: team)
    }
    var final = call.final
    network.copyState(from: tape.tape, into: &final)
    return network
  }

  /// Where the gradients of a pass are and go.
  package struct Gradients {
    /// X again, where it is not where the forward pass read it.
    package var input: UnsafePointer<Float>?
    /// dE/dY [N, output]; nil for zeros.
    package var output: UnsafePointer<Float>?
    /// dE/d(final states).
    package var final: StateMemory
    /// Becomes dE/dX [N, I]; nil when nobody wants it.
    package var inputGradient: UnsafeMutablePointer<Float>?
    /// Becomes dE/d(initial states).
    package var initial: StateMemory
    /// Those of parameters are added to here, in the order of the layout; nil for what nobody
    /// wants. Nil altogether: to the stack's own.
    package var parameters: UnsafePointer<UnsafeMutablePointer<Float>?>?
    package var team: ThreadTeam

    package init(
      input: UnsafePointer<Float>?, output: UnsafePointer<Float>?, final: StateMemory,
      inputGradient: UnsafeMutablePointer<Float>?, initial: StateMemory,
      parameters: UnsafePointer<UnsafeMutablePointer<Float>?>?, team: ThreadTeam
    ) {
      (self.input, self.output, self.final) = (input, output, final)
      (self.inputGradient, self.initial) = (inputGradient, initial)
      (self.parameters, self.team) = (parameters, team)
    }
  }

  /// - Parameter sums: where gradients of parameters are added, before whatever the call says.
  fileprivate func backward(
    _ pass: StackPass, _ call: Gradients, to sums: ParameterStore? = nil
  ) throws(RNNError) {
    try contents.withLock { (contents) throws(RNNError) in
      let (network, tape, layout) = (pass.network, pass.tape.tape, pass.layout)
      guard tape.phase == .forward else {
        throw RNNError(
          .unsupported, "backward pass", expected: "a pass that has not gone back yet",
          found: "one that has")
      }
      guard let parameters = contents.parameters else {
        throw RNNError(.empty, "parameters", expected: "some, made or bound", found: "none")
      }
      let rows = layout.rowCount
      func matrix(_ pointer: UnsafePointer<Float>, _ columns: Int) -> Matrix {
        Matrix(UnsafeMutablePointer(mutating: pointer), rows: rows, columns: columns)
      }
      let gradients: any ParameterMemory
      if let sums {
        gradients = sums
      } else if let places = call.parameters {
        contents.foreignGradients.bind(places, changed: false)
        gradients = contents.foreignGradients
      } else if let own = contents.ownGradients {
        gradients = own
      } else {
        throw RNNError(
          .empty, "gradients", expected: "a place for those of bound parameters", found: "none")
      }
      if let input = call.input {
        tape.layers[0].input = matrix(input, network.configuration.inputSize)
      }
      let output =
        call.output.map { matrix($0, network.outputSize) }
        ?? contents.zeros.matrix(rows, network.outputSize)
      var states = StateExchange(source: call.final, target: call.initial)
      network.backward(
        .everyStep(output),
        inputGradient: call.inputGradient.map { matrix($0, network.configuration.inputSize) },
        states: &states, tape: tape,
        run: RecurrentRun(parameters: parameters, team: call.team, forced: nil),
        gradients: gradients)
      pass.probe?.hasGoneBack(gradients, weights: parameters)
    }
  }

  fileprivate func takeBack(_ tape: StackTape) {
    contents.withLock { $0.idle.append(tape) }
  }
}

/// A recorded forward pass, and its way back. Keeps its stack alive.
package final class StackPass: @unchecked Sendable {
  package let stack: RecurrentStack
  fileprivate let network: RecurrentNetwork
  fileprivate let tape: StackTape
  /// What looks at the pass for a profile.
  fileprivate var probe: PassProbe?

  fileprivate init(stack: RecurrentStack, network: RecurrentNetwork, tape: StackTape) {
    (self.stack, self.network, self.tape) = (stack, network, tape)
  }

  deinit {
    probe?.detach()
    stack.takeBack(tape)
  }

  /// How the sequences of the pass lie in its rows.
  package var layout: SequenceLayout {
    guard let layout = tape.tape.layout else { preconditionFailure("a pass has a layout") }
    return layout
  }

  /// BPTT. Throws `.unsupported` for a pass that has gone back before: gradients lie where its
  /// gates were.
  package func backward(_ gradients: RecurrentStack.Gradients) throws(RNNError) {
    try stack.backward(self, gradients)
  }

  /// The gradient profile of a way back, to be taken once in its place.
  ///
  /// - Parameters:
  ///   - gradients: where those of outputs and final states are.
  ///   - probed: the step of each rank's only answer; nil where the gradient enters otherwise.
  ///   - ofSeveralSteps: whether several answers of a sequence come together.
  fileprivate func profile(
    _ gradients: RecurrentStack.Gradients, probed: [Int?]?, ofSeveralSteps: Bool,
    to sums: ParameterStore
  ) throws(RNNError) -> GradientProfile {
    let probe = PassProbe(probed: { _ in probed })
    probe.begin(shares: gradients.team.shares)
    probe.hasRead(network, tape.tape)
    self.probe = probe
    probe.tookLoss(ofSeveralSteps: ofSeveralSteps)
    try stack.backward(self, gradients, to: sums)
    self.probe = nil
    return probe.profile(loss: nil)
  }
}

extension RecurrentStack {
  /// Where the gradient of a loss went in one pass.
  package struct Profile {
    /// Of the loss as it is.
    package var all: GradientProfile
    /// Of each sequence's last answer alone, where the loss has several in a sequence: what shows
    /// how far back a gradient reaches. Nil where it has not.
    package var last: GradientProfile?

    /// The one that can be judged.
    package var judged: GradientProfile { last ?? all }
  }

  /// Goes over a batch forward and back, and gives the profile of that; nothing else is changed.
  ///
  /// Throws what a pass throws. Costs one there and back, or two where the loss has several answers
  /// in a sequence.
  ///
  /// - Parameters:
  ///   - call: the batch; where outputs and final states go is not looked at.
  ///   - gradients: of outputs and final states; where others go is not looked at.
  package func profile(_ call: Call, _ gradients: Gradients) throws(RNNError) -> Profile {
    let (layout, width) = (call.layout, network.outputSize)
    let nowhere = StateMemory(
      hidden: nil, cell: nil, of: network, sequences: layout.sequenceCount)
    var (there, back) = (call, gradients)
    (there.output, there.final) = (nil, nowhere)
    (back.inputGradient, back.initial, back.parameters) = (nil, nowhere, nil)
    try self.layout.checkMemory(stores: 1, "gradients of a profile")
    let sums = ParameterStore(layout: self.layout)

    let output = gradients.output.map {
      Matrix(UnsafeMutablePointer(mutating: $0), rows: layout.rowCount, columns: width)
    }
    let answers = output?.lastAnswers(layout) ?? []
    let hasAnswers = answers.contains { $0 != nil }
    let hasStates = gradients.final.contains { $0 != 0 }
    let hasSeveral =
      hasAnswers && (hasStates || output.map { $0.hasSeveralSteps(layout) } ?? false)
    let all = try recordedForward(there).profile(
      back, probed: hasAnswers && !hasSeveral ? answers : nil, ofSeveralSteps: hasSeveral,
      to: sums)
    guard hasSeveral, let output else { return Profile(all: all) }
    let alone = FloatBuffer()
    let rows = alone.matrix(layout.rowCount, width)
    rows.fill(0)
    for (rank, step) in answers.enumerated() {
      guard let step else { continue }
      let row = layout.stepOffsets[step] + rank
      rows.copyRow(row, from: output, row)
    }
    (back.output, back.final) = (UnsafePointer(rows.pointer), nowhere)
    let last = try withExtendedLifetime(alone) { () throws(RNNError) in
      try recordedForward(there).profile(
        back, probed: answers, ofSeveralSteps: false, to: sums)
    }
    return Profile(all: all, last: last)
  }
}

/// Moves the parameters that a stack had when it was made. Keeps the stack alive.
package final class StackOptimizer: @unchecked Sendable {
  private let stack: RecurrentStack
  private let updater: ParameterUpdater

  fileprivate init(_ stack: RecurrentStack, _ updater: ParameterUpdater) {
    (self.stack, self.updater) = (stack, updater)
  }

  /// Clips the gradients, moves the parameters along them, and makes the gradients zero. Throws
  /// `.nonFinite`, without an update, for a gradient that is not finite.
  ///
  /// - Returns: the norm of all gradients before clipping.
  package func step() throws(RNNError) -> Double { try stack.update(updater) }
}

/// A tape with what it was found to have memory for.
private final class StackTape: @unchecked Sendable {
  let tape: RecurrentTape
  private var admitted = AdmittedBatches()

  init(_ tape: RecurrentTape) { self.tape = tape }

  /// Throws ``RNNError/Kind/memory`` for a batch that the process has no memory for.
  func admit(
    _ network: RecurrentNetwork, _ layout: SequenceLayout, recording: Bool, hasDropout: Bool
  ) throws(RNNError) {
    let batch = BatchExtent(layout)
    try admitted.admit(batch, recording: recording) { recording in
      var need = MemoryNeed()
      need.add(
        "states and gates",
        floats: network.floats(
          batch, recording: recording, inputGradient: true, hasDropout: hasDropout))
      return need
    }
  }
}

/// States that are read in one place and written in another.
private struct StateExchange: StateStorage {
  let source: StateMemory
  var target: StateMemory

  func read(_ part: StatePart, _ index: Int, _ body: (UnsafePointer<Float>?) -> Void) {
    source.read(part, index, body)
  }

  mutating func write(
    _ part: StatePart, _ index: Int, _ body: (UnsafeMutablePointer<Float>?) -> Void
  ) {
    target.write(part, index, body)
  }
}
