extension RecurrentStack {
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
    guard let parameters = contents.parameters else { throw Self.noParameters }
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
  func backward(
    _ pass: StackPass, _ call: Gradients, to sums: ParameterStore? = nil
  ) throws(RNNError) {
    try contents.withLock { (contents) throws(RNNError) in
      let (network, tape, layout) = (pass.network, pass.tape.tape, pass.layout)
      guard tape.phase == .forward else {
        throw RNNError(
          .unsupported, "backward pass", expected: "a pass that has not gone back yet",
          found: "one that has")
      }
      guard let parameters = contents.parameters else { throw Self.noParameters }
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

  func takeBack(_ tape: StackTape) {
    contents.withLock { $0.idle.append(tape) }
  }
}

/// A recorded forward pass, and its way back. Keeps its stack alive.
package final class StackPass: @unchecked Sendable {
  package let stack: RecurrentStack
  let network: RecurrentNetwork
  let tape: StackTape
  /// What looks at the pass for a profile.
  var probe: PassProbe?

  init(stack: RecurrentStack, network: RecurrentNetwork, tape: StackTape) {
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

  /// Where the forward pass has read X.
  package var input: UnsafePointer<Float> { UnsafePointer(tape.tape.layers[0].input.pointer) }

  /// BPTT. Throws `.unsupported` for a pass that has gone back before: gradients lie where its
  /// gates were.
  package func backward(_ gradients: RecurrentStack.Gradients) throws(RNNError) {
    try stack.backward(self, gradients)
  }
}
