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

  init(_ tagging: TaggingEncoding, _ unseen: UnseenTags) {
    self.tagging = tagging
    tags = tagging.hasChunks ? TaggedChunks(tagging, unseen) : LabelScore(tagging)
    confusion = tagging.intents.map { ConfusionMatrix(names: $0.all) }
  }

  mutating func add(_ prediction: SequencePrediction, for example: Example) {
    tags.add(prediction, for: example)
    guard let label = tagging.intent(of: prediction), let truth = example.label,
      let names = tagging.intents
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
  private var unseen: UnseenTags
  private var chunks = ChunkScore()

  init(_ tagging: TaggingEncoding, _ unseen: UnseenTags) {
    (goldTags, predictedTags) = (tagging.goldTags, tagging.predictedTags)
    self.unseen = unseen
  }

  mutating func add(_ prediction: SequencePrediction, for example: Example) {
    let known = example.classIDs.map { goldTags[Int($0)] }
    chunks.add(
      gold: unseen.next(of: example) ?? known,
      predicted: prediction.classIDs.map { predictedTags[Int($0)] })
  }

  func taskScore(meanLoss: Double) -> TaskScore {
    TaskScore(
      metrics: [Metric(name: "F1", value: chunks.f1, higherIsBetter: true)], chunks: chunks)
  }
}

/// The true chunks of held-out sentences with tags that no class is called by, which share one.
///
/// They are found by the example that such a sentence becomes: of several sentences that become the
/// same one, in their order.
struct UnseenTags: Sendable {
  private let unknown: Int32
  private var tags: [Example: [[ChunkTag]]] = [:]
  private var next: [Example: Int] = [:]

  init(_ sentences: some Sequence<TaggedSentence>, _ tagging: TaggingEncoding) {
    unknown = Int32(tagging.tags.count - 1)
    guard tagging.hasChunks else { return }
    for sentence in sentences where !sentence.tags.allSatisfy(tagging.tags.has) {
      tags[tagging.example(sentence), default: []].append(sentence.tags.compactMap { ChunkTag($0) })
    }
  }

  /// The tags of the next sentence that became `example`; nil where classes say all.
  mutating func next(of example: Example) -> [ChunkTag]? {
    guard !tags.isEmpty, example.classIDs.contains(unknown), let all = tags[example] else {
      return nil
    }
    let index = next[example, default: 0]
    next[example] = (index + 1) % all.count
    return all[index]
  }
}
