import RNNCore

/// Held-out examples, packed once and evaluated many times.
public struct HeldOutData: Sendable {
  public let examples: [Example]
  private let batches: [SequenceBatch]

  /// Throws what ``SequenceBatch`` throws for examples that do not belong together.
  ///
  /// - Parameters:
  ///   - examples: may be none.
  ///   - batch: how many are evaluated side by side.
  public init(_ examples: [Example], batch: Int = 128) throws(RNNError) {
    self.examples = examples
    var batches: [SequenceBatch] = []
    for first in stride(from: 0, to: examples.count, by: batch) {
      batches.append(
        try SequenceBatch(Array(examples[first..<min(first + batch, examples.count)])))
    }
    self.batches = batches
  }

  /// The mean loss over all answered elements, and the task's score of the answers.
  public func evaluate(
    _ model: SequenceModel, on task: any SequenceTask, pass: ModelPass
  ) throws(RNNError) -> (loss: Double, metric: Metric) {
    var (sum, elements) = (0.0, 0)
    var predictions: [Prediction] = []
    for batch in batches {
      var state = model.zeroState(sequences: batch.layout.sequenceCount)
      let (outputs, loss) = try model.outputsAndLoss(
        for: batch, state: &state, pass: pass, reduction: .sum)
      sum += loss.value
      elements += loss.elements
      predictions += outputs.map { prediction($0, of: model.configuration) }
    }
    let loss = sum / Double(max(1, elements))
    return (loss, task.metric(predictions: predictions, examples: examples, meanLoss: loss))
  }

  private func prediction(_ values: [Float], of model: ModelConfiguration) -> Prediction {
    guard model.loss == .softmaxCrossEntropy else { return .values(values) }
    return .classes(
      stride(from: 0, to: values.count, by: model.outputs).map { first in
        Int32(likeliest(values[first..<first + model.outputs]))
      })
  }
}

/// The index of the largest value, counted from the slice's start; the first of equal ones.
private func likeliest(_ values: ArraySlice<Float>) -> Int {
  var best = values.startIndex
  for index in values.indices where values[index] > values[best] { best = index }
  return best - values.startIndex
}
