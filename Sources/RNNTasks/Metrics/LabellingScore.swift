import RNNCore

/// How well labels were found whose places are not asked for.
struct LabellingScore {
  private var exact = AnswerCount()
  private var distance = 0
  private var labels = 0

  init(predictions: [SequencePrediction], examples: [Example]) {
    precondition(predictions.count == examples.count, "one prediction an example")
    for (prediction, example) in zip(predictions, examples) {
      guard case .labelling(let found) = prediction.answers,
        case .labelling(let truth) = example.target
      else { preconditionFailure("a labelling is answered by a labelling") }
      exact.add(found == truth)
      distance += editDistance(found, truth)
      labels += truth.count
    }
  }

  /// The share of sequences without a mistake.
  var exactMatch: Metric {
    Metric(name: "exact match", value: exact.share, higherIsBetter: true)
  }

  /// Insertions, deletions and replacements by label of the targets (Graves et al. 2006): above 1
  /// where far too many were found.
  var labelErrorRate: Metric {
    Metric(
      name: "label error rate", value: Double(distance) / Double(max(1, labels)),
      higherIsBetter: false, notation: .share)
  }
}
