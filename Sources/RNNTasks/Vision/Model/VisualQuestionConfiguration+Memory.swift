import RNNCore

extension VisualQuestionConfiguration {
  /// What a model of this shape and a pass over a batch take, on the side of too much.
  ///
  /// Grows with the words of the questions and the regions of the images.
  ///
  /// Throws what ``validate()`` throws.
  ///
  /// - Parameters:
  ///   - questions: how large the batch is.
  ///   - images: about how many images they are.
  ///   - recording: whether the way back follows.
  public func memoryNeeded(
    for questions: BatchExtent, images: Int, recording: Bool = true
  ) throws(RNNError) -> MemoryNeed {
    try layout().modelMemory + passMemory(questions, images: images, recording: recording)
  }

  /// The pass alone.
  package func passMemory(
    _ questions: BatchExtent, images: Int, recording: Bool
  ) throws(RNNError) -> MemoryNeed {
    try validate()
    var layout = ParameterLayout()
    let layers = try VisualQuestionLayers(self, declaringIn: &layout)
    return layout.packedMemory(recording: recording)
      + layers.passMemory(self, questions, images: images, recording: recording)
  }
}

extension VisualQuestionModel {
  /// Throws ``RNNError/Kind/memory`` for a batch that the process has no memory for.
  func admit(_ batch: VisualQuestionBatch, in pass: Pass) throws(RNNError) {
    let questions = BatchExtent(batch.questions.layout)
    let images = BatchExtent(sequences: batch.imageCount, tokens: 0)
    try pass.admit(questions, beside: images, recording: pass.isRecorded) { recording in
      parameters.layout.packedMemory(recording: recording)
        + layers.passMemory(
          configuration, questions, images: batch.imageCount, recording: recording)
    }
  }
}

extension VisualQuestionLayers {
  func passMemory(
    _ configuration: VisualQuestionConfiguration, _ batch: BatchExtent, images: Int,
    recording: Bool
  ) -> MemoryNeed {
    let (tokens, questions) = (Amount(batch.tokens), Amount(batch.sequences))
    let (hidden, words) = (configuration.hiddenSize, configuration.embedding)
    let passes = recording ? 2 : 1
    var need = MemoryNeed()
    need.add("batch", floats: tokens * 12)
    need.add(
      "inputs",
      floats: tokens * words * passes
        + dropout.floats(rows: batch.tokens, width: words, recording: recording))
    need.add(
      "states and gates",
      floats: question.floats(
        batch, recording: recording, inputGradient: true,
        hasDropout: recording && question.configuration.interLayerDropout > 0)
        + question.stateFloats(sequences: batch.sequences) * 4
        + question.tableFloats(embedding.vocabulary, batch.tokens)
        // The gradient of what was read at the end of a question.
        + (recording ? tokens * hidden : 0))
    // States by rank and by question, contexts, their product, all side by side, and the answers.
    var floats = questions * hidden * (10 * passes)
    floats += dropout.floats(rows: batch.sequences, width: hidden, recording: recording)
    need.add("outputs", floats: floats + questions * configuration.answers * (passes + 1))
    if let image { addImages(image, batch, images, recording: recording, to: &need) }
    return need
  }

  private func addImages(
    _ image: Image, _ batch: BatchExtent, _ images: Int, recording: Bool,
    to need: inout MemoryNeed
  ) {
    let (regions, hidden) = (Amount(images) * image.shape.regionCount, image.region.outputSize)
    let passes = recording ? 2 : 1
    // Patches in the batch and on the pass.
    var floats = regions * image.shape.patchWidth * 3
    floats += regions * hidden * (2 * passes)
    floats += dropout.floats(rows: regions.value, width: hidden, recording: recording)
    floats += image.attention.floats(
      queries: batch.sequences, keys: regions.value,
      cells: (Amount(batch.sequences) * image.shape.regionCount).value, sequences: images,
      queryWidth: hidden, keyWidth: hidden, recording: recording)
    need.add("images", floats: floats)
  }
}
