/// What training makes small.
public enum Loss: String, CaseIterable, Sendable, Hashable {
  /// −log softmax(z)[class], in nats; z are the network's outputs.
  case softmaxCrossEntropy
  /// −y log σ(z) − (1 − y) log(1 − σ(z)) for each output, in nats; targets in [0, 1].
  case bernoulliCrossEntropy
  /// (z − y)² for each output.
  case meanSquaredError
  /// −log p(classes of all steps | z), in nats, of a linear-chain conditional random field whose
  /// emissions are the network's outputs z [T, K] (Lafferty, McCallum and Pereira 2001; Collobert
  /// et al. 2011):
  ///
  ///     p(y) ∝ exp(start[y_1] + Σ z_t[y_t] + Σ transitions[y_t, y_t+1] + end[y_T])
  ///
  /// The scores are parameters of the model: `crf.transitions` [K, K], `crf.start_transitions`,
  /// `crf.end_transitions` [K]. Every step needs a class. Reductions are of whole sequences: `mean`
  /// divides by the number of steps, so that the value compares with that of
  /// ``softmaxCrossEntropy``.
  case conditionalRandomField
  /// −log p(labels | z), in nats, of labels that are fewer than the steps and whose places are not
  /// known: connectionist temporal classification (Graves, Fernández, Gomez and Schmidhuber 2006).
  ///
  /// The outputs z [T, K] are logits of K − 1 labels, 1 to K − 1, and of the blank, 0 (``blank``).
  /// p sums the probabilities of all ways to give each step a label or the blank that leave the
  /// labels when repetitions are joined and blanks then dropped. Targets are
  /// ``Example/Target/labelling(_:)``. Reductions are of whole sequences: `mean` divides by the
  /// number of labels, an empty labelling counting as one. (PyTorch's `mean` is another: that of
  /// the sequences' losses, each divided by its own number of labels first. Its `sum` is ours.)
  case connectionistTemporalClassification

  /// The class of ``connectionistTemporalClassification`` that stands for no label.
  public static let blank: Int32 = 0

  /// Whether answers are class ids, one a step or one at the end.
  var takesClasses: Bool { self == .softmaxCrossEntropy || self == .conditionalRandomField }

  /// Whether the answers of a sequence are scored together, not step by step.
  var isOfWholeSequences: Bool {
    self == .conditionalRandomField || self == .connectionistTemporalClassification
  }

  /// How single answers are added up. Padding does not exist here, so it never counts.
  public enum Reduction: String, BitwiseCopyable, CaseIterable, Codable, Sendable, Hashable {
    /// Divided by the number of answered elements (classes, labels, or numbers of the target
    /// vectors).
    case mean
    /// Summed over the steps and outputs of a sequence, divided by the number of sequences. A
    /// window of truncated BPTT counts those that reach the steps whose losses count.
    case perSequence
    /// Summed over everything.
    case sum
  }
}

/// A loss with what it was taken over.
public struct LossValue: BitwiseCopyable, Sendable, Hashable {
  /// The reduced loss.
  public var value: Double
  /// How many elements were answered: what `mean` divides by.
  public var elements: Int
  /// The part of `value` that comes from the labels of whole sequences, its weight applied; nil
  /// without a ``SentenceHead`` or labels.
  public var sentence: Double?
  /// Ω before its weight, which is no part of `value`; nil without a regulariser.
  public var regularization: Double?
  /// How the value was reduced.
  public var reduction: Loss.Reduction

  /// Makes the value of a loss.
  ///
  /// - Parameters:
  ///   - value: the loss, reduced.
  ///   - elements: how many elements were answered.
  ///   - sentence: the part of `value` that labels of whole sequences have; nil without them.
  ///   - regularization: Ω before its weight; nil without a regulariser.
  ///   - reduction: how `value` was reduced.
  public init(
    value: Double, elements: Int, sentence: Double? = nil, regularization: Double? = nil,
    reduction: Loss.Reduction = .mean
  ) {
    self.value = value
    self.elements = elements
    self.sentence = sentence
    self.regularization = regularization
    self.reduction = reduction
  }

  /// The mean loss of an answered element, without the part of labels; not a number when nothing
  /// was answered.
  ///
  /// - Parameter sequences: how many ``Loss/Reduction/perSequence`` divided by.
  func mean(sequences: Int) -> Double {
    let answers = value - (sentence ?? 0)
    guard elements > 0 else { return .nan }
    switch reduction {
    case .mean: return answers
    case .perSequence: return answers * Double(sequences) / Double(elements)
    case .sum: return answers / Double(elements)
    }
  }
}

extension Loss {
  /// Throws unless the batch's targets are of the kind that this loss takes and suit `width`
  /// outputs.
  func check(_ batch: SequenceBatch, width expected: Int) throws(RNNError) {
    switch (self, batch.targets) {
    case (.softmaxCrossEntropy, .classes(let ids)?),
      (.conditionalRandomField, .classes(let ids)?):
      let least: Int32 = self == .softmaxCrossEntropy ? -1 : 0
      if let bad = ids.first(where: { $0 < least || $0 >= expected }) {
        throw RNNError(
          .vocabulary, "target class", expected: "\(least) to \(expected - 1)", found: "\(bad)")
      }
    case (.bernoulliCrossEntropy, .values(_, let width)?),
      (.meanSquaredError, .values(_, let width)?):
      guard width == expected else {
        throw RNNError(.shape, "target width", expected: "\(expected)", found: "\(width)")
      }
    case (.connectionistTemporalClassification, .labellings(let labellings)?):
      if let bad = labellings.labels.first(where: { $0 <= Self.blank || $0 >= expected }) {
        throw RNNError(
          .vocabulary, "target label", expected: "\(Self.blank + 1) to \(expected - 1)",
          found: "\(bad)")
      }
    default:
      throw RNNError(
        .shape, "targets", expected: targetKind,
        found: batch.targets == nil ? "none" : "another kind")
    }
  }

  private var targetKind: String {
    switch self {
    case .softmaxCrossEntropy, .conditionalRandomField: "classes"
    case .bernoulliCrossEntropy, .meanSquaredError: "vectors of numbers"
    case .connectionistTemporalClassification: "labellings"
    }
  }

  /// The loss of `outputs`, which become its gradient; losses of whole sequences have their own.
  ///
  /// - Parameters:
  ///   - outputs: [rows, O] in the order of the batch's answers.
  ///   - weights: space for one float a row.
  ///   - team: divides the rows.
  func evaluate(
    _ outputs: Matrix, batch: SequenceBatch, reduction: Reduction, weights buffer: FloatBuffer,
    team: ThreadTeam
  ) throws(RNNError) -> LossValue {
    precondition(!isOfWholeSequences, "a loss of single answers")
    try check(batch, width: outputs.columns)
    let (weights, elements) = weigh(
      batch, rows: outputs.rows, width: outputs.columns, reduction: reduction, in: buffer)
    let value = Self.sum(over: outputs.rows, team: team) { rows in
      sum(outputs, rows, batch.targets, weights)
    }
    return LossValue(value: value, elements: elements, reduction: reduction)
  }

  /// The weight of each row's loss in the sum of all: 0 for rows that are not answered, the same
  /// for all others.
  ///
  /// - Parameters:
  ///   - batch: whose targets suit the loss.
  ///   - rows: of the answers.
  ///   - width: numbers of a row.
  ///   - reduction: how losses are added up.
  ///   - buffer: space for one float a row.
  /// - Returns: the weights, and how many elements are answered.
  func weigh(
    _ batch: SequenceBatch, rows: Int, width: Int, reduction: Reduction, in buffer: FloatBuffer
  ) -> (weights: UnsafeMutablePointer<Float>, elements: Int) {
    let weights = buffer.matrix(1, rows).pointer
    for row in 0..<rows { weights[row] = row >= batch.firstAnsweredRow ? 1 : 0 }
    if let answered = batch.answeredRows {
      for row in 0..<rows where !answered[row] { weights[row] = 0 }
    }
    var width = width
    if case .classes(let ids)? = batch.targets {
      for (row, id) in ids.enumerated() where id < 0 { weights[row] = 0 }
      width = 1
    }
    let elements = (0..<rows).reduce(0) { $0 + Int(weights[$1]) } * width
    let share: Float =
      switch reduction {
      case .mean: elements == 0 ? 0 : 1 / Float(batch.whole?.elements ?? elements)
      case .perSequence: 1 / Float(batch.answeringSequenceCount)
      case .sum: 1
      }
    kernels.scale(rows, share, weights)
    return (weights, elements)
  }

  /// Weight times the sum of softmax cross-entropies of one row of logits a sequence, which become
  /// its gradient.
  ///
  /// - Parameters:
  ///   - logits: [B, C] in the order of ranks.
  ///   - labels: the class of each sequence, in the caller's order.
  static func sumOfLabels(
    _ logits: Matrix, _ labels: [Int32], _ layout: SequenceLayout, weight: Float
  ) -> Double {
    var (weight, sum) = (weight, 0.0)
    for (rank, sequence) in layout.order.enumerated() {
      let row = logits.rows(rank..<rank + 1)
      var label = labels[sequence]
      sum += kernels.softmax_cross_entropy(
        1, row.columns, row.pointer, row.stride, &label, &weight)
    }
    return sum
  }

  /// The mean of the softmax cross-entropies of all rows, which become its gradients.
  ///
  /// - Parameters:
  ///   - count: what the sum is divided by: the rows, and those that belong to them elsewhere.
  ///   - weights: space for one float a row.
  static func meanCrossEntropy(
    _ logits: Matrix, _ classes: [Int32], of count: Int, weights buffer: FloatBuffer,
    team: ThreadTeam
  ) -> LossValue {
    let weights = buffer.matrix(1, logits.rows)
    weights.fill(1 / Float(count))
    let value = crossEntropy(logits, classes, weights: weights.pointer, team: team)
    return LossValue(value: value, elements: logits.rows)
  }

  /// The softmax cross-entropies of all rows, weighted and summed; the rows become their gradients.
  static func crossEntropy(
    _ logits: Matrix, _ classes: [Int32], weights: UnsafeMutablePointer<Float>, team: ThreadTeam
  ) -> Double {
    sum(over: logits.rows, team: team) { rows in
      crossEntropy(logits, rows, classes, weights)
    }
  }

  private static func crossEntropy(
    _ logits: Matrix, _ rows: Range<Int>, _ classes: [Int32],
    _ weights: UnsafeMutablePointer<Float>
  ) -> Double {
    let z = logits.rows(rows)
    return classes.withUnsafeBufferPointer { ids in
      guard let first = ids.baseAddress else { return 0 }
      return kernels.softmax_cross_entropy(
        z.rows, z.columns, z.pointer, z.stride, first + rows.lowerBound,
        weights + rows.lowerBound)
    }
  }

  /// The sum of weight times loss over all rows, added up as the losses of whole logits are.
  static func weightedSum(
    _ losses: UnsafePointer<Double>, weights: UnsafePointer<Float>, count: Int, team: ThreadTeam
  ) -> Double {
    sum(over: count, team: team) { rows in
      kernels.weighted_sum(rows.count, weights + rows.lowerBound, losses + rows.lowerBound)
    }
  }

  /// The sum of what `body` gives for blocks of rows, which do not depend on the number of threads.
  private static func sum(
    over rows: Int, team: ThreadTeam, _ body: (Range<Int>) -> Double
  ) -> Double {
    // Few enough for their sums to lie on the stack.
    let size = max(16, (rows + 63) / 64)
    let blocks = (rows + size - 1) / size
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks) { sums in
      sums.initialize(repeating: 0)
      team.split(blocks) { range in
        for block in range { sums[block] = body(block * size..<min(rows, (block + 1) * size)) }
      }
      return sums.reduce(0, +)
    }
  }

  private func sum(
    _ outputs: Matrix, _ rows: Range<Int>, _ targets: SequenceBatch.Targets?,
    _ weights: UnsafeMutablePointer<Float>
  ) -> Double {
    switch targets {
    case .classes(let ids)?: return Self.crossEntropy(outputs, rows, ids, weights)
    case .values(let values, let width)?:
      let (z, weights) = (outputs.rows(rows), weights + rows.lowerBound)
      let loss =
        self == .bernoulliCrossEntropy ? kernels.bernoulli_cross_entropy : kernels.squared_error
      return values.withUnsafeBufferPointer { values in
        guard let first = values.baseAddress else { return 0 }
        return loss(
          z.rows, z.columns, z.pointer, z.stride, first + rows.lowerBound * width, width, weights)
      }
    case .labellings?, nil: return 0
    }
  }
}
