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

  /// The outputs [answers, O] of a batch that fits. They live on the pass, and so does all that the
  /// backward pass needs.
  func forward(
    _ batch: SequenceBatch, initial: RecurrentState, pass: ModelPass, teacherForced: Bool,
    isRecorded: Bool = true, dropout: inout RandomGenerator?
  ) -> Matrix {
    pass.batch = batch
    pass.usedDropout = dropout != nil && configuration.dropout > 0
    pass.forcedRows = teacherForced ? forcedOutputs(batch, pass: pass) : nil
    let input = readInput(batch, context: initial.context, pass: pass, dropout: &dropout)
    let answers = runBody(
      input, batch, initial: initial, pass: pass, isRecorded: isRecorded, dropout: &dropout)
    guard let readout else {
      pass.outputRows = answers
      return answers
    }
    let seen = drop(
      answers, to: pass.answered, mask: pass.answerMask, pass: pass, dropout: &dropout)
    let outputs = pass.outputs.matrix(seen.rows, readout.outputSize)
    readout.forward(
      seen, into: outputs, weights: pass.readoutWeights, parameters: parameters, team: team)
    pass.readoutInput = seen
    pass.outputRows = outputs
    return outputs
  }

  /// Turns the state before a pass into that after its first `steps` steps, or after the last of shorter sequences.
  ///
  /// A teacher-forced cell goes on from the target that it would have been fed next.
  func carry(_ pass: ModelPass, after steps: Int = .max, into state: inout RecurrentState) {
    guard let layout = pass.batch?.layout else {
      preconditionFailure("a state follows a forward pass")
    }
    if let network, let tape = pass.tape {
      network.copyState(from: tape, after: steps, forced: pass.forcedRows, into: &state)
    }
    if let input = pass.stepInput {
      window.advance(&state.context, over: input, layout: layout, steps: steps)
    }
  }

  private func readInput(
    _ batch: SequenceBatch, context: [Float], pass: ModelPass, dropout: inout RandomGenerator?
  ) -> Matrix {
    let (count, width) = (batch.layout.rowCount, configuration.input.width)
    var rows: Matrix
    switch batch.content {
    case .tokens(let ids):
      rows = pass.embedded.matrix(count, width)
      embedding?.forward(ids, into: rows, parameters: parameters, team: team)
    case .features(let values, _):
      rows = pass.features.matrix(count, width)
      rows.pointer.update(from: values, count: values.count)
    }
    pass.stepInput = rows
    if window.size > 1 {
      let wide = pass.windowed.matrix(count, width * window.size)
      window.forward(rows, context: context, layout: batch.layout, into: wide, team: team)
      rows = wide
    }
    return drop(rows, to: pass.dropped, mask: pass.inputMask, pass: pass, dropout: &dropout)
  }

  /// What the readout sees: every row, or the ends.
  private func runBody(
    _ input: Matrix, _ batch: SequenceBatch, initial: RecurrentState, pass: ModelPass,
    isRecorded: Bool, dropout: inout RandomGenerator?
  ) -> Matrix {
    pass.bodyInput = input
    pass.table = tableRows(batch, pass: pass)
    let layout = batch.layout
    let output: Matrix
    if let network, let tape = pass.tape {
      output = network.forward(
        input, table: pass.table, layout: layout, initial: initial, tape: tape,
        isRecorded: isRecorded, run: run(pass), dropout: &dropout)
      tape.inputBuffer = pass.buffer(of: input)
    } else if let hidden {
      output = pass.hidden.matrix(input.rows, hidden.outputSize)
      hidden.forward(
        input, into: output, weights: pass.hiddenWeights, parameters: parameters, team: team)
      pass.hiddenOutput = output
    } else {
      preconditionFailure("a model has a recurrent or a feed-forward body")
    }
    guard configuration.answer == .atEnd else {
      forwardSentence(output, layout, pass: pass, dropout: &dropout)
      // The loss writes gradients over outputs, which must not touch the tape.
      guard readout == nil else { return output }
      let own = pass.outputs.matrix(output.rows, output.columns)
      own.copy(from: output, team: team)
      return own
    }
    let ends = (readout == nil ? pass.outputs : pass.ends)
      .matrix(layout.sequenceCount, output.columns)
    copyEnds(of: output, layout, pass: pass, into: ends)
    return ends
  }

  /// The body's input as rows of the embedding, where it is nothing else and that is less to multiply.
  private func tableRows(_ batch: SequenceBatch, pass: ModelPass) -> TableRows? {
    guard network != nil, window.size == 1, !pass.usedDropout, case .tokens(let ids) = batch.content
    else { return nil }
    return embedding?.tableRows(ids, parameters: parameters)
  }

  /// What the body has to say after reading all, [B, width]: each direction at the last step that it read.
  func copyEnds(of output: Matrix, _ layout: SequenceLayout, pass: ModelPass, into ends: Matrix) {
    if let network, let tape = pass.tape {
      network.copyEnds(from: tape, layout: layout, into: ends)
    } else {
      ends.gather(layout.lastRows, from: output, team: team)
    }
  }

  func run(_ pass: ModelPass) -> RecurrentRun {
    RecurrentRun(parameters: parameters, team: team, forced: pass.forcedRows)
  }

  func drop(
    _ rows: Matrix, to buffer: FloatBuffer, mask maskBuffer: FloatBuffer, pass: ModelPass,
    dropout: inout RandomGenerator?
  ) -> Matrix {
    guard pass.usedDropout, var generator = dropout else { return rows }
    let mask = maskBuffer.matrix(rows.rows, rows.columns)
    mask.fillDropout(rate: configuration.dropout, using: &generator)
    dropout = generator
    let result = buffer.matrix(rows.rows, rows.columns)
    result.multiply(rows, by: mask, team: team)
    return result
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
