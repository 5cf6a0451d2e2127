extension SequenceModel {
  /// Throws unless the batch's input, answers and states fit this model.
  func check(_ batch: SequenceBatch, state: RecurrentState) throws(RNNError) {
    switch (configuration.input, batch.content) {
    case (.tokens(let vocabulary, _), .tokens(let ids)):
      if let bad = ids.first(where: { $0 < 0 || $0 >= vocabulary }) {
        throw RNNError(
          .vocabulary, "token", expected: "0 to \(vocabulary - 1)", found: "\(bad)")
      }
    case (.features(let width), .features(_, let found)):
      guard found == width else {
        throw RNNError(.shape, "feature width", expected: "\(width)", found: "\(found)")
      }
    case (.tokens, _):
      throw RNNError(.shape, "input", expected: "tokens", found: "features")
    case (.features, _):
      throw RNNError(.shape, "input", expected: "features", found: "tokens")
    }
    guard batch.answer == configuration.answer else {
      throw RNNError(
        .shape, "answers", expected: "\(configuration.answer)", found: "\(batch.answer)")
    }
    if let labels = batch.labels { try configuration.sentenceHead?.check(labels) }
    let sequences = batch.layout.sequenceCount
    guard state.contextWidth == contextWidth, state.context.count == sequences * contextWidth else {
      throw RNNError(
        .shape, "context of the state", expected: "[\(sequences), \(contextWidth)]",
        found: "[\(state.sequenceCount), \(state.contextWidth)]")
    }
    guard let network else {
      guard state.hidden.isEmpty else {
        throw RNNError(
          .shape, "recurrent state", expected: "none", found: "\(state.hidden.count) layers")
      }
      return
    }
    try network.check(state, sequences: sequences)
  }

  /// Runs a batch that fits through the model, up to the readout, in a pass that has begun: returns
  /// the body's outputs at the answers, after dropout, which the readout turns into the model's; of
  /// a model without a readout they are the model's already.
  ///
  /// - Parameters:
  ///   - batch: that fits.
  ///   - initial: the state before the first step.
  ///   - slope: where the gradient of that state goes; nil for nowhere.
  ///   - pass: the workspace.
  ///   - teacherForced: whether a Jordan network is fed the targets.
  func forward(
    _ batch: SequenceBatch, from initial: RecurrentState, slope: StateSlope? = nil,
    pass: ModelPass, teacherForced: Bool
  ) throws(RNNError) -> Rows {
    pass.batch = batch
    (pass.walk, pass.final) = (nil, nil)
    pass.forcedRows = teacherForced ? forcedOutputs(batch, pass: pass) : nil
    let steps = try readSteps(batch, in: pass.layers)
    pass.stepInput = steps
    let input = try layers.dropout(window(steps, context: initial.context))
    let body = try runBody(input, from: initial, slope: slope, pass: pass)
    (pass.sentenceInput, pass.sentence) = (nil, nil)
    if let sentence {
      let seen = try layers.dropout(ends(of: body, pass: pass))
      (pass.sentenceInput, pass.sentence) = (seen, try sentence(seen))
    }
    let isAtEnd = configuration.answer == .atEnd
    let answers = isAtEnd ? try ends(of: body, pass: pass) : body
    (pass.readoutInput, pass.outputs, pass.blocked) = (nil, nil, nil)
    guard readout != nil else {
      // The loss writes gradients over outputs, which must not touch the tape.
      let outputs = isAtEnd ? answers : answers.copied()
      pass.outputs = outputs
      return outputs
    }
    let seen = try layers.dropout(answers)
    pass.readoutInput = seen
    return seen
  }

  /// The outputs [answers, O] of what a forward pass has come to.
  func outputs(of answers: Rows, pass: ModelPass) throws(RNNError) -> Rows {
    guard let readout else { return answers }
    let outputs = try readout(answers)
    pass.outputs = outputs
    return outputs
  }

  /// The readout by blocks of what a forward pass has come to; nil where its outputs may stand in
  /// memory as a whole, or have to for the loss.
  func blockedReadout(of answers: Rows, pass: ModelPass) -> BlockedReadout? {
    guard configuration.loss == .softmaxCrossEntropy, let readout else { return nil }
    pass.blocked = BlockedReadout.taking(answers, of: readout)
    return pass.blocked
  }

  private func readSteps(_ batch: SequenceBatch, in pass: Pass) throws(RNNError) -> Rows {
    if let embedding { return try embedding(batch, in: pass) }
    return try pass.features(batch, width: configuration.input.width)
  }

  private func runBody(
    _ input: Rows, from initial: RecurrentState, slope: StateSlope?, pass: ModelPass
  ) throws(RNNError) -> Rows {
    if let network {
      let reading = try network.read(
        input, from: initial, forced: pass.forcedRows, slope: slope)
      pass.reading = reading
      return reading.outputs
    }
    guard let hidden else {
      preconditionFailure("a model has a recurrent or a feed-forward body")
    }
    let output = try hidden(input)
    pass.hidden = output
    return output
  }

  /// What the body has to say after reading all, by rank [B, width]: each direction at the last
  /// step that it read.
  private func ends(of body: Rows, pass: ModelPass) throws(RNNError) -> Rows {
    try network == nil ? body.lastStepsByRank() : pass.reading?.endsByRank() ?? body
  }

  /// Turns the state before a pass into that after its first `steps` steps, or after the last of
  /// shorter sequences.
  ///
  /// A teacher-forced cell goes on from the target that it would have been fed next.
  func carry(_ pass: ModelPass, after steps: Int = .max, into state: inout RecurrentState) {
    if let final = pass.final, steps == .max {
      state = final
      return
    }
    guard let layout = pass.batch?.layout else {
      preconditionFailure("a state follows a forward pass")
    }
    if let network, let tape = pass.tape {
      network.copyState(from: tape, after: steps, forced: pass.forcedRows, into: &state)
    }
    if let input = pass.stepInput {
      window.advance(&state.context, over: input.matrix, layout: layout, steps: steps)
    }
  }

  func run(_ pass: ModelPass) -> RecurrentRun {
    RecurrentRun(parameters: parameters, team: team, forced: pass.forcedRows)
  }

  /// The targets as the outputs that a Jordan network should have fed back, [N, O].
  private func forcedOutputs(_ batch: SequenceBatch, pass: ModelPass) -> Matrix? {
    let rows = pass.forced.matrix(batch.layout.rowCount, configuration.outputs)
    guard batch.answer == .everyStep else { return nil }
    switch batch.targets {
    case .classes(let ids)?:
      rows.fill(0)
      for (row, id) in ids.enumerated() where id >= 0 { rows.row(row)[Int(id)] = 1 }
    case .values(let values, _)?:
      rows.pointer.update(from: values, count: values.count)
    case .labellings?, nil: return nil
    }
    return rows
  }
}
