import RNNCore

/// The share of right classes: of all steps of each example, or of its last ones alone.
struct ClassAccuracy: AnswerScore {
  private let name: String
  private let last: Int?
  private var count = AnswerCount()

  /// - Parameters:
  ///   - name: what the score is called.
  ///   - last: how many steps at the end of an example count; nil for all.
  init(_ name: String = "accuracy", last: Int? = nil) {
    (self.name, self.last) = (name, last)
  }

  mutating func add(_ prediction: SequencePrediction, for example: Example) {
    let (answers, targets) = (prediction.classIDs, example.classIDs)
    precondition(answers.count == targets.count, "one answer a target")
    let steps = last ?? targets.count
    for (answer, target) in zip(answers.suffix(steps), targets.suffix(steps)) {
      count.add(answer == target)
    }
  }

  func taskScore(meanLoss: Double) -> TaskScore {
    TaskScore(metrics: [Metric(name: name, value: count.share, higherIsBetter: true)])
  }
}
