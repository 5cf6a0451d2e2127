/// Losses of the rows that a model has come to. In a recorded pass each puts its gradient where ``Pass/backward()``
/// begins; the gradient of a sum of losses needs nothing more than that all of them are asked for.
extension Rows {
  /// The loss of answers to a batch with targets: one row a step, or one an example for answers at the end.
  ///
  /// Throws `.shape` for rows that are not those answers, and what is wrong with the targets; `.unsupported` for a loss of
  /// whole sequences. The rows are used up: they become their gradient.
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
    let record = pass.record { LossRecord() }
    switch (batch.answer, order) {
    case (.everyStep, .packed(batch.layout)):
      let value = try loss.evaluate(
        matrix, batch: batch, reduction: reduction, weights: record.weights, team: pass.team)
      if pass.isRecorded { source.slope?.take(matrix, pass) }
      return value
    case (.atEnd, .examples) where count == batch.layout.sequenceCount:
      // Targets lie in the order of ranks.
      let byRank = record.byRank.matrix(count, width)
      byRank.gather(batch.layout.order, from: matrix, team: pass.team)
      let value = try loss.evaluate(
        byRank, batch: batch, reduction: reduction, weights: record.weights, team: pass.team)
      if pass.isRecorded {
        matrix.gather(batch.layout.ranks, from: byRank, team: pass.team)
        source.slope?.take(matrix, pass)
      }
      return value
    default:
      throw RNNError(
        .shape, "answers", expected: "\(batch.answer) of \(batch.layout.sequenceCount) sequences",
        found: "\(count) rows, \(order.name)")
    }
  }

  /// The mean softmax cross-entropy of a class a row, in nats. The rows are used up: they become their gradient.
  ///
  /// Throws `.shape` for another number of classes, `.vocabulary` for one outside 0..<width.
  public func crossEntropy(_ classes: [Int32]) throws(RNNError) -> LossValue {
    try check()
    guard classes.count == count, count > 0 else {
      throw RNNError(.shape, "classes", expected: "\(count)", found: "\(classes.count)")
    }
    if let bad = classes.first(where: { $0 < 0 || $0 >= width }) {
      throw RNNError(.vocabulary, "class", expected: "0 to \(width - 1)", found: "\(bad)")
    }
    let record = pass.record { LossRecord() }
    let value = Loss.meanCrossEntropy(matrix, classes, weights: record.weights, team: pass.team)
    if pass.isRecorded { source.slope?.take(matrix, pass) }
    return value
  }

  /// A loss of one's own, the sum of what `body` gives for each row.
  ///
  /// - Parameter body: is given a row's number and numbers and writes dE/d(row), which are zeros before; it returns the row's
  ///   share of the loss.
  public func loss(
    _ body: (_ row: Int, _ values: Span<Float>, _ slope: inout MutableSpan<Float>) -> Double
  ) throws(RNNError) -> LossValue {
    try check()
    let record = pass.record { LossRecord() }
    let slopes = record.byRank.matrix(count, width)
    slopes.fill(0)
    var sum = 0.0
    for row in 0..<count {
      var slope = slopes.row(row).mutableSpan
      sum += body(row, UnsafeBufferPointer(matrix.row(row)).span, &slope)
    }
    if pass.isRecorded { source.slope?.take(slopes, pass) }
    return LossValue(value: sum, elements: count)
  }
}

extension LossValue {
  /// Both losses as one.
  public static func + (a: LossValue, b: LossValue) -> LossValue {
    LossValue(value: a.value + b.value, elements: a.elements + b.elements)
  }
}

/// Space that a loss works in: nothing goes back through it but what it gave to the rows at once.
private final class LossRecord: LayerRecord {
  let weights = FloatBuffer()
  let byRank = FloatBuffer()

  override var isReached: Bool { false }
}
