import RNNCore

extension VisualQuestionModel {
  /// Logits of the answers, [N, C] in the order of images, in a pass that has begun; and where the
  /// questions looked, nil without an image.
  func forward(
    _ batch: VisualQuestionBatch, in pass: Pass
  ) throws(RNNError) -> (logits: Rows, look: Attention.Look?) {
    try check(batch)
    try admit(batch, in: pass)
    let words = try layers.dropout(layers.embedding(batch.questions, in: pass))
    let states = try layers.question.read(words).endsByRank().gathered(
      batch.ranks, as: batch.looks.map { .bySequence($0.asked) } ?? .examples)
    var (seen, look) = (states.path("question.state"), nil as Attention.Look?)
    if let image = layers.image, let looks = batch.looks {
      let patches = try pass.numbers(
        batch.patches, width: image.shape.patchWidth, as: .bySequence(looks.regions))
      let regions = try layers.dropout(image.position(image.region(patches)))
      let found = try image.attention.look(states, over: regions)
      seen = try .sideBySide(
        found.contexts, seen, found.contexts * states.path("question.product"))
      look = found
    }
    // Questions about one image are no steps of a sequence.
    let answers = try layers.combination(seen).standing(for: .examples)
    return (try layers.readout(layers.dropout(answers)), look)
  }
}
