/// Losses of the rows that a model has come to. In a recorded pass each puts its gradient where
/// ``Pass/backward()`` begins; the gradient of a sum of losses needs nothing more than that all of
/// them are asked for.
extension Rows {
  /// The softmax of each row, for reading: no gradient flows back. Throws `.unsupported` for rows
  /// of an earlier pass.
  public func probabilities() throws(RNNError) -> [[Float]] {
    try check()
    let memory = FloatBuffer()
    let probabilities = memory.matrix(count, width)
    Softmax.apply(matrix, into: probabilities)
    return (0..<count).map { Array(probabilities.row($0)) }
  }

  /// The loss of answers to a batch with targets: one row a step, or one an example for answers at
  /// the end.
  ///
  /// Throws `.shape` for rows that are not those answers, and what is wrong with the targets;
  /// `.unsupported` for a loss of whole sequences. The rows stay as they are, for other losses and
  /// layers to read.
  ///
  /// - Parameters:
  ///   - loss: of single answers.
  ///   - batch: sequences with targets.
  ///   - reduction: how the losses of single answers are added up.
  public func loss(
    _ loss: Loss, of batch: SequenceBatch, reduction: Loss.Reduction = .mean
  ) throws(RNNError) -> LossValue {
    try check()
    guard !loss.isOfWholeSequences else {
      throw RNNError(
        .unsupported, "loss of rows", expected: "a loss of single answers", found: loss.rawValue)
    }
    let answers: Rows
    switch (batch.answer, order) {
    case (.everyStep, .packed(batch.layout)): answers = copied()
    case (.atEnd, .examples) where count == batch.layout.sequenceCount:
      // Targets lie in the order of ranks.
      answers = try gathered(batch.layout.order, as: .byRank(batch.layout))
    default:
      throw RNNError(
        .shape, "answers", expected: "\(batch.answer) of \(batch.layout.sequenceCount) sequences",
        found: "\(count) rows, \(order.name)")
    }
    let value = try loss.evaluate(
      answers.matrix, batch: batch, reduction: reduction,
      weights: pass.record { LossRecord() }.space, team: pass.team)
    pass.watcher?.tookLoss(ofSeveralSteps: order.hasSeveralSteps)
    answers.becomeGradient()
    return value
  }

  /// The mean softmax cross-entropy of a class a row, in nats. The rows stay as they are, for other
  /// losses and layers to read.
  ///
  /// Throws `.shape` for another number of classes, `.vocabulary` for one outside 0..<width.
  ///
  /// - Parameters:
  ///   - classes: one a row.
  ///   - answers: what the sum is divided by, where the rows are a shard of a batch with so many
  ///     answers (see ``ModelBatch/shard(_:of:)``); nil for the number of rows.
  public func crossEntropy(
    _ classes: [Int32], of answers: Int? = nil
  ) throws(RNNError) -> LossValue {
    try check()
    guard classes.count == count, count > 0 else {
      throw RNNError(.shape, "classes", expected: "\(count)", found: "\(classes.count)")
    }
    if let bad = classes.first(where: { $0 < 0 || $0 >= width }) {
      throw RNNError(.vocabulary, "class", expected: "0 to \(width - 1)", found: "\(bad)")
    }
    let rows = copied()
    let value = Loss.meanCrossEntropy(
      rows.matrix, classes, of: answers ?? count, weights: pass.record { LossRecord() }.space,
      team: pass.team)
    pass.watcher?.tookLoss(ofSeveralSteps: order.hasSeveralSteps)
    rows.becomeGradient()
    return value
  }

  /// A loss of one's own, the sum of what `body` gives for each row.
  ///
  /// - Parameter body: is given a row's number and numbers and writes dE/d(row), which are zeros
  ///   before; it returns the row's share of the loss.
  public func loss(
    _ body: (_ row: Int, _ values: Span<Float>, _ slope: inout MutableSpan<Float>) -> Double
  ) throws(RNNError) -> LossValue {
    try check()
    let slopes = pass.record { LossRecord() }.space.matrix(count, width)
    slopes.fill(0)
    var sum = 0.0
    for row in 0..<count {
      var slope = slopes.row(row).mutableSpan
      sum += body(row, UnsafeBufferPointer(matrix.row(row)).span, &slope)
    }
    pass.watcher?.tookLoss(ofSeveralSteps: order.hasSeveralSteps)
    if pass.isRecorded { source.slope?.take(slopes, pass) }
    return LossValue(value: sum, elements: count)
  }
}

extension Rows.Order {
  /// Whether a sequence may have several of the rows.
  fileprivate var hasSeveralSteps: Bool {
    switch self {
    case .packed(let layout), .bySequence(let layout): layout.stepCount > 1
    case .examples, .byRank: false
    }
  }
}

extension LossValue {
  /// Both losses as one.
  public static func + (a: LossValue, b: LossValue) -> LossValue {
    func sum(_ a: Double?, _ b: Double?) -> Double? {
      a == nil && b == nil ? nil : (a ?? 0) + (b ?? 0)
    }
    return LossValue(
      value: a.value + b.value, elements: a.elements + b.elements,
      sentence: sum(a.sentence, b.sentence),
      regularization: sum(a.regularization, b.regularization),
      reduction: a.reduction == b.reduction ? a.reduction : .mean)
  }
}

/// Space that a loss works in: nothing goes back through it but what it gave to the rows at once.
private final class LossRecord: LayerRecord {
  let space = FloatBuffer()

  override var isReached: Bool { false }
}
