import RNNCore

/// How well labels were found whose places are not asked for.
struct LabellingScore: AnswerScore {
  private var exact = AnswerCount()
  private var distance = 0
  private var labels = 0

  mutating func add(_ prediction: SequencePrediction, for example: Example) {
    guard case .labelling(let found) = prediction.answers,
      case .labelling(let truth) = example.target
    else { preconditionFailure("a labelling is answered by a labelling") }
    exact.add(found == truth)
    distance += editDistance(found, truth)
    labels += truth.count
  }

  /// The share of sequences without a mistake; and insertions, deletions and replacements by label
  /// of the targets (Graves et al. 2006), above 1 where far too many were found.
  func taskScore(meanLoss: Double) -> TaskScore {
    TaskScore(metrics: [
      Metric(name: "exact match", value: exact.share, higherIsBetter: true),
      Metric(
        name: "label error rate", value: Double(distance) / Double(max(1, labels)),
        higherIsBetter: false, notation: .share),
    ])
  }
}
