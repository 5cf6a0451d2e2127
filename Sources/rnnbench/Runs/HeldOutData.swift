import RNNCore
import RNNTasks

/// Held-out examples, packed once and evaluated many times.
struct HeldOutData {
  let examples: [Example]
  private let batches: [SequenceBatch]

  init(_ examples: [Example], batch: Int = 128) throws {
    self.examples = examples
    batches = try stride(from: 0, to: examples.count, by: batch).map { first in
      try SequenceBatch(Array(examples[first..<min(first + batch, examples.count)]))
    }
  }

  /// The mean loss over all answered elements.
  func loss(of model: SequenceModel, pass: ModelPass) throws -> Double {
    var (sum, elements) = (0.0, 0)
    for batch in batches {
      var state = model.zeroState(sequences: batch.layout.sequenceCount)
      let loss = try model.loss(of: batch, state: &state, pass: pass, reduction: .sum)
      sum += loss.value
      elements += loss.elements
    }
    return sum / Double(max(1, elements))
  }

  /// What the model answers for each example.
  func predictions(of model: SequenceModel, pass: ModelPass) throws -> [Prediction] {
    let outputs = model.configuration.outputs
    return try batches.flatMap { batch in
      var state = model.zeroState(sequences: batch.layout.sequenceCount)
      return try model.outputs(for: batch, state: &state, pass: pass).map { values -> Prediction in
        guard model.configuration.loss == .softmaxCrossEntropy else { return .values(values) }
        return .classes(
          stride(from: 0, to: values.count, by: outputs).map { first in
            Int32(likeliest(values[first..<first + outputs]))
          })
      }
    }
  }
}

/// The index of the largest value, counted from the slice's start; the first of equal ones.
private func likeliest(_ values: ArraySlice<Float>) -> Int {
  var best = values.startIndex
  for index in values.indices where values[index] > values[best] { best = index }
  return best - values.startIndex
}
