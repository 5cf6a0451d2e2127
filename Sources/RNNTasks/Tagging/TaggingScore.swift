import RNNCore

/// Counts of tagged sentences: chunks or labels, and where both examples and answers have them,
/// intents.
struct TaggingScore: AnswerScore {
  private let tagging: TaggingEncoding
  private var tags: any AnswerScore
  private var confusion: ConfusionMatrix?
  private var intents = AnswerCount()
  private var sentences = AnswerCount()
  /// Whether a sentence has an intent that was not predicted, or the other way round: intents are
  /// not scored then.
  private var lacksIntents = false

  init(_ tagging: TaggingEncoding) {
    self.tagging = tagging
    tags = tagging.hasChunks ? TaggedChunks(tagging) : LabelScore(tagging)
    confusion = tagging.intents.map { ConfusionMatrix(names: $0.all) }
  }

  mutating func add(_ prediction: SequencePrediction, for example: Example) {
    tags.add(prediction, for: example)
    guard let label = prediction.labelID, let truth = example.label, let names = tagging.intents
    else {
      lacksIntents = lacksIntents || prediction.labelID != nil || example.label != nil
      return
    }
    confusion?.add(gold: Int(truth), predicted: Int(label))
    let isRight = label == truth && names.isTrained(truth)
    intents.add(isRight)
    sentences.add(isRight && hasRightTags(prediction, example))
  }

  private func hasRightTags(_ prediction: SequencePrediction, _ example: Example) -> Bool {
    prediction.classIDs == example.classIDs
      && example.classIDs.allSatisfy(tagging.tags.isTrained)
  }

  func taskScore(meanLoss: Double) -> TaskScore {
    var score = tags.taskScore(meanLoss: meanLoss)
    guard intents.total > 0, !lacksIntents else { return score }
    score.metrics += [
      Metric(name: "intent accuracy", value: intents.share, higherIsBetter: true),
      Metric(name: "sentence accuracy", value: sentences.share, higherIsBetter: true),
    ]
    // Of labels, the confusions are those of words.
    score.confusion = score.confusion ?? confusion
    return score
  }
}

/// The chunks of classes in IOB2.
private struct TaggedChunks: AnswerScore {
  private let goldTags: [ChunkTag]
  private let predictedTags: [ChunkTag]
  private var chunks = ChunkScore()

  init(_ tagging: TaggingEncoding) {
    (goldTags, predictedTags) = (tagging.goldTags, tagging.predictedTags)
  }

  mutating func add(_ prediction: SequencePrediction, for example: Example) {
    chunks.add(prediction, for: example, goldTags: goldTags, predictedTags: predictedTags)
  }

  func taskScore(meanLoss: Double) -> TaskScore {
    TaskScore(
      metrics: [Metric(name: "F1", value: chunks.f1, higherIsBetter: true)], chunks: chunks)
  }
}
