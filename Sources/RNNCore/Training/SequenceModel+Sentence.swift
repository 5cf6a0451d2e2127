/// The sentence head on its way forward and back.
extension SequenceModel {
  /// Logits [B, C] of the whole sequences, in the order of ranks, from the body's `output` [N, width].
  func forwardSentence(
    _ output: Matrix, _ layout: SequenceLayout, pass: ModelPass, dropout: inout RandomGenerator?
  ) {
    guard let sentence else { return }
    let ends = pass.sentenceEnds.matrix(layout.sequenceCount, output.columns)
    copyEnds(of: output, layout, pass: pass, into: ends)
    let seen = drop(
      ends, to: pass.sentenceDropped, mask: pass.sentenceMask, pass: pass, dropout: &dropout)
    let logits = pass.sentenceLogits.matrix(seen.rows, sentence.outputSize)
    sentence.forward(
      seen, into: logits, weights: pass.sentenceWeights, parameters: parameters, team: team)
    (pass.sentenceInput, pass.sentenceRows) = (seen, logits)
  }

  /// The weighted loss of the labels, whose logits become its gradient; nil without labels or a head.
  func evaluateSentence(
    _ batch: SequenceBatch, reduction: Loss.Reduction, pass: ModelPass
  ) -> Double? {
    pass.learnsSentence = false
    guard let head = configuration.sentenceHead, let labels = batch.labels,
      let logits = pass.sentenceRows
    else { return nil }
    pass.learnsSentence = true
    let share = reduction == .sum ? head.weight : head.weight / Float(labels.count)
    return Loss.sumOfLabels(logits, labels, batch.layout, weight: share)
  }

  /// The gradient [B, width] of the ends that the head read, in the order of ranks; nil when it learns nothing.
  func backwardSentence(_ pass: ModelPass, gradients: ParameterStore) -> Matrix? {
    guard pass.learnsSentence, let sentence, let seen = pass.sentenceInput,
      let logits = pass.sentenceRows
    else { return nil }
    let gradient = pass.sentenceGradient.matrix(seen.rows, seen.columns)
    sentence.backward(
      logits, input: seen, output: nil, inputGradient: gradient, weights: pass.sentenceWeights,
      parameters: parameters, gradients: gradients, team: team)
    undrop(gradient, mask: pass.sentenceMask, pass: pass)
    return gradient
  }
}
