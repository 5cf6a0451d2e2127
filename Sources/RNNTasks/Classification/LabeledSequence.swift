import RNNCore

/// A sequence with its class, before classes and tokens have their final ids.
struct LabeledSequence {
  let label: String
  var input: Example.Input
}

/// A part of a data set with the file or directory it was read from, for complaints.
struct LabeledPart {
  let path: String
  var sequences: [LabeledSequence]

  /// The class names in the order of their scalars.
  var labels: [String] { Set(sequences.map { ExactText($0.label) }).sorted().map(\.text) }

  /// Takes the given share of each class out, drawn without regard to the order, and returns it. At
  /// least one sequence of each class stays.
  ///
  /// Throws `.range` when nothing would be taken.
  mutating func split(
    _ share: Double, name: String, using random: inout RandomGenerator
  ) throws(RNNError) -> LabeledPart {
    var byLabel: [ExactText: [Int]] = [:]
    for (index, sequence) in sequences.enumerated() {
      byLabel[ExactText(sequence.label), default: []].append(index)
    }
    var isTaken = [Bool](repeating: false, count: sequences.count)
    for label in labels {
      let members = byLabel[ExactText(label), default: []].shuffled(using: &random)
      let count = min(members.count - 1, Int((share * Double(members.count)).rounded()))
      for index in members.prefix(count) { isTaken[index] = true }
    }
    let taken = sequences.indices.filter { isTaken[$0] }.map { sequences[$0] }
    guard !taken.isEmpty else {
      throw RNNError(
        .range, name, expected: "a share that takes one of the \(sequences.count) examples",
        found: "\(share)")
    }
    sequences = sequences.indices.filter { !isTaken[$0] }.map { sequences[$0] }
    return LabeledPart(path: path, sequences: taken)
  }
}

extension Example.Input {
  /// The first `count` steps, all of them for nil.
  func cut(to count: Int?) -> Example.Input {
    guard let count else { return self }
    switch self {
    case .tokens(let ids): return .tokens(Array(ids.prefix(count)))
    case .features(let values, let width):
      // A count that its product with the width could not hold is no cut.
      guard count < values.count else { return self }
      return .features(Array(values.prefix(count * width)), width: width)
    }
  }
}
