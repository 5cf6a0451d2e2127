import RNNCore

/// How many words got the right label, of all and of those that the vocabulary does not know, and
/// which labels were taken for which.
struct LabelScore: AnswerScore {
  private let labels: ClassNames
  private let unknownWord: Int32
  private var words = AnswerCount()
  private var unknownWords = AnswerCount()
  private var confusion: ConfusionMatrix

  init(_ tagging: TaggingEncoding) {
    (labels, unknownWord) = (tagging.tags, tagging.words.unknownID)
    confusion = ConfusionMatrix(names: labels.all)
  }

  mutating func add(_ prediction: SequencePrediction, for example: Example) {
    guard case .tokens(let tokens) = example.input else {
      preconditionFailure("a tagger reads words")
    }
    let (answers, targets) = (prediction.classIDs, example.classIDs)
    precondition(answers.count == targets.count, "one answer a word")
    for (token, (answer, target)) in zip(tokens, zip(answers, targets)) {
      let isRight = answer == target && labels.isTrained(target)
      words.add(isRight)
      if token == unknownWord { unknownWords.add(isRight) }
      confusion.add(gold: Int(target), predicted: Int(answer))
    }
  }

  /// Accuracy first; that of unknown words is not a number where there are none.
  func taskScore(meanLoss: Double) -> TaskScore {
    let unknown = unknownWords.total == 0 ? .nan : unknownWords.share
    return TaskScore(
      metrics: [
        Metric(name: "accuracy", value: words.share, higherIsBetter: true),
        Metric(name: "accuracy of unknown words", value: unknown, higherIsBetter: true),
      ],
      confusion: confusion)
  }
}
