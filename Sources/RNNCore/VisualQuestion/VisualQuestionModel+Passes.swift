extension VisualQuestionModel {
  /// What a pass over a batch has come by.
  struct Answers {
    let reading: RecurrentNetwork.Reading
    /// q of each question in the order of images, [N, H].
    let states: Rows
    let look: Look?
    /// [N, C]
    let logits: Rows
  }

  /// What a pass has seen of images.
  struct Look {
    /// c and c ⊙ q of each question, [N, H].
    let contexts: Rows
    let products: Rows
    let attention: AttentionRecord
  }

  /// Logits of the answers, in a pass that has begun.
  func forward(
    _ batch: VisualQuestionBatch, in pass: Pass
  ) throws(RNNError) -> Answers {
    try check(batch)
    let words = try layers.dropout(layers.embedding(batch.questions, in: pass))
    let reading = try layers.question.read(words)
    let states = try reading.endsByRank().gathered(
      batch.ranks, as: batch.looks.map { .bySequence($0.asked) } ?? .examples)
    let look = try self.look(at: batch, for: states)
    var seen = states
    if let look { seen = try .sideBySide(look.contexts, states, look.products) }
    let logits = try layers.readout(layers.dropout(layers.combination(seen)))
    return Answers(reading: reading, states: states, look: look, logits: logits)
  }

  private func look(
    at batch: VisualQuestionBatch, for states: Rows
  ) throws(RNNError) -> Look? {
    guard let image = layers.image, let looks = batch.looks else { return nil }
    let patches = try states.pass.numbers(
      batch.patches, width: image.shape.patchWidth, as: .bySequence(looks.regions))
    let regions = try layers.dropout(image.position(image.region(patches)))
    let (contexts, attention) = try image.attention.look(states, over: regions)
    return Look(contexts: contexts, products: try contexts * states, attention: attention)
  }
}
