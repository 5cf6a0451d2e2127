/// The decoder a step at a time, where a step reads what the step before gave: attention, or a
/// token of its own.
///
/// Rows stay in the packed order of the targets, so that those of a step lie together; sentences
/// that are done drop out at a step's end. Weights α lie as in the other way of going, a matrix [T,
/// S] a sentence.
extension EncoderDecoder {
  /// The columns of the decoder's input that hold the token's vector; what attention feeds follows.
  var tokenColumns: Range<Int> { 0..<layers.targetEmbedding.width }
  var fedColumns: Range<Int> { layers.targetEmbedding.width..<configuration.decoder.inputSize }

  /// Contexts and queries side by side; without attention the queries alone.
  func wideRows(
    _ count: Int, pass: DecoderSteps
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

  // MARK: - Forward

  /// The input of the readout, packed rows of all targets, one decoder step after the other.
  ///
  /// - Parameter sampling: ε, see ``SamplingSchedule``; 0 feeds the targets.
  func decodeBySteps(
    _ batch: PairBatch, _ source: Source, sampling: Double, pass: EncoderDecoderPass
  ) throws(RNNError) -> Rows {
    let record = pass.layers.record { DecoderRecord(self, pass.steps) }
    (record.batch, record.keys, record.start) = (batch, source.keys.source, source.start.slope)
    pass.decoder = pass.steps.decoder
    let rows = forwardBySteps(
      batch, keys: source.keys.matrix, initial: source.start.state, sampling: sampling,
      pass: pass.steps, isRecorded: pass.layers.keepsStates, dropout: &pass.layers.dropout)
    pass.layers.watcher?.hasRead(layers.decoder, pass.steps.decoder)
    return Rows(
      rows, order: .packed(batch.targets.layout), slope: record.slope, on: pass.layers)
  }

  fileprivate func forwardBySteps(
    _ batch: PairBatch, keys: Matrix, initial: RecurrentState, sampling: Double,
    pass: DecoderSteps, isRecorded: Bool, dropout: inout RandomGenerator?
  ) -> Matrix {
    let layout = batch.targets.layout
    pass.usedDropout = dropout != nil && configuration.dropout > 0
    let input = pass.decoderInput.matrix(layout.rowCount, configuration.decoder.inputSize)
    if case .tokens(let ids) = batch.targets.content { pass.fed = ids }
    readTokens(input, pass: pass, dropout: &dropout)
    layers.decoder.beginSteps(
      input, layout: layout, initial: initial, tape: pass.decoder,
      isRecorded: isRecorded, run: run, dropout: &dropout)
    let coins = draw(layout.rowCount, sampling, &dropout)
    pass.attention.plan = batch.plan
    layers.attention?.prepare(keys, tape: pass.attention, parameters: parameters, team: team)
    let rows = wideRows(layout.rowCount, pass: pass)
    let steps = DecoderRows(layout: layout, input: input, wide: rows, keys: keys)
    for step in 0..<layout.stepCount {
      if step > 0, let coins { readOwnTokens(step, coins, steps, pass: pass) }
      feed(step, steps, pass: pass)
      let output = layers.decoder.forward(step: step, tape: pass.decoder, run: run)
      rows.queries.rows(layout.rows(ofStep: step)).copy(from: output, team: team)
      if configuration.feeding != .context { attend(step, steps, pass: pass) }
      if configuration.feeding == .answer || coins != nil {
        combine(layout.rows(ofStep: step), rows.all, pass: pass)
      }
    }
    if configuration.feeding != .answer, coins == nil {
      combine(0..<layout.rowCount, rows.all, pass: pass)
    }
    return combined(rows.all, pass: pass)
  }

  var run: RecurrentRun { RecurrentRun(parameters: parameters, team: team, forced: nil) }

  /// What the steps of a pass read and write.
  private struct DecoderRows {
    let layout: SequenceLayout
    /// [N, E], or [N, E + H] with feeding
    let input: Matrix
    let wide: (all: Matrix, contexts: Matrix?, queries: Matrix)
    let keys: Matrix
  }

  private func readTokens(
    _ input: Matrix, pass: DecoderSteps, dropout: inout RandomGenerator?
  ) {
    let vectors = pass.target.matrix(input.rows, layers.targetEmbedding.width)
    layers.targetEmbedding.forward(pass.fed, into: vectors, parameters: parameters, team: team)
    let seen = pass.target.drop(
      vectors, rate: configuration.dropout, using: &dropout, team: team)
    input.columns(tokenColumns).copy(from: seen, team: team)
  }

  /// For each packed row whether it reads an own token; nil when none does.
  private func draw(
    _ count: Int, _ probability: Double, _ dropout: inout RandomGenerator?
  ) -> [Bool]? {
    guard probability > 0, var generator = dropout else { return nil }
    let coins = (0..<count).map { _ in Double(generator.uniform()) < probability }
    dropout = generator
    return coins
  }

  /// The rows of a step for which the coin fell so read the likeliest token of the step before,
  /// without dropout before the readout.
  private func readOwnTokens(
    _ step: Int, _ coins: [Bool], _ steps: DecoderRows, pass: DecoderSteps
  ) {
    let here = steps.layout.rows(ofStep: step)
    guard coins[here].contains(true) else { return }
    let before = steps.layout.rows(ofStep: step - 1)
    let answers = combined(steps.wide.all, pass: pass)
      .rows(before.lowerBound..<before.lowerBound + here.count)
    let logits = pass.stepLogits.matrix(here.count, layers.readout.outputSize)
    layers.readout.forward(
      answers, into: logits, weights: pass.readoutWeights, parameters: parameters, team: team)
    for (index, row) in here.enumerated() where coins[row] {
      let values = logits.row(index)
      pass.fed[row] = Int32(values.indices.max { values[$0] < values[$1] } ?? 0)
    }
    let vectors = pass.target.matrix(steps.layout.rowCount, layers.targetEmbedding.width).rows(here)
    layers.targetEmbedding.forward(
      Array(pass.fed[here]), into: vectors, parameters: parameters, team: team)
    let seen = pass.usedDropout ? pass.target.dropAgain(here, team: team) : vectors
    steps.input.rows(here).columns(tokenColumns).copy(from: seen, team: team)
  }

  /// Puts what attention feeds beside the tokens of a step.
  private func feed(_ step: Int, _ steps: DecoderRows, pass: DecoderSteps) {
    let here = steps.layout.rows(ofStep: step)
    switch configuration.feeding {
    case .none: break
    case .answer:
      let fed = steps.input.rows(here).columns(fedColumns)
      guard step > 0 else { return fed.fill(0) }
      let first = steps.layout.rows(ofStep: step - 1).lowerBound
      fed.copy(
        from: combined(steps.wide.all, pass: pass).rows(first..<first + here.count), team: team)
    case .context:
      attend(step, steps, pass: pass)
      guard let contexts = steps.wide.contexts else { return }
      steps.input.rows(here).columns(fedColumns).copy(from: contexts.rows(here), team: team)
    }
  }

  /// What asks for the context of a step: the output of it, or of the step before.
  private func queries(
    _ step: Int, _ layout: SequenceLayout, _ outputs: Matrix, pass: DecoderSteps
  ) -> Matrix {
    let here = layout.rows(ofStep: step)
    guard configuration.feeding == .context else { return outputs.rows(here) }
    guard step > 0 else {
      // The initial state of the top layer, in the order of ranks.
      return pass.decoder.layers[configuration.layers - 1].state.rows(0..<here.count)
    }
    let first = layout.rows(ofStep: step - 1).lowerBound
    return outputs.rows(first..<first + here.count)
  }

  private func attend(_ step: Int, _ steps: DecoderRows, pass: DecoderSteps) {
    guard let attention = layers.attention, let contexts = steps.wide.contexts else { return }
    let here = steps.layout.rows(ofStep: step)
    attention.forward(
      step: step, of: steps.layout.order[..<here.count], rows: here,
      queries(step, steps.layout, steps.wide.queries, pass: pass), steps.keys,
      into: contexts.rows(here), tape: pass.attention, parameters: parameters, team: team)
  }

  /// tanh(W [c; d] + b) of some rows; nothing to do without attention.
  func combine(_ rows: Range<Int>, _ wide: Matrix, pass: DecoderSteps) {
    layers.combination?.forward(
      wide.rows(rows), into: combined(wide, pass: pass).rows(rows),
      weights: pass.combinationWeights, parameters: parameters, team: team)
  }

  /// The input of the readout before dropout.
  func combined(_ wide: Matrix, pass: DecoderSteps) -> Matrix {
    layers.combination == nil ? wide : pass.combined.matrix(wide.rows, configuration.hiddenSize)
  }

  // MARK: - Backward

  /// Adds the gradients of the decoder and of attention, from those of what the readout read [N,
  /// H]. The gradients of the decoder's initial states are left on the pass.
  ///
  /// - Returns: the gradient of the encoder's outputs, in the order of sentences; nil without
  ///   attention.
  fileprivate func backwardBySteps(
    _ answers: Matrix, _ batch: PairBatch, keys: Matrix, pass: DecoderSteps,
    gradients: ParameterStore
  ) -> Matrix? {
    let layout = batch.targets.layout
    let hidden = configuration.hiddenSize
    let rows = wideRows(layout.rowCount, pass: pass)
    let slopes = wideRows(pass.wideGradient, layout.rowCount)
    let steps = DecoderSlopes(
      layout: layout, answers: answers, wide: slopes,
      input: pass.inputGradient.matrix(layout.rowCount, configuration.decoder.inputSize),
      queries: pass.queryGradient.matrix(layout.rowCount, hidden),
      keys: keys,
      keyGradient: pass.keyGradient.matrix(batch.plan.keyCount, hidden))
    if layers.attention == nil { slopes.all.copy(from: answers, team: team) }
    if configuration.feeding != .answer {
      backwardCombination(0..<layout.rowCount, rows.all, steps, pass: pass)
    }
    layers.attention?.beginBackward(
      steps.keys, keyGradient: steps.keyGradient, tape: pass.attention, team: team)
    pass.decoderState.makeZero(sequences: layout.sequenceCount)
    layers.decoder.beginBackwardSteps(states: pass.decoderState, tape: pass.decoder, run: run)
    for step in (0..<layout.stepCount).reversed() {
      backward(step, rows.all, steps, pass: pass)
    }
    layers.combination?.addGradients(answers, input: rows.all, to: gradients, team: team)
    layers.decoder.endBackwardSteps(
      states: &pass.decoderState, tape: pass.decoder, run: run, gradients: gradients)
    if configuration.feeding == .context { addInitialQueries(steps, pass: pass) }
    backwardTokens(steps.input.columns(tokenColumns), layout, pass: pass, gradients: gradients)
    return endAttention(batch, steps, pass: pass, gradients: gradients)
  }

  /// Gradients of ``DecoderRows``, each like what it is the gradient of.
  private struct DecoderSlopes {
    let layout: SequenceLayout
    let answers: Matrix
    let wide: (all: Matrix, contexts: Matrix?, queries: Matrix)
    let input: Matrix
    /// What reaches the queries of a step through attention.
    let queries: Matrix
    /// Not a gradient: the keys.
    let keys: Matrix
    let keyGradient: Matrix
  }

  private func backward(
    _ step: Int, _ wide: Matrix, _ steps: DecoderSlopes, pass: DecoderSteps
  ) {
    let here = steps.layout.rows(ofStep: step)
    if configuration.feeding == .answer {
      addFed(step, steps)
      backwardCombination(here, wide, steps, pass: pass)
    }
    if configuration.feeding != .context {
      backwardAttention(step, steps, pass: pass)
      if layers.attention != nil {
        add(steps.queries.rows(here), to: steps.wide.queries.rows(here))
      }
    }
    layers.decoder.backward(
      step: step, steps.wide.queries, inputGradient: steps.input, tape: pass.decoder, run: run)
    guard configuration.feeding == .context, let contexts = steps.wide.contexts else { return }
    add(steps.input.columns(fedColumns).rows(here), to: contexts.rows(here))
    backwardAttention(step, steps, pass: pass)
    guard step > 0 else { return }
    let first = steps.layout.rows(ofStep: step - 1).lowerBound
    add(steps.queries.rows(here), to: steps.wide.queries.rows(first..<first + here.count))
  }

  /// What the step after read of a step's answers.
  private func addFed(_ step: Int, _ steps: DecoderSlopes) {
    guard step + 1 < steps.layout.stepCount else { return }
    let (here, next) = (steps.layout.rows(ofStep: step), steps.layout.rows(ofStep: step + 1))
    add(
      steps.input.columns(fedColumns).rows(next),
      to: steps.answers.rows(here.lowerBound..<here.lowerBound + next.count))
  }

  private func add(_ rows: Matrix, to target: Matrix) {
    team.split(rows.rows) { target.rows($0).combine(keep: 1, rows.rows($0)) }
  }

  private func backwardCombination(
    _ range: Range<Int>, _ wide: Matrix, _ steps: DecoderSlopes, pass: DecoderSteps
  ) {
    layers.combination?.backward(
      steps.answers.rows(range), output: combined(wide, pass: pass).rows(range),
      inputGradient: steps.wide.all.rows(range), weights: pass.combinationWeights,
      parameters: parameters, team: team)
  }

  private func backwardAttention(_ step: Int, _ steps: DecoderSlopes, pass: DecoderSteps) {
    guard let attention = layers.attention, let contexts = steps.wide.contexts else { return }
    let here = steps.layout.rows(ofStep: step)
    attention.backward(
      step: step, of: steps.layout.order[..<here.count], rows: here, contexts.rows(here),
      steps.keys, queryGradient: steps.queries.rows(here), keyGradient: steps.keyGradient,
      tape: pass.attention, parameters: parameters, team: team)
  }

  /// The first contexts were asked for by the initial state of the top layer.
  private func addInitialQueries(_ steps: DecoderSlopes, pass: DecoderSteps) {
    let width = configuration.hiddenSize
    for (rank, sequence) in steps.layout.order.enumerated() {
      for (column, slope) in steps.queries.row(rank).enumerated() {
        pass.decoderState.hidden[configuration.layers - 1][sequence * width + column] += slope
      }
    }
  }

  private func backwardTokens(
    _ vectors: Matrix, _ layout: SequenceLayout, pass: DecoderSteps, gradients: ParameterStore
  ) {
    if pass.usedDropout { pass.target.undrop(vectors, team: team) }
    layers.targetEmbedding.backward(
      pass.fed, layout, outputGradient: vectors, gradients: gradients, team: team)
  }

  private func endAttention(
    _ batch: PairBatch, _ steps: DecoderSlopes, pass: DecoderSteps, gradients: ParameterStore
  ) -> Matrix? {
    guard let attention = layers.attention, let contexts = steps.wide.contexts else { return nil }
    attention.endBackwardSteps(
      steps.keys, contexts, order: batch.targetRows, keyGradient: steps.keyGradient,
      tape: pass.attention, parameters: parameters, gradients: gradients, team: team)
    return steps.keyGradient
  }
}

/// The steps of a decoder on their way back.
private final class DecoderRecord: LayerRecord {
  private let model: EncoderDecoder
  private let steps: DecoderSteps
  var batch: PairBatch?
  var keys: RowSource?
  /// The gradient of the initial states.
  var start: StateSlope?

  init(_ model: EncoderDecoder, _ steps: DecoderSteps) {
    (self.model, self.steps) = (model, steps)
  }

  override var parameterEnd: Int { model.layers.stepsEnd }

  override func backward(_ pass: Pass) {
    guard let batch, let keys, let answers = slope.matrix else { return }
    let gradient = model.backwardBySteps(
      answers, batch, keys: keys.matrix, pass: steps, gradients: pass.recordedGradients)
    start?.take(steps.decoderState)
    pass.watcher?.cameBack(to: steps.decoderState, at: model.layers.decoder, on: pass)
    if let gradient, let attention = model.layers.attention {
      pass.watcher?.cameBack(
        to: gradient,
        queries: steps.queryGradient.matrix(answers.rows, model.configuration.hiddenSize),
        by: attention.name, steps.attention, on: pass)
      keys.slope?.take(gradient, pass)
    }
  }
}

/// The workspace of a decoder that goes step by step, in training and in searches.
final class DecoderSteps {
  let decoder: RecurrentTape
  let attention = AttentionTape()
  /// The tokens' vectors, and what is left of them after dropout.
  let target = DroppedRows()
  /// Contexts and outputs of the decoder side by side, [N, 2H]; without attention [N, H].
  let wide = FloatBuffer()
  /// The attentional states of all target rows, [N, H].
  let combined = FloatBuffer()
  /// Gradients on their way down, each like what it is the gradient of.
  let wideGradient = FloatBuffer()
  let queryGradient = FloatBuffer()
  let keyGradient = FloatBuffer()
  let inputGradient = FloatBuffer()
  let combinationWeights = LinearWeights()
  let readoutWeights = LinearWeights()
  /// The gradients of the initial states.
  var decoderState: RecurrentState
  var usedDropout = false
  /// The tokens that were read, by packed row, and all that was read, [N, E + H].
  var fed: [Int32] = []
  let decoderInput = FloatBuffer()
  /// Logits of one step, for choosing own tokens.
  let stepLogits = FloatBuffer()

  init(_ decoder: RecurrentNetwork) {
    self.decoder = decoder.makeTape()
    decoderState = decoder.zeroState(sequences: 0)
  }
}
