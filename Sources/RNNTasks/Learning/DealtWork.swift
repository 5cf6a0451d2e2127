import RNNCore

/// Work in parts that ranks deal out among themselves, of which each of them wants all results.
struct DealtWork {
  /// How many items there are.
  let count: Int
  /// How many of them make a part, at least 1; the last part may have fewer.
  let size: Int
  /// Who shares them; nil for this process alone, which does them one after the other.
  let ranks: (any RankGroup)?

  private var parts: Int { (count + size - 1) / size }
  private func items(of part: Int) -> Range<Int> { part * size..<min((part + 1) * size, count) }

  /// Does the parts and hands over their results in their order, on every rank alike.
  ///
  /// Throws what `make` and `take` throw; `.ranks` where `make` threw on another rank.
  ///
  /// - Parameters:
  ///   - make: the result of a part, on one of the ranks.
  ///   - take: is given each part's items and result.
  func forEach<Result: Portable>(
    _ make: (_ items: Range<Int>) throws(RNNError) -> Result,
    _ take: (_ items: Range<Int>, _ result: Result) throws(RNNError) -> Void
  ) throws(RNNError) {
    guard let ranks, ranks.count > 1 else {
      for part in 0..<parts { try take(items(of: part), try make(items(of: part))) }
      return
    }
    for first in stride(from: 0, to: parts, by: ranks.count) {
      let (own, failure) = outcome(first + ranks.rank, make)
      let all = try ranks.gather(orNil: failure == nil ? own : nil)
      if let failure { throw failure }
      for part in first..<min(first + ranks.count, parts) {
        guard let words = all[part - first] else {
          throw RNNError(
            .ranks, "rank \(part - first)", expected: "its part of the answers",
            found: "an error there")
        }
        var reader = WordReader(words)
        try take(items(of: part), Result(&reader))
      }
    }
  }

  private func outcome<Result: Portable>(
    _ part: Int, _ make: (Range<Int>) throws(RNNError) -> Result
  ) -> (words: [UInt64], failure: RNNError?) {
    guard part < parts else { return ([], nil) }
    do throws(RNNError) {
      var words: [UInt64] = []
      try make(items(of: part)).write(to: &words)
      return (words, nil)
    } catch {
      return ([], error)
    }
  }
}

/// What can go from one process to another, as words.
protocol Portable {
  init(_ words: inout WordReader)
  func write(to words: inout [UInt64])
}

/// Reads words one after the other.
struct WordReader {
  private var words: ArraySlice<UInt64>

  init(_ words: [UInt64]) { self.words = words[...] }

  mutating func next() -> UInt64 { words.popFirst() ?? 0 }
}

extension Int: Portable {
  init(_ words: inout WordReader) { self = Int(bitPattern: UInt(words.next())) }
  func write(to words: inout [UInt64]) { words.append(UInt64(UInt(bitPattern: self))) }
}

extension Double: Portable {
  init(_ words: inout WordReader) { self = Double(bitPattern: words.next()) }
  func write(to words: inout [UInt64]) { words.append(bitPattern) }
}

extension Float: Portable {
  init(_ words: inout WordReader) {
    self = Float(bitPattern: UInt32(truncatingIfNeeded: words.next()))
  }
  func write(to words: inout [UInt64]) { words.append(UInt64(bitPattern)) }
}

extension Int32: Portable {
  init(_ words: inout WordReader) { self = Int32(truncatingIfNeeded: words.next()) }
  func write(to words: inout [UInt64]) { words.append(UInt64(UInt32(bitPattern: self))) }
}

extension Array: Portable where Element: Portable {
  init(_ words: inout WordReader) {
    let count = Int(&words)
    self = []
    reserveCapacity(count)
    for _ in 0..<count { append(Element(&words)) }
  }

  func write(to words: inout [UInt64]) {
    count.write(to: &words)
    for element in self { element.write(to: &words) }
  }
}

/// The loss and the answers of examples that were measured together.
struct MeasuredPart<Answer: Portable & Sendable>: Portable, Sendable {
  /// The sum of the losses of all answered elements, in nats.
  var loss: Double
  /// How many elements were answered.
  var elements: Int
  /// Of each example.
  var answers: [Answer]

  init(loss: Double, elements: Int, answers: [Answer]) {
    (self.loss, self.elements, self.answers) = (loss, elements, answers)
  }

  init(_ words: inout WordReader) {
    self.init(loss: Double(&words), elements: Int(&words), answers: [Answer](&words))
  }

  func write(to words: inout [UInt64]) {
    loss.write(to: &words)
    elements.write(to: &words)
    answers.write(to: &words)
  }
}

extension SequencePrediction: Portable {
  init(_ words: inout WordReader) {
    switch Int(&words) {
    case 0: self.init(.classes([Int32](&words)))
    case 1: self.init(.values([Float](&words)))
    default: self.init(.labelling([Int32](&words)))
    }
    if Int(&words) == 1 { sentence = Sentence(label: Int32(&words), logits: [Float](&words)) }
  }

  func write(to words: inout [UInt64]) {
    switch answers {
    case .classes(let ids):
      0.write(to: &words)
      ids.write(to: &words)
    case .values(let values):
      1.write(to: &words)
      values.write(to: &words)
    case .labelling(let labels):
      2.write(to: &words)
      labels.write(to: &words)
    }
    (sentence == nil ? 0 : 1).write(to: &words)
    guard let sentence else { return }
    sentence.label.write(to: &words)
    sentence.logits.write(to: &words)
  }
}
