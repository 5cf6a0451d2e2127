import RNNCore

/// Reads a number that is spelled letter by letter, without being told where a digit begins or
/// ends.
///
/// The input are the words of 1 to 5 digits, such as "jthrreeqqonne": no spaces, each letter once
/// or twice, and up to 3 filler letters that no digit has before, between and behind the words. The
/// target are the digits in their order, without places: digit d is label d + 1, beside the blank
/// 0.
///
/// Numbers belong to one part each: of those of every length a tenth to validation, a tenth to
/// test, the others to training, so that no held-out number was ever trained on.
public struct SpelledDigitsTask: GeneratedTask {
  /// Digits of a number.
  public let lengths: ClosedRange<Int>
  public private(set) var validation: ExampleList = []
  public private(set) var test: ExampleList = []

  /// The words by digit.
  public static let words = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
  ]
  /// Token names by id.
  public static let letters = (UInt8(ascii: "a")...UInt8(ascii: "z")).map {
    Character(Unicode.Scalar($0))
  }

  /// Tokens of each word.
  private static let spellings = words.map { word in word.map(token) }
  private static let fillers = letters.map(token).filter { token in
    !spellings.contains { $0.contains(token) }
  }
  private static let mostFillers = 3

  /// Numbers with as many digits as drawn uniformly from `lengths`.
  ///
  /// Throws `.range` for less than one digit, for one digit alone, since training
  /// would never see those that are held out, and for empty held-out sets.
  public init(
    lengths: ClosedRange<Int> = 1...5, seed: UInt64 = 1,
    heldOut sizes: HeldOutSizes = HeldOutSizes()
  ) throws(RNNError) {
    try checkLengths(lengths, atLeast: 1, task: .spelledDigits)
    guard lengths.upperBound > 1 else {
      throw RNNError(
        .range, "length of \(TaskName.spelledDigits.rawValue)",
        expected: "numbers of 2 digits among others", found: "1 alone")
    }
    try sizes.check()
    self.lengths = lengths
    validation = examples(sizes.validation, .validationExamples, seed: seed)
    test = examples(sizes.test, .testExamples, seed: seed)
  }

  public var name: String { TaskName.spelledDigits.rawValue }
  public var summary: String {
    "read \(lengths.text) digits out of the letters of their words, without their places"
  }
  public var shape: TaskShape {
    TaskShape(
      input: .tokens(vocabulary: Self.letters.count), answer: .everyStep, objective: .labelling,
      outputs: Self.words.count + 1)
  }

  /// A digit is told by the letters of its own word: the longest, each twice.
  public var memoryNeeded: Int? { (Self.words.map(\.count).max() ?? 1) * 2 - 1 }

  /// A number to train on.
  public func makeExample(using random: inout RandomGenerator) -> Example {
    makeExample(of: .trainingExamples, using: &random)
  }

  /// Counts numbers without a mistake, and edits by digit.
  public func makeScore() -> any AnswerScore { LabellingScore() }

  private func examples(_ count: Int, _ part: RandomStream, seed: UInt64) -> ExampleList {
    var random = RandomGenerator(seed: seed, for: part)
    return ExampleList((0..<count).map { _ in makeExample(of: part, using: &random) })
  }

  private func makeExample(of part: RandomStream, using random: inout RandomGenerator) -> Example {
    while true {
      let count = Int.random(in: lengths, using: &random)
      let digits = (0..<count).map { _ in random.integer(below: Self.words.count) }
      guard Self.part(of: digits) == part else { continue }
      return Example(
        input: .tokens(Self.spell(digits, using: &random)),
        target: .labelling(digits.map { Int32($0 + 1) }))
    }
  }

  /// A check digit whose weights have no factor in common with 10 takes every value equally often,
  /// whatever all digits but one are.
  static func part(of digits: [Int]) -> RandomStream {
    let weights = [3, 7, 9, 1]
    let check = digits.enumerated().reduce(0) { $0 + weights[$1.offset % 4] * $1.element } % 10
    switch check {
    case 8: return .validationExamples
    case 9: return .testExamples
    default: return .trainingExamples
    }
  }

  private static func spell(_ digits: [Int], using random: inout RandomGenerator) -> [Int32] {
    var tokens = noise(using: &random)
    for digit in digits {
      for token in spellings[digit] {
        tokens += Array(repeating: token, count: 1 + random.integer(below: 2))
      }
      tokens += noise(using: &random)
    }
    return tokens
  }

  private static func noise(using random: inout RandomGenerator) -> [Int32] {
    (0..<random.integer(below: mostFillers + 1)).map { _ in
      fillers[random.integer(below: fillers.count)]
    }
  }

  private static func token(_ letter: Character) -> Int32 {
    Int32(letter.asciiValue ?? 0) - Int32(UInt8(ascii: "a"))
  }
}
