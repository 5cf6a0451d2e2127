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
    var profile = try profile(call, gradients)
    if jacobians { profile.spectra = try spectra(call, sequence: call.layout.order[0]) }
    return profile
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
    var call = call
    call.dropout = nil
    (call.output, call.final) = (nil, nowhere(call.layout))
    let pass = try recordedForward(call)
    let parameters = try copiedParameters()
    return withExtendedLifetime(pass) {
      pass.network.spectra(of: pass.tape.tape, parameters: parameters, sequence: sequence)
    }
  }

  private func nowhere(_ layout: SequenceLayout) -> StateMemory {
    StateMemory(hidden: nil, cell: nil, of: network, sequences: layout.sequenceCount)
  }

  private func profile(_ call: Call, _ gradients: Gradients) throws(RNNError) -> Profile {
    let (layout, width) = (call.layout, network.outputSize)
    let nowhere = nowhere(layout)
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

extension StackPass {
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
