/// Connectionist temporal classification (Graves, Fernández, Gomez and Schmidhuber 2006): labels
/// whose places in the sequence nobody knows. With y_t the softmax of the outputs z_t at step t, an
/// alignment π gives each step a label or the blank, and B(π) is what is left of it without
/// repetitions first, then without blanks:
///
///     loss = −log p(l | z) = −log Σ_{π : B(π) = l} Π_t y_t[π_t]
///     ∂loss/∂z_t = y_t − γ_t,   γ_t[k] = p(π_t = k | B(π) = l, z)
///
/// The sums are taken by the forward-backward algorithm, in logarithms.
enum ConnectionistTemporalClassification {
  /// The reduced loss; with `hasGradient` the outputs become its gradient.
  ///
  /// `mean` divides by the number of labels, an empty labelling counting as one.
  ///
  /// Costs 2·(2L + 1) logarithms, twice as many exponentials, and 2·K exponentials a token with
  /// gradients; half of all without.
  ///
  /// - Parameters:
  ///   - outputs: [N, K].
  ///   - batch: sequences with labellings.
  ///   - reduction: how the losses of sequences are added up.
  ///   - hasGradient: whether the outputs become the gradient.
  ///   - workspace: for the sums.
  ///   - team: divides the sequences.
  static func evaluate(
    _ outputs: Matrix, batch: SequenceBatch, reduction: Loss.Reduction, hasGradient: Bool,
    workspace: AlignmentWorkspace, team: ThreadTeam
  ) throws(RNNError) -> LossValue {
    try Loss.connectionistTemporalClassification.check(batch, width: outputs.columns)
    guard case .labellings(let labellings)? = batch.targets else {
      preconditionFailure("a batch that was checked has labellings")
    }
    let elements = labellings.elements
    let share: Double =
      switch reduction {
      case .mean: 1 / Double(batch.whole?.elements ?? elements)
      case .perSequence: 1 / Double(batch.answeringSequenceCount)
      case .sum: 1
      }
    let loss = workspace.loss(
      ChainRows(outputs, batch.layout), labellings, weight: share, hasGradient: hasGradient,
      team: team)
    if hasGradient { outputs.clear(unless: batch.answeredRows) }
    return LossValue(value: share * loss, elements: elements, reduction: reduction)
  }

  /// What is left of a class a step without repetitions first, then without blanks: B(π).
  static func labelling(of path: some Sequence<Int32>) -> [Int32] {
    var (labels, before) = ([Int32](), Loss.blank)
    for label in path {
      if label != before, label != Loss.blank { labels.append(label) }
      before = label
    }
    return labels
  }
}

extension ChainRows {
  init(_ rows: Matrix, _ layout: SequenceLayout) {
    self.init(
      emissions: rows, offsets: layout.stepOffsets, lengths: layout.lengths, order: layout.order)
  }
}
