internal import CLibrary
import RNNCore

/// Repeats a string of symbols after a long silence.
///
/// With R remembered symbols and a delay T, the T + 2R input tokens are R data symbols, T - 1
/// blanks, a delimiter and R blanks; the classes are T + R blanks and then the R symbols again.
/// Ids: the data symbols, then the blank, then the delimiter (never an answer). The score counts
/// the recalled symbols alone. After Hochreiter and Schmidhuber (1997), in the form and with the
/// numbers (8 symbols, 10 to remember) of Arjovsky, Shah and Bengio (2016).
public struct CopyTask: GeneratedTask {
  /// T, the steps from the last data symbol to the delimiter.
  public let delay: Int
  /// How many different data symbols there are.
  public let symbols: Int
  /// R, the number of symbols to repeat.
  public let remembered: Int
  public private(set) var validation: ExampleList = []
  public private(set) var test: ExampleList = []

  /// Throws `.range` for a delay or `remembered` below 1, fewer than 2 `symbols`,
  /// or empty held-out sets.
  public init(
    delay: Int = 30, symbols: Int = 8, remembered: Int = 10, seed: UInt64 = 1,
    heldOut sizes: HeldOutSizes = HeldOutSizes()
  ) throws(RNNError) {
    try checkLengths(delay...delay, atLeast: 1, task: .copy)
    try sizes.check()
    for (name, value, minimum) in [("symbols", symbols, 2), ("remembered", remembered, 1)]
    where value < minimum {
      throw RNNError(.range, name, expected: "at least \(minimum)", found: "\(value)")
    }
    self.delay = delay
    self.symbols = symbols
    self.remembered = remembered
    validation = heldOut(sizes.validation, .validationExamples, seed: seed)
    test = heldOut(sizes.test, .testExamples, seed: seed)
  }

  public var name: String { TaskName.copy.rawValue }
  public var summary: String { "repeat \(remembered) symbols after \(delay) silent steps" }
  public var shape: TaskShape {
    TaskShape(
      input: .tokens(vocabulary: symbols + 2), answer: .everyStep, objective: .classes,
      outputs: symbols + 1)
  }
  /// R ln(symbols)/(T + 2R): blanks for certain, the symbols by chance.
  public var guessLoss: Double? {
    Double(remembered) * log(Double(symbols)) / Double(delay + 2 * remembered)
  }

  /// Each symbol is asked for as long after it was seen.
  public var memoryNeeded: Int? { delay + remembered }

  public func makeExample(using random: inout RandomGenerator) -> Example {
    let blank = Int32(symbols)
    let delimiter = blank + 1
    let data = (0..<remembered).map { _ in Int32(random.integer(below: symbols)) }
    let blanks = [Int32](repeating: blank, count: delay + remembered)
    var tokens = data + blanks
    tokens[remembered + delay - 1] = delimiter
    return Example(input: .tokens(tokens), target: .classPerStep(blanks + data))
  }

  /// Counts right ones among the recalled symbols.
  public func makeScore() -> any AnswerScore { ClassAccuracy("recall accuracy", last: remembered) }
}
