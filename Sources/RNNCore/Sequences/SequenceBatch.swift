/// Sequences of one batch, packed as ``SequenceLayout`` says, with their targets if they have any.
///
/// Making a batch copies its content once; nothing is copied after that.
public struct SequenceBatch: Sendable {
  /// What a row holds.
  enum Content: Sendable {
    case tokens([Int32])
    case features([Float], width: Int)

    func rows(_ range: Range<Int>) -> Content {
      switch self {
      case .tokens(let ids): .tokens(Array(ids[range]))
      case .features(let values, let width):
        .features(Array(values[range.lowerBound * width..<range.upperBound * width]), width: width)
      }
    }
  }

  /// What the network should answer, in the order of the rows it answers in.
  enum Targets: Sendable {
    case classes([Int32])
    case values([Float], width: Int)
    /// Of whole sequences, which have no rows of their own.
    case labellings(PackedLabellings)

    func rows(_ range: Range<Int>) -> Targets {
      switch self {
      case .classes(let ids): .classes(Array(ids[range]))
      case .values(let values, let width):
        .values(Array(values[range.lowerBound * width..<range.upperBound * width]), width: width)
      case .labellings: preconditionFailure("a labelling is of a whole sequence")
      }
    }
  }

  /// When answers are asked for.
  public enum Answer: Sendable, Hashable {
    /// After each step: one answer a row.
    case everyStep
    /// After a sequence's last step: one answer a sequence, in rank order.
    case atEnd
  }

  /// How the sequences lie in packed rows.
  public let layout: SequenceLayout
  /// When answers are asked for.
  public let answer: Answer
  let content: Content
  let targets: Targets?
  /// The class of each whole sequence, in the caller's order; nil when the examples have none. A
  /// model without a ``SentenceHead`` does not look at it.
  public internal(set) var labels: [Int32]?
  /// Rows before it belong to steps whose answers were counted already (truncated BPTT).
  var firstAnsweredRow = 0
  /// Sequences that reach the first step whose answers count; nil for all.
  var answeringSequences: Int?
  /// Rows whose answers count; nil for all.
  var answeredRows: [Bool]?
  /// The batch that this one is a shard of; nil for a batch of its own.
  var whole: WholeBatch?

  /// What a loss and a gradient norm by sequence divide by.
  var answeringSequenceCount: Int {
    whole?.sequenceCount ?? answeringSequences ?? layout.sequenceCount
  }

  init(layout: SequenceLayout, answer: Answer, content: Content, targets: Targets?) {
    self.layout = layout
    self.answer = answer
    self.content = content
    self.targets = targets
  }

  /// Packs examples that all have the same kind of input and the same kind of target.
  ///
  /// In `classPerStep`, id −1 asks for no answer at that step. Either all examples have a label or
  /// none has. Throws for an empty batch, an empty sequence, mixed kinds, a width that differs, a
  /// target whose length is not the input's, a labelling that the input is too short for, and a
  /// feature or target value that is not finite.
  public init(_ examples: [Example]) throws(RNNError) {
    let layout = try SequenceLayout(lengths: examples.map(\.length))
    let inputs = examples.map(\.input)
    let packed = try packTargets(examples.map(\.target), layout: layout)
    self.layout = layout
    content = try packInputs(inputs, layout: layout)
    targets = packed.targets
    answer = packed.answer
    labels = try packLabels(examples)
  }

  /// Packs inputs without targets, to predict from.
  public init(inputs: [Example.Input], answer: Answer = .everyStep) throws(RNNError) {
    let lengths = inputs.map { Example(input: $0, target: .valuesAtEnd([])).length }
    let layout = try SequenceLayout(lengths: lengths)
    self.layout = layout
    content = try packInputs(inputs, layout: layout)
    targets = nil
    self.answer = answer
  }
}

// MARK: - Packing

private func packInputs(
  _ inputs: [Example.Input], layout: SequenceLayout
) throws(RNNError) -> SequenceBatch.Content {
  switch inputs[0] {
  case .tokens:
    var sequences: [[Int32]] = []
    for (index, input) in inputs.enumerated() {
      guard case .tokens(let ids) = input else { throw mixed("input", index, "tokens") }
      sequences.append(ids)
    }
    return .tokens(pack(sequences, width: 1, layout: layout))
  case .features(_, let width):
    var sequences: [[Float]] = []
    for (index, input) in inputs.enumerated() {
      guard case .features(let values, let own) = input else {
        throw mixed("input", index, "features")
      }
      try check(values, width: own, expected: width, steps: layout.lengths[index], "input", index)
      sequences.append(values)
    }
    return .features(pack(sequences, width: width, layout: layout), width: width)
  }
}

private func packTargets(
  _ targets: [Example.Target], layout: SequenceLayout
) throws(RNNError) -> (targets: SequenceBatch.Targets, answer: SequenceBatch.Answer) {
  switch targets[0] {
  case .classPerStep:
    var sequences: [[Int32]] = []
    for (index, target) in targets.enumerated() {
      guard case .classPerStep(let ids) = target else { throw mixed("target", index, "classes") }
      guard ids.count == layout.lengths[index] else {
        throw RNNError(
          .shape, "target of sequence \(index)", expected: "\(layout.lengths[index]) classes",
          found: "\(ids.count)")
      }
      sequences.append(ids)
    }
    return (.classes(pack(sequences, width: 1, layout: layout)), .everyStep)
  case .classAtEnd:
    var ids: [Int32] = []
    for (index, target) in targets.enumerated() {
      guard case .classAtEnd(let id) = target else { throw mixed("target", index, "a class") }
      ids.append(id)
    }
    return (.classes(layout.order.map { ids[$0] }), .atEnd)
  case .valuesPerStep(let first):
    let width = first.count / layout.lengths[0]
    var sequences: [[Float]] = []
    for (index, target) in targets.enumerated() {
      guard case .valuesPerStep(let values) = target else { throw mixed("target", index, "values") }
      try check(
        values, width: width, expected: width, steps: layout.lengths[index], "target", index)
      sequences.append(values)
    }
    return (.values(pack(sequences, width: width, layout: layout), width: width), .everyStep)
  case .valuesAtEnd(let first):
    var rows: [[Float]] = []
    for (index, target) in targets.enumerated() {
      guard case .valuesAtEnd(let values) = target else { throw mixed("target", index, "values") }
      try check(values, width: first.count, expected: first.count, steps: 1, "target", index)
      rows.append(values)
    }
    return (.values(layout.order.flatMap { rows[$0] }, width: first.count), .atEnd)
  case .labelling: return (.labellings(try packLabellings(targets, layout: layout)), .everyStep)
  }
}

private func packLabellings(
  _ targets: [Example.Target], layout: SequenceLayout
) throws(RNNError) -> PackedLabellings {
  var labellings: [[Int32]] = []
  for (index, target) in targets.enumerated() {
    guard case .labelling(let labels) = target else { throw mixed("target", index, "a labelling") }
    let repeats = zip(labels, labels.dropFirst()).count { $0 == $1 }
    guard labels.count + repeats <= layout.lengths[index] else {
      throw RNNError(
        .shape, "target of sequence \(index)",
        expected: "a labelling that \(layout.lengths[index]) steps can hold",
        found: "\(labels.count) labels, \(repeats) of them repeated, which need a blank between")
    }
    labellings.append(labels)
  }
  return PackedLabellings(
    layout.order.map { labellings[$0] }, lengths: layout.order.map { layout.lengths[$0] })
}

private func packLabels(_ examples: [Example]) throws(RNNError) -> [Int32]? {
  let labels = examples.compactMap(\.label)
  guard !labels.isEmpty, labels.count < examples.count else { return labels.isEmpty ? nil : labels }
  let isLabelled = examples[0].label != nil
  let other = examples.firstIndex { ($0.label != nil) != isLabelled } ?? 0
  throw RNNError(
    .shape, "label of sequence \(other)",
    expected: (isLabelled ? "one" : "none") + ", as in sequence 0",
    found: isLabelled ? "none" : "one")
}

/// Rows of caller-ordered sequences in packed order.
private func pack<Element>(
  _ sequences: [[Element]], width: Int, layout: SequenceLayout
) -> [Element] {
  [Element](unsafeUninitializedCapacity: layout.rowCount * width) { buffer, count in
    for step in 0..<layout.stepCount {
      for rank in 0..<layout.rows(ofStep: step).count {
        let source = sequences[layout.order[rank]]
        for index in step * width..<(step + 1) * width {
          buffer.initializeElement(at: count, to: source[index])
          count += 1
        }
      }
    }
  }
}

private func check(
  _ values: [Float], width: Int, expected: Int, steps: Int, _ what: String, _ sequence: Int
) throws(RNNError) {
  guard width == expected, width > 0, values.count == steps * width else {
    throw RNNError(
      .shape, "\(what) of sequence \(sequence)", expected: "\(steps) steps of width \(expected)",
      found: "\(values.count) values of width \(width)")
  }
  if let bad = values.firstIndex(where: { !$0.isFinite }) {
    throw RNNError(
      .nonFinite, "\(what) of sequence \(sequence)", expected: "finite values",
      found: "\(values[bad]) at step \(bad / width)")
  }
}

private func mixed(_ what: String, _ sequence: Int, _ expected: String) -> RNNError {
  RNNError(
    .shape, "\(what) of sequence \(sequence)", expected: "\(expected), as in sequence 0",
    found: "another kind")
}
