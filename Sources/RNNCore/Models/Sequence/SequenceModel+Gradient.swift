extension SequenceModel {
  /// Adds the gradient of a batch's loss to `gradients`, without an update: what a training loop of
  /// one's own, a line search or a picture of the error surface needs. There is no dropout in it.
  /// It is the loss that ``Trainer`` makes small: a teacher-forced cell is fed the targets (in
  /// ``loss(for:state:pass:reduction:asInTraining:)`` only where that is asked for).
  ///
  /// Throws `.shape`, `.vocabulary` for a batch, state or layout that does not fit the model. Costs
  /// three forward passes.
  ///
  /// - Parameters:
  ///   - batch: sequences with targets.
  ///   - state: the state before the first step; the state after the last when it returns.
  ///   - pass: the workspace.
  ///   - reduction: how the losses of single answers are added up.
  ///   - gradients: a store with the layout of ``parameters``.
  /// - Returns: the loss.
  @discardableResult
  public func addGradient(
    for batch: SequenceBatch, state: inout RecurrentState, pass: ModelPass,
    reduction: Loss.Reduction = .mean, to gradients: ParameterStore
  ) throws(RNNError) -> LossValue {
    try parameters.check(gradients: gradients)
    var noDropout: RandomGenerator?
    let loss = try addGradient(
      for: batch, initial: state, pass: pass, teacherForced: isTeacherForced, reduction: reduction,
      dropout: &noDropout, to: gradients)
    carry(pass, into: &state)
    return loss
  }

  /// Adds the gradient of a loss of one's own, whose slopes dE/dy the caller gives for each answer.
  ///
  /// Throws what ``addGradient(for:state:pass:reduction:to:)`` throws, but for targets, which are
  /// not looked at.
  ///
  /// - Parameters:
  ///   - batch: sequences.
  ///   - state: the state before the first step; the state after the last when it returns.
  ///   - pass: the workspace.
  ///   - gradients: a store with the layout of ``parameters``.
  ///   - loss: is given the sequence and step of an answer and its outputs y, and writes dE/dy,
  ///     which are zeros before; it returns the answer's share of the loss.
  /// - Returns: the sum of all shares.
  @discardableResult
  public func addGradient(
    for batch: SequenceBatch, state: inout RecurrentState, pass: ModelPass,
    to gradients: ParameterStore,
    loss: (
      _ sequence: Int, _ step: Int, _ outputs: Span<Float>, _ slopes: inout MutableSpan<Float>
    ) -> Double
  ) throws(RNNError) -> LossValue {
    try check(batch, state: state)
    try admit(batch, recording: true, pass: pass)
    try pass.layers.begin(gradients: gradients)
    let answers = try forward(batch, from: state, pass: pass, teacherForced: false)
    let outputs = try outputs(of: answers, pass: pass)
    let layout = batch.layout
    let value = try outputs.loss { row, values, slopes in
      let packed = batch.answer == .everyStep ? row : layout.lastRows[row]
      let (sequence, step) = layout.place(ofRow: packed)
      return loss(sequence, step, values, &slopes)
    }
    try pass.layers.backward()
    carry(pass, into: &state)
    return value
  }

  /// Forward pass, loss and BPTT.
  func addGradient(
    for batch: SequenceBatch, initial: RecurrentState, pass: ModelPass, teacherForced: Bool,
    reduction: Loss.Reduction, dropout: inout RandomGenerator?, to gradients: ParameterStore
  ) throws(RNNError) -> LossValue {
    try check(batch, state: initial)
    try configuration.loss.check(batch, width: configuration.outputs)
    if let stretches = pass.training.checkpointing?.stretches(of: batch.layout),
      stretches.count > 1
    {
      return try addGradient(
        for: batch, in: stretches, initial: initial, pass: pass, teacherForced: teacherForced,
        reduction: reduction, dropout: &dropout, to: gradients)
    }
    try admit(batch, recording: true, pass: pass)
    try pass.layers.begin(gradients: gradients, dropout: dropout)
    let answers = try forward(
      batch, from: initial, pass: pass, teacherForced: teacherForced)
    dropout = pass.layers.dropout
    let loss = try evaluateLoss(
      answers, batch, reduction: reduction, pass: pass, gradients: gradients)
    pass.layers.watcher?.tookLoss(ofSeveralSteps: batch.hasSeveralAnswers)
    try pass.layers.backward(isLast: pass.training.regularizer == nil)
    return loss
  }

  /// The loss of what a forward pass has come to.
  ///
  /// - Parameters:
  ///   - answers: what ``forward(_:from:pass:teacherForced:)`` gave.
  ///   - gradients: what a loss with parameters adds their gradients to; nil for the loss alone.
  func evaluateLoss(
    _ answers: Rows, _ batch: SequenceBatch, reduction: Loss.Reduction, pass: ModelPass,
    gradients: ParameterStore?
  ) throws(RNNError) -> LossValue {
    guard let blocked = blockedReadout(of: answers, pass: pass) else {
      return try evaluateLoss(
        outputs: outputs(of: answers, pass: pass), batch, reduction: reduction, pass: pass,
        gradients: gradients)
    }
    return try evaluateLoss(blocked, batch, reduction: reduction, pass: pass) {
      blocked.crossEntropy($0, weights: $1, pass.layers)
    }
  }

  /// The loss of a readout by blocks, of which `sum` gives the weighted sum over all rows.
  func evaluateLoss(
    _ blocked: BlockedReadout, _ batch: SequenceBatch, reduction: Loss.Reduction, pass: ModelPass,
    sum: (_ classes: [Int32], _ weights: UnsafePointer<Float>) -> Double
  ) throws(RNNError) -> LossValue {
    try configuration.loss.check(batch, width: configuration.outputs)
    guard case .classes(let classes)? = batch.targets else {
      preconditionFailure("the targets were checked")
    }
    let (weights, elements) = configuration.loss.weigh(
      batch, rows: classes.count, width: configuration.outputs, reduction: reduction,
      in: pass.answerWeights)
    let loss = LossValue(value: sum(classes, weights), elements: elements, reduction: reduction)
    return addingSentence(to: loss, batch, pass: pass)
  }

  /// The loss of outputs, which in a recorded pass become their gradient.
  ///
  /// - Parameter gradients: what a loss with parameters adds their gradients to; nil for the loss
  ///   alone.
  func evaluateLoss(
    outputs: Rows, _ batch: SequenceBatch, reduction: Loss.Reduction, pass: ModelPass,
    gradients: ParameterStore?
  ) throws(RNNError) -> LossValue {
    let loss: LossValue
    if let chain {
      loss = try chain.evaluate(
        outputs.matrix, batch: batch, reduction: reduction, parameters: parameters,
        gradients: gradients, workspace: pass.chain, team: team)
    } else if configuration.loss == .connectionistTemporalClassification {
      loss = try ConnectionistTemporalClassification.evaluate(
        outputs.matrix, batch: batch, reduction: reduction, hasGradient: gradients != nil,
        workspace: pass.alignments, team: team)
    } else {
      loss = try configuration.loss.evaluate(
        outputs.matrix, batch: batch, reduction: reduction, weights: pass.answerWeights,
        team: team)
    }
    outputs.becomeGradient()
    return addingSentence(to: loss, batch, pass: pass)
  }

  /// A loss with the weighted one of the labels, whose logits become its gradient; the same loss
  /// without labels or a head.
  private func addingSentence(
    to loss: LossValue, _ batch: SequenceBatch, pass: ModelPass
  ) -> LossValue {
    pass.learnsSentence = false
    guard let head = configuration.sentenceHead, let labels = batch.labels,
      let logits = pass.sentence
    else { return loss }
    pass.learnsSentence = true
    let count = batch.whole?.sequenceCount ?? labels.count
    let share = loss.reduction == .sum ? head.weight : head.weight / Float(count)
    let sentence = Loss.sumOfLabels(logits.matrix, labels, batch.layout, weight: share)
    logits.becomeGradient()
    var both = loss
    both.sentence = sentence
    both.value += sentence
    return both
  }
}
