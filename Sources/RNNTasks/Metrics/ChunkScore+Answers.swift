import RNNCore

extension ChunkScore {
  /// Adds predicted classes, whose ids `goldTags` and `predictedTags` turn into tags.
  mutating func add(
    _ prediction: SequencePrediction, for example: Example, goldTags: [ChunkTag],
    predictedTags: [ChunkTag]
  ) {
    add(
      gold: example.classIDs.map { goldTags[Int($0)] },
      predicted: prediction.classIDs.map { predictedTags[Int($0)] })
  }
}
