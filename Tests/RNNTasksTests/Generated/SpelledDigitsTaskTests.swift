import RNNCore
import RNNTasks
import Testing

@Suite("Spelled digits")
struct SpelledDigitsTaskTests {
  private static func digits(_ example: Example) -> [Int] {
    guard case .labelling(let labels) = example.target else { return [] }
    return labels.map { Int($0) - 1 }
  }

  /// All ways to read letters as words with fillers between, each letter once or twice.
  private static func readings(_ letters: ArraySlice<Character>) -> Set<[Int]> {
    guard let first = letters.first else { return [[]] }
    if "abcdjklmpqy".contains(first) { return readings(letters.dropFirst()) }
    var found = Set<[Int]>()
    for (digit, word) in SpelledDigitsTask.words.enumerated() where word.first == first {
      // Where the rest can begin.
      var ends: Set<Int> = [letters.startIndex]
      for letter in word {
        ends = ends.reduce(into: []) { next, end in
          for count in 1...2 {
            guard
              letters[end...].prefix(count).elementsEqual(Array(repeating: letter, count: count))
            else { continue }
            next.insert(end + count)
          }
        }
      }
      for end in ends { found.formUnion(readings(letters[end...]).map { [digit] + $0 }) }
    }
    return found
  }

  @Test("Filled and repeated letters spell the digits of the target")
  func spelling() throws {
    let task = try SpelledDigitsTask()
    let examples = Array(task.validation) + task.test + task.trainingExamples(500, seed: 1)
    for example in examples {
      let digits = Self.digits(example)
      #expect((1...5).contains(digits.count))
      let letters = example.tokens.map { SpelledDigitsTask.letters[Int($0)] }
      // There is no other way to read them.
      #expect(Self.readings(letters[...]) == [digits], "\(String(letters))")
    }
    // Any batch can be made of them: every labelling has an alignment.
    #expect(try SequenceBatch(examples).layout.sequenceCount == examples.count)
    let lengths = Set(examples.map { Self.digits($0).count })
    #expect(lengths == [1, 2, 3, 4, 5])
  }

  @Test("No number belongs to two parts", arguments: [1...5, 1...2, 3...3])
  func parts(_ lengths: ClosedRange<Int>) throws {
    let task = try SpelledDigitsTask(lengths: lengths)
    let training = Set(task.trainingExamples(3000, seed: 1).map(Self.digits))
    let (validation, test) = (
      Set(task.validation.map(Self.digits)), Set(task.test.map(Self.digits))
    )
    #expect(training.isDisjoint(with: validation) && training.isDisjoint(with: test))
    #expect(validation.isDisjoint(with: test))
    // Training sees every digit, at every place.
    for place in 0..<lengths.upperBound {
      let seen = Set(training.compactMap { place < $0.count && $0.count > 1 ? $0[place] : nil })
      #expect(seen == Set(0..<10))
    }
    #expect(
      (training.union(validation).union(test)).allSatisfy { lengths.contains($0.count) })
  }

  @Test("Scores are the share of numbers without a mistake, and edits by digit")
  func scores() throws {
    let examples = [[1, 2, 3], [4], [], [5, 5]].map { (labels: [Int32]) in
      Example(input: .tokens([0]), target: .labelling(labels))
    }
    let task = try SpelledDigitsTask()
    // Right; one too many; one too many; one missing.
    let answers: [SequencePrediction] = [
      .labelling([1, 2, 3]), .labelling([4, 4]), .labelling([9]), .labelling([5]),
    ]
    let score = task.score(predictions: answers, examples: examples, meanLoss: 1)
    #expect(
      score.metrics == [
        Metric(name: "exact match", value: 0.25, higherIsBetter: true),
        Metric(name: "label error rate", value: 0.5, higherIsBetter: false, notation: .share),
      ])
  }

  @Test("Lengths without meaning are refused")
  func refused() {
    for lengths in [0...3, 1...1] {
      let error = #expect(throws: RNNError.self) { try SpelledDigitsTask(lengths: lengths) }
      #expect(error?.kind == .range && error?.argument == "length of spelled-digits")
    }
    #expect(throws: RNNError.self) {
      try SpelledDigitsTask(heldOut: HeldOutSizes(validation: 1, test: 0))
    }
  }
}
