/// What BPTT keeps of a batch whose stretches it makes anew.
final class CheckpointedWalk {
  let batch: SequenceBatch
  let stretches: [Range<Int>]
  let teacherForced: Bool
  let reduction: Loss.Reduction
  /// As it stood before the first step.
  let dropout: RandomGenerator?
  private let masks: PartedDropout
  /// Before each stretch that has been reached, of the sequences that have its first step, the
  /// longest first.
  fileprivate(set) var states: [RecurrentState]
  /// After the last step of each sequence that has been reached, in the caller's order.
  fileprivate(set) var final: RecurrentState

  fileprivate init(
    _ batch: SequenceBatch, _ stretches: [Range<Int>], from initial: RecurrentState,
    teacherForced: Bool, reduction: Loss.Reduction, dropout: RandomGenerator?
  ) {
    (self.batch, self.stretches) = (batch, stretches)
    (self.teacherForced, self.reduction, self.dropout) = (teacherForced, reduction, dropout)
    let layout = batch.layout
    masks = PartedDropout(
      borders: stretches.map { layout.stepOffsets[$0.lowerBound] } + [layout.rowCount])
    states = [initial.selecting(layout.order)]
    final = initial
  }

  /// One stretch as a batch of its own, whose losses are divided by the whole batch's answers, and
  /// its sequences as the whole batch counts them.
  fileprivate func stretch(_ index: Int) -> (batch: SequenceBatch, sequences: [Int]) {
    let steps = stretches[index]
    var (part, sequences) = batch.steps(steps, answersFrom: steps.lowerBound)
    part.whole = WholeBatch(
      elements: batch.whole?.elements ?? batch.answeredElements,
      places: sequences.map { batch.whole?.places[$0] ?? $0 },
      sequenceCount: batch.answeringSequenceCount)
    return (part, sequences)
  }

  /// Begins a pass over a stretch.
  fileprivate func begin(_ index: Int) -> PassPart {
    masks.begin()
    return PassPart(index: index, dropout: masks)
  }

  /// Takes the state after a stretch.
  fileprivate func reach(_ state: RecurrentState, after index: Int, of sequences: [Int]) {
    final.replace(sequences, with: state)
    guard index + 1 < stretches.count, states.count == index + 1 else { return }
    let following = batch.layout.rows(ofStep: stretches[index + 1].lowerBound).count
    states.append(state.selecting(Array(0..<following)))
  }
}

/// BPTT that makes stretches of steps anew, see ``GradientCheckpointing``.
extension SequenceModel {
  /// Throws `.unsupported` for a model whose stretches cannot be made anew.
  ///
  /// - Parameter regularizer: whether the states of all steps are regularised together.
  func requireCheckpointing(regularizer: Bool) throws(RNNError) {
    var obstacle = obstacleToStretches(labelled: false)
    if configuration.sentenceHead != nil {
      obstacle = ("a model without labels of whole sequences", "one with them")
    } else if embedding != nil, window.size > 1 {
      // A later stretch would have a gradient for vectors of the one before.
      obstacle = ("a context window of one token", "one of \(window.size)")
    } else if regularizer {
      obstacle = ("no regulariser", "one over all steps")
    }
    guard let obstacle else { return }
    throw RNNError(
      .unsupported, "gradient checkpointing", expected: obstacle.expected, found: obstacle.found)
  }

  /// Forward pass, loss and BPTT of a batch that is taken stretch by stretch: once to the states
  /// between them, and once more, from the last stretch to the first, to the gradients.
  func addGradient(
    for batch: SequenceBatch, in stretches: [Range<Int>], initial: RecurrentState, pass: ModelPass,
    teacherForced: Bool, reduction: Loss.Reduction, dropout: inout RandomGenerator?,
    to gradients: ParameterStore
  ) throws(RNNError) -> LossValue {
    try requireCheckpointing(regularizer: pass.training.regularizer != nil)
    if pass.layers.watcher != nil || batch.firstAnsweredRow > 0 || batch.answeredRows != nil {
      throw RNNError(
        .unsupported, "gradient checkpointing", expected: "a step without a gradient profile",
        found: "one with a profile")
    }
    let walk = CheckpointedWalk(
      batch, stretches, from: initial, teacherForced: teacherForced, reduction: reduction,
      dropout: dropout)
    defer { pass.layers.part = nil }
    for index in stretches.indices.dropLast() {
      try pass.layers.begin(dropout: dropout)
      _ = try read(index, of: walk, slope: nil, pass: pass)
    }
    let loss = try goBack(walk, pass: pass, to: gradients) { _ in }
    dropout = pass.layers.dropout
    (pass.walk, pass.final) = (walk, walk.final)
    return loss
  }

  /// The way forward through a stretch, on a pass that has begun.
  private func read(
    _ index: Int, of walk: CheckpointedWalk, slope: StateSlope?, pass: ModelPass
  ) throws(RNNError) -> (batch: SequenceBatch, answers: Rows) {
    let (batch, sequences) = walk.stretch(index)
    pass.layers.part = walk.begin(index)
    try admit(batch, of: walk.batch.layout.rowCount, recording: true, pass: pass)
    var state = walk.states[index]
    let answers = try forward(
      batch, from: state, slope: slope, pass: pass, teacherForced: walk.teacherForced)
    if index == walk.states.count - 1 {
      carry(pass, into: &state)
      walk.reach(state, after: index, of: sequences)
    }
    return (batch, answers)
  }

  /// BPTT from the last stretch to the first.
  ///
  /// - Parameter body: told of each stretch while the pass holds it.
  /// - Returns: the loss of all.
  private func goBack(
    _ walk: CheckpointedWalk, pass: ModelPass, to gradients: ParameterStore,
    _ body: (_ stretch: Int) -> Void
  ) throws(RNNError) -> LossValue {
    var sum = LossValue(value: 0, elements: 0, reduction: walk.reduction)
    var arriving: RecurrentState?
    for index in walk.stretches.indices.reversed() {
      try pass.layers.begin(gradients: gradients, dropout: walk.dropout)
      let slope = StateSlope()
      let (batch, answers) = try read(index, of: walk, slope: slope, pass: pass)
      if let network, let arriving {
        var final = network.zeroState(sequences: batch.layout.sequenceCount)
        final.replace(Array(0..<arriving.sequenceCount), with: arriving)
        pass.reading?.takeFinalGradient(final)
      }
      let loss = try evaluateLoss(
        answers, batch, reduction: walk.reduction, pass: pass, gradients: gradients)
      try pass.layers.backward(isLast: index == 0)
      arriving = slope.gradient
      sum.value += loss.value
      sum.elements += loss.elements
      body(index)
    }
    return sum
  }

  /// Where BPTT by stretches first went wrong, as the whole batch counts steps, and sequences by
  /// ``WholeBatch/places``; looked for by going back once more.
  func firstNonFinite(of walk: CheckpointedWalk, pass: ModelPass) -> NonFiniteOrigin? {
    var found: NonFiniteOrigin?
    defer { pass.layers.part = nil }
    let scratch = ParameterStore(layout: parameters.layout)
    _ = try? goBack(walk, pass: pass, to: scratch) { index in
      guard var origin = firstNonFinite(pass) else { return }
      origin.step += walk.stretches[index].lowerBound
      if let known = found, !origin.comes(before: known) { return }
      found = origin
    }
    return found
  }
}

extension NonFiniteOrigin {
  /// Whether this one of an earlier stretch is computed before one of a later stretch: the ways
  /// forward through all stretches come before the ways back, which begin with the last.
  fileprivate func comes(before later: NonFiniteOrigin) -> Bool {
    turn == later.turn ? turn < 2 : turn < later.turn
  }

  /// On the way forward, at the loss, or on the way back through the readout or recurrent layers.
  private var turn: Int {
    switch quantity {
    case .hiddenState, .cellState: 0
    case .outputGradient: 1
    case .weightGradient where layer == "readout": 2
    case .preactivationGradient, .weightGradient: 3
    }
  }
}
