/// Truncated backpropagation through time (Williams and Peng 1990): an update after every `every`
/// steps (k1), each looking back over `through` steps (k2).
///
/// With k2 > k1 the windows overlap: a window starts from the state that the one before had there,
/// and only the losses of its last k1 steps count, so that each answer trains once. With k2 < k1
/// the first k1 − k2 steps of each stretch only carry the state on.
public struct TruncatedBPTT: Sendable, Hashable {
  /// k1, the steps between two updates.
  public let every: Int
  /// k2, the steps that a gradient flows back.
  public let through: Int

  /// Makes a truncation. Throws `.range` for a number below 1.
  ///
  /// - Parameters:
  ///   - every: k1, steps from one update to the next.
  ///   - through: k2, steps that a gradient flows back.
  public init(every: Int, through: Int) throws(RNNError) {
    try requirePositive(every, "k1 (steps between updates)")
    try requirePositive(through, "k2 (steps back)")
    self.every = every
    self.through = through
  }

  /// One window: run it from its first step, count losses from `answersFrom` on.
  struct Window: Sendable, Hashable {
    var steps: Range<Int>
    var answersFrom: Int
  }

  /// The windows of a sequence of `count` steps.
  func windows(_ count: Int) -> [Window] {
    stride(from: every, to: count + every, by: every).map { boundary in
      let end = min(boundary, count)
      let fresh = boundary - every
      let start = max(0, end - through)
      return Window(steps: start..<end, answersFrom: max(start, fresh))
    }
  }
}

extension Trainer where Model == SequenceModel {
  /// Trains on long sequences with truncated BPTT: one update a window.
  ///
  /// Throws `.unsupported` for bidirectional networks, whose second direction would have to begin
  /// at an end not yet read, for context windows that show later steps, for answers at the end
  /// only, for losses of whole sequences and for labels of them, and with gradient checkpointing.
  ///
  /// - Parameters:
  ///   - batch: sequences of any length, with an answer at every step.
  ///   - truncation: how long the windows are.
  ///   - state: the state before the first step; the state after the last when it returns.
  @discardableResult
  public func step(
    _ batch: SequenceBatch, truncation: TruncatedBPTT, state: inout RecurrentState
  ) throws(RNNError) -> [StepReport] {
    try model.check(batch, state: state)
    try model.configuration.loss.check(batch, width: model.configuration.outputs)
    if let obstacle = model.obstacleToStretches(labelled: batch.labels != nil) {
      throw RNNError(
        .unsupported, "truncated BPTT", expected: obstacle.expected, found: obstacle.found)
    }
    if pass.training.checkpointing != nil {
      throw RNNError(
        .unsupported, "truncated BPTT", expected: "no gradient checkpointing", found: "some")
    }
    var reports: [StepReport] = []
    let windows = truncation.windows(batch.layout.stepCount)
    // `state` is the one before step `reached`.
    var reached = 0
    for (index, window) in windows.enumerated() {
      if window.steps.lowerBound > reached {
        try advance(batch, over: reached..<window.steps.lowerBound, state: &state)
      }
      let stretch = batch.steps(window.steps, answersFrom: window.answersFrom)
      var next = state.selecting(stretch.sequences)
      var end = next
      pass.window = (window.steps.lowerBound, stretch.sequences)
      defer { pass.window = nil }
      let report = try step(stretch.batch, state: &end)
      reports.append(report)
      // The next window begins within this one, at its end, or beyond.
      let nextStart = index + 1 < windows.count ? windows[index + 1].steps.lowerBound : .max
      reached = min(nextStart, window.steps.upperBound)
      model.carry(pass, after: reached - window.steps.lowerBound, into: &next)
      // A state that is not finite is left behind, as in a plain step.
      if report.nonFiniteParameter == nil || next.isFinite {
        state.replace(stretch.sequences, with: next)
      }
    }
    return reports
  }

  /// Carries `state` over some steps without learning from them.
  private func advance(
    _ batch: SequenceBatch, over steps: Range<Int>, state: inout RecurrentState
  ) throws(RNNError) {
    let stretch = batch.steps(steps, answersFrom: steps.lowerBound)
    var inner = state.selecting(stretch.sequences)
    try pass.layers.begin()
    _ = try model.forward(
      stretch.batch, from: inner, pass: pass, teacherForced: model.isTeacherForced)
    model.carry(pass, into: &inner)
    state.replace(stretch.sequences, with: inner)
  }
}

extension SequenceBatch {
  /// The part of the batch in `steps`, with the sequences that reach it (the caller's indices).
  func steps(
    _ steps: Range<Int>, answersFrom: Int
  ) -> (batch: SequenceBatch, sequences: [Int]) {
    let count = layout.rows(ofStep: steps.lowerBound).count
    let sequences = Array(layout.order[0..<count])
    let part = SequenceLayout(
      longestFirst: sequences.map {
        min(layout.lengths[$0], steps.upperBound) - steps.lowerBound
      })
    let rows = layout.stepOffsets[steps.lowerBound]..<layout.stepOffsets[steps.upperBound]
    var batch = SequenceBatch(
      layout: part, answer: answer, content: content.rows(rows), targets: targets?.rows(rows))
    batch.firstAnsweredRow = layout.stepOffsets[answersFrom] - rows.lowerBound
    batch.answeringSequences = layout.rows(ofStep: answersFrom).count
    return (batch, sequences)
  }
}
