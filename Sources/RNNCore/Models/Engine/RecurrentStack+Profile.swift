extension RecurrentStack {
  /// Where the gradient of a loss went in one pass.
  package struct Profile {
    /// Of the loss as it is.
    package var all: GradientProfile
    /// Of each sequence's last answer alone, where the loss has several in a sequence: what shows
    /// how far back a gradient reaches. Nil where it has not.
    package var last: GradientProfile?
    /// Jacobians of each layer and direction along the longest sequence, in the order of the
    /// profile's layers; empty where nobody asked for them.
    package var spectra: [LayerSpectrum.Outcome] = []

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
  ///   - jacobians: whether to take ``spectra(_:sequence:)`` of the longest sequence, too.
  package func profile(
    _ call: Call, _ gradients: Gradients, jacobians: Bool = false
  ) throws(RNNError) -> Profile {
    let sums = try makeSums()
    return try profile(call, gradients, jacobians: jacobians, sums) {
      (back: Gradients, answers: Answers) throws(RNNError) in
      try recordedForward(silent(call)).profile(
        silent(back, nowhere(call.layout)), answers, to: sums)
    }
  }

  /// Takes a recorded pass back, as ``StackPass/backward(_:)`` does, and looks at it on its way.
  ///
  /// Norms of parameters' gradients are of what stands in their places afterwards.
  ///
  /// Throws what ``StackPass/backward(_:)`` throws. Costs that, and one there and back where the
  /// loss has several answers in a sequence.
  ///
  /// - Parameters:
  ///   - pass: of this stack.
  ///   - call: as in its forward pass.
  ///   - gradients: as in its backward pass; that of each parameter has a place.
  ///   - jacobians: as in ``profile(_:_:jacobians:)``.
  package func profiledBackward(
    _ pass: StackPass, _ call: Call, _ gradients: Gradients, jacobians: Bool
  ) throws(RNNError) -> Profile {
    try profile(call, gradients, jacobians: jacobians, nil) {
      (back: Gradients, answers: Answers) throws(RNNError) in
      try pass.profile(back, answers, to: nil)
    }
  }

  /// The Jacobians of each layer and direction along one sequence, without dropout.
  ///
  /// Throws what a pass throws, and `.range` for a sequence that the batch has not. Costs a forward
  /// pass and about 30 n³ operations a step and layer, for a state of n numbers.
  package func spectra(_ call: Call, sequence: Int) throws(RNNError) -> [LayerSpectrum.Outcome] {
    guard call.layout.lengths.indices.contains(sequence) else {
      throw RNNError(
        .range, "sequence", expected: "0 to \(call.layout.sequenceCount - 1)", found: "\(sequence)")
    }
    var call = silent(call)
    call.dropout = nil
    let pass = try recordedForward(call)
    let parameters = try copiedParameters()
    return withExtendedLifetime(pass) {
      pass.network.spectra(of: pass.tape.tape, parameters: parameters, sequence: sequence)
    }
  }

  private func nowhere(_ layout: SequenceLayout) -> StateMemory {
    StateMemory(hidden: nil, cell: nil, of: network, sequences: layout.sequenceCount)
  }

  /// The last step of each rank at which a gradient enters.
  fileprivate struct Answers {
    /// By rank; nil where the gradient enters otherwise.
    var steps: [Int?]?
    /// Whether several answers of a sequence come together.
    var areSeveral: Bool
  }

  private func makeSums() throws(RNNError) -> ParameterStore {
    try layout.checkMemory(stores: 1, "gradients of a profile")
    return ParameterStore(layout: layout)
  }

  /// Without results that nobody wants.
  private func silent(_ call: Call) -> Call {
    var call = call
    (call.output, call.final) = (nil, nowhere(call.layout))
    return call
  }

  private func silent(_ gradients: Gradients, _ nowhere: StateMemory) -> Gradients {
    var gradients = gradients
    (gradients.inputGradient, gradients.parameters) = (nil, nil)
    gradients.initial = nowhere
    return gradients
  }

  /// - Parameters:
  ///   - sums: where gradients of parameters may go; nil to make room for them.
  ///   - goBack: the way back of the loss as it is.
  private func profile(
    _ call: Call, _ gradients: Gradients, jacobians: Bool, _ sums: ParameterStore?,
    goBack: (Gradients, Answers) throws(RNNError) -> GradientProfile
  ) throws(RNNError) -> Profile {
    let spectra = jacobians ? try spectra(call, sequence: call.layout.order[0]) : []
    let layout = call.layout
    let output = gradients.output.map {
      Matrix(
        UnsafeMutablePointer(mutating: $0), rows: layout.rowCount, columns: network.outputSize)
    }
    let steps = output?.lastAnswers(layout) ?? []
    let hasAnswers = steps.contains { $0 != nil }
    let hasStates = gradients.final.contains { $0 != 0 }
    let areSeveral =
      hasAnswers && (hasStates || output.map { $0.hasSeveralSteps(layout) } ?? false)
    let all = try goBack(
      gradients,
      Answers(steps: hasAnswers && !areSeveral ? steps : nil, areSeveral: areSeveral))
    guard areSeveral, let output else { return Profile(all: all, spectra: spectra) }

    let alone = FloatBuffer()
    let rows = alone.matrix(layout.rowCount, network.outputSize)
    rows.fill(0)
    for (rank, step) in steps.enumerated() {
      guard let step else { continue }
      let row = layout.stepOffsets[step] + rank
      rows.copyRow(row, from: output, row)
    }
    var back = silent(gradients, nowhere(layout))
    (back.output, back.final) = (UnsafePointer(rows.pointer), nowhere(layout))
    let room = if let sums { sums } else { try makeSums() }
    let last = try withExtendedLifetime(alone) { () throws(RNNError) in
      try recordedForward(silent(call)).profile(
        back, Answers(steps: steps, areSeveral: false), to: room)
    }
    return Profile(all: all, last: last, spectra: spectra)
  }
}

extension StackPass {
  /// The gradient profile of a way back, to be taken once in its place.
  ///
  /// - Parameters:
  ///   - gradients: where those of outputs and final states are.
  ///   - answers: where they enter.
  ///   - sums: where those of parameters go; nil for where `gradients` says.
  fileprivate func profile(
    _ gradients: RecurrentStack.Gradients, _ answers: RecurrentStack.Answers,
    to sums: ParameterStore?
  ) throws(RNNError) -> GradientProfile {
    let probe = PassProbe(probed: { _ in answers.steps })
    probe.begin(shares: gradients.team.shares)
    probe.hasRead(network, tape.tape)
    self.probe = probe
    probe.tookLoss(ofSeveralSteps: answers.areSeveral)
    defer {
      probe.detach()
      self.probe = nil
    }
    try stack.backward(self, gradients, to: sums)
    return probe.profile(loss: nil)
  }
}
