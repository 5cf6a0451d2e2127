import RNNCore

extension ChunkScore {
  /// Scores class predictions, whose ids `goldTags` and `predictedTags` turn into tags.
  init(
    predictions: [SequencePrediction], examples: [Example], goldTags: [ChunkTag],
    predictedTags: [ChunkTag]
  ) {
    precondition(predictions.count == examples.count, "one prediction an example")
    self.init()
    for (prediction, example) in zip(predictions, examples) {
      add(
        gold: example.classIDs.map { goldTags[Int($0)] },
        predicted: prediction.classIDs.map { predictedTags[Int($0)] })
    }
  }
}
