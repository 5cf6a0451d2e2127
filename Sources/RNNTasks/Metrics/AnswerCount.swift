import RNNCore

/// How many answers were right, of how many.
struct AnswerCount {
  private(set) var right = 0
  private(set) var total = 0

  /// From 0 to 1; 0 without answers.
  var share: Double { total == 0 ? 0 : Double(right) / Double(total) }

  mutating func add(_ isRight: Bool) {
    total += 1
    if isRight { right += 1 }
  }
}

extension SequencePrediction {
  /// The predicted classes, of a network that answers with classes.
  var classIDs: [Int32] {
    switch answers {
    case .classes(let ids): ids
    case .values, .labelling:
      preconditionFailure("a classification task is answered by classes")
    }
  }

  /// The predicted class of the whole sentence, nil where none was asked for.
  var labelID: Int32? { sentence?.label }
}

extension Example {
  /// The target classes: one a step, or a single one.
  var classIDs: [Int32] {
    switch target {
    case .classPerStep(let ids): ids
    case .classAtEnd(let id): [id]
    case .valuesPerStep, .valuesAtEnd, .labelling:
      preconditionFailure("the target holds no classes")
    }
  }
}
