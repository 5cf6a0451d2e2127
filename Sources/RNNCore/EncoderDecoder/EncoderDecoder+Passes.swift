extension EncoderDecoder {
  /// Logits [N, V] of all target rows, in the order of sentences or, when the decoder goes by steps, in their packed
  /// order; they live on the pass.
  ///
  /// - Parameter sampling: ε, see ``SamplingSchedule``; 0 feeds the targets.
  func forward(
    _ batch: PairBatch, sampling: Double = 0, pass: EncoderDecoderPass, isRecorded: Bool,
    dropout: inout RandomGenerator?
  ) -> Matrix {
    pass.usedDropout = dropout != nil && configuration.dropout > 0
    let keys = encode(batch.sources, batch.sourceRows, pass: pass, isRecorded, &dropout)
    pass.wentBySteps = configuration.feeding != .none || sampling > 0
    if pass.wentBySteps {
      return forwardBySteps(
        batch, keys: keys, sampling: sampling, pass: pass, isRecorded: isRecorded,
        dropout: &dropout)
    }
    let layout = batch.targets.layout
    let input = pass.target.matrix(layout.rowCount, layers.targetEmbedding.width)
    if case .tokens(let ids) = batch.targets.content {
      layers.targetEmbedding.forward(ids, into: input, parameters: parameters, team: team)
    }
    let seen = pass.target.drop(
      input, rate: configuration.dropout, using: &dropout, team: team)
    let outputs = layers.decoder.forward(
      seen, layout: layout, initial: pass.decoderState, tape: pass.decoder,
      isRecorded: isRecorded, run: run, dropout: &dropout)
    let answers = wideRows(layout.rowCount, pass: pass)
    answers.queries.gather(batch.targetRows, from: outputs, team: team)
    pass.attention.plan = batch.plan
    return answer(answers, keys: keys, pass: pass, dropout: &dropout)
  }

  /// Outputs of the encoder [S, H] in the order of sentences; the states that the decoder starts from are left on
  /// the pass.
  func encode(
    _ sources: SequenceBatch, _ sourceRows: [Int], pass: EncoderDecoderPass, _ isRecorded: Bool,
    _ dropout: inout RandomGenerator?
  ) -> Matrix {
    let layout = sources.layout
    let input = pass.source.matrix(layout.rowCount, configuration.source.width)
    switch sources.content {
    case .tokens(let ids):
      layers.sourceEmbedding?.forward(ids, into: input, parameters: parameters, team: team)
    case .features(let values, _):
      input.pointer.update(from: values, count: values.count)
    }
    let seen = pass.source.drop(
      input, rate: configuration.dropout, using: &dropout, team: team)
    pass.encoderState.makeZero(sequences: layout.sequenceCount)
    let outputs = layers.encoder.forward(
      seen, layout: layout, initial: pass.encoderState, tape: pass.encoder,
      isRecorded: isRecorded, run: run, dropout: &dropout)
    layers.encoder.copyState(from: pass.encoder, after: .max, into: &pass.encoderState)
    pass.decoderState.makeZero(sequences: layout.sequenceCount)
    StateBridge(configuration).copy(pass.encoderState, into: &pass.decoderState)
    let keys = pass.keys.matrix(layout.rowCount, configuration.hiddenSize)
    keys.gather(sourceRows, from: outputs, team: team)
    return keys
  }

  /// Contexts and queries side by side; without attention the queries alone.
  func wideRows(
    _ count: Int, pass: EncoderDecoderPass
  ) -> (all: Matrix, contexts: Matrix?, queries: Matrix) {
    wideRows(pass.wide, count)
  }

  func wideRows(
    _ buffer: FloatBuffer, _ count: Int
  ) -> (all: Matrix, contexts: Matrix?, queries: Matrix) {
    let hidden = configuration.hiddenSize
    guard layers.attention != nil else {
      let rows = buffer.matrix(count, hidden)
      return (rows, nil, rows)
    }
    let rows = buffer.matrix(count, 2 * hidden)
    return (rows, rows.columns(0..<hidden), rows.columns(hidden..<2 * hidden))
  }

  /// Logits of the decoder's outputs, which stand in `rows`.
  private func answer(
    _ rows: (all: Matrix, contexts: Matrix?, queries: Matrix), keys: Matrix,
    pass: EncoderDecoderPass, dropout: inout RandomGenerator?
  ) -> Matrix {
    if let attention = layers.attention, let contexts = rows.contexts {
      attention.forward(
        rows.queries, keys, into: contexts, tape: pass.attention, parameters: parameters,
        team: team)
    }
    combine(0..<rows.all.rows, rows.all, pass: pass)
    return readOut(combined(rows.all, pass: pass), pass: pass, dropout: &dropout)
  }

  func readOut(
    _ answers: Matrix, pass: EncoderDecoderPass, dropout: inout RandomGenerator?
  ) -> Matrix {
    let seen = pass.answers.drop(
      answers, rate: configuration.dropout, using: &dropout, team: team)
    pass.readoutInput = seen
    let logits = pass.logits.matrix(seen.rows, layers.readout.outputSize)
    layers.readout.forward(
      seen, into: logits, weights: pass.readoutWeights, parameters: parameters, team: team)
    return logits
  }

  var run: RecurrentRun { RecurrentRun(parameters: parameters, team: team, forced: nil) }

  // MARK: - Backward

  /// Adds the gradients of all parameters, from the gradient of the logits.
  func backward(
    _ logits: Matrix, _ batch: PairBatch, pass: EncoderDecoderPass, gradients: ParameterStore
  ) {
    guard !pass.wentBySteps else {
      let keys = backwardBySteps(logits, batch, pass: pass, gradients: gradients)
      return backwardEncoder(keys, batch, pass: pass, gradients: gradients)
    }
    let answers = backwardReadout(logits, pass: pass, gradients: gradients)
    let (queries, keys) = backwardAttention(answers, pass: pass, gradients: gradients)
    backwardDecoder(queries, batch, pass: pass, gradients: gradients)
    backwardEncoder(keys, batch, pass: pass, gradients: gradients)
  }

  /// The gradient of what was read out, before dropout.
  func backwardReadout(
    _ logits: Matrix, pass: EncoderDecoderPass, gradients: ParameterStore
  ) -> Matrix {
    guard let seen = pass.readoutInput else {
      preconditionFailure("a backward pass follows a forward pass")
    }
    let answers = pass.answerGradient.matrix(seen.rows, seen.columns)
    layers.readout.backward(
      logits, input: seen, output: nil, inputGradient: answers, weights: pass.readoutWeights,
      parameters: parameters, gradients: gradients, team: team)
    if pass.usedDropout { pass.answers.undrop(answers, team: team) }
    return answers
  }

  /// The gradients of the decoder's outputs, and of the encoder's where attention looks at them.
  private func backwardAttention(
    _ answers: Matrix, pass: EncoderDecoderPass, gradients: ParameterStore
  ) -> (queries: Matrix, keys: Matrix?) {
    guard let attention = layers.attention, let combination = layers.combination else {
      return (answers, nil)
    }
    let hidden = configuration.hiddenSize
    let rows = wideRows(pass.wide, answers.rows)
    let gradient = wideRows(pass.wideGradient, answers.rows)
    let keys = pass.keys.matrix(pass.attention.plan.keyCount, hidden)
    combination.backward(
      answers, input: rows.all, output: pass.combined.matrix(answers.rows, hidden),
      inputGradient: gradient.all, weights: pass.combinationWeights, parameters: parameters,
      gradients: gradients, team: team)
    let queries = pass.queryGradient.matrix(answers.rows, hidden)
    let keyGradient = pass.keyGradient.matrix(keys.rows, hidden)
    attention.backward(
      gradient.all.columns(0..<hidden), rows.queries, keys, queryGradient: queries,
      keyGradient: keyGradient, tape: pass.attention, parameters: parameters,
      gradients: gradients, team: team)
    team.split(queries.rows) { range in
      queries.rows(range).combine(keep: 1, gradient.queries.rows(range))
    }
    return (queries, keyGradient)
  }

  private func backwardDecoder(
    _ queries: Matrix, _ batch: PairBatch, pass: EncoderDecoderPass, gradients: ParameterStore
  ) {
    let layout = batch.targets.layout
    let packed = pass.decoderGradient.matrix(layout.rowCount, queries.columns)
    packed.scatterAll(batch.targetRows, from: queries, team: team)
    let inputs = pass.inputGradient.matrix(layout.rowCount, layers.targetEmbedding.width)
    // Nobody looks at the decoder's final states.
    pass.decoderState.makeZero(sequences: layout.sequenceCount)
    layers.decoder.backward(
      .everyStep(packed), inputGradient: inputs, states: &pass.decoderState, tape: pass.decoder,
      run: run, gradients: gradients)
    if pass.usedDropout { pass.target.undrop(inputs, team: team) }
    if case .tokens(let ids) = batch.targets.content {
      layers.targetEmbedding.backward(ids, outputGradient: inputs, gradients: gradients, team: team)
    }
  }

  private func backwardEncoder(
    _ keys: Matrix?, _ batch: PairBatch, pass: EncoderDecoderPass, gradients: ParameterStore
  ) {
    let layout = batch.sources.layout
    let packed = pass.encoderGradient.matrix(layout.rowCount, configuration.hiddenSize)
    if let keys {
      packed.scatterAll(batch.sourceRows, from: keys, team: team)
    } else {
      packed.fill(0)
    }
    pass.encoderState.makeZero(sequences: layout.sequenceCount)
    StateBridge(configuration).copyGradient(of: pass.decoderState, into: &pass.encoderState)
    let inputs = layers.sourceEmbedding.map { pass.inputGradient.matrix(layout.rowCount, $0.width) }
    layers.encoder.backward(
      .everyStep(packed), inputGradient: inputs, states: &pass.encoderState, tape: pass.encoder,
      run: run, gradients: gradients)
    guard let sourceEmbedding = layers.sourceEmbedding, let inputs,
      case .tokens(let ids) = batch.sources.content
    else {
      return
    }
    if pass.usedDropout { pass.source.undrop(inputs, team: team) }
    sourceEmbedding.backward(ids, outputGradient: inputs, gradients: gradients, team: team)
  }
}
