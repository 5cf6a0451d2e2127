internal import CLibrary
import RNNCore

/// Tells in which order two symbols came, long after both: only a network that keeps the first one
/// through all distractors can answer.
///
/// T tokens of {A, B, c, d, e, f}: A or B at two steps, one in [T/10, 2T/10] and one in
/// [4T/10, 5T/10] (both ends included), distractors c-f elsewhere. The class after the last step
/// is AA, AB, BA or BB, all equally likely. Problem 6a of Hochreiter and Schmidhuber (1997), with
/// the positions of Pascanu, Mikolov and Bengio (2013).
public struct TemporalOrderTask: GeneratedTask {
  /// The lengths that are drawn from, uniformly.
  public let lengths: ClosedRange<Int>
  public private(set) var validation: ExampleList = []
  public private(set) var test: ExampleList = []

  /// Token names by id.
  public static let symbols = ["A", "B", "c", "d", "e", "f"]
  /// Class names by id.
  public static let classes = ["AA", "AB", "BA", "BB"]

  private static let relevant = 2

  /// Sequences of a length drawn uniformly from `lengths`. Throws `.range` for
  /// lengths below 10 (where the two positions would not be apart) or empty held-out sets.
  public init(
    lengths: ClosedRange<Int> = 50...50, seed: UInt64 = 1,
    heldOut sizes: HeldOutSizes = HeldOutSizes()
  ) throws(RNNError) {
    try checkLengths(lengths, atLeast: 10, task: .temporalOrder)
    try sizes.check()
    self.lengths = lengths
    validation = heldOut(sizes.validation, .validationExamples, seed: seed)
    test = heldOut(sizes.test, .testExamples, seed: seed)
  }

  public var name: String { TaskName.temporalOrder.rawValue }
  public var summary: String { "recall the order of two symbols among \(lengths.text) steps" }
  public var shape: TaskShape {
    TaskShape(
      input: .tokens(vocabulary: Self.symbols.count), answer: .atEnd, objective: .classes,
      outputs: Self.classes.count)
  }
  public var guessLoss: Double? { log(Double(Self.classes.count)) }
  /// The first symbol may stand at step T/10.
  public var memoryNeeded: Int? { lengths.upperBound - 1 - lengths.upperBound / 10 }

  public func makeExample(using random: inout RandomGenerator) -> Example {
    let length = Int.random(in: lengths, using: &random)
    let first = Int.random(in: length / 10...2 * length / 10, using: &random)
    let second = Int.random(in: 4 * length / 10...5 * length / 10, using: &random)
    let answer = random.integer(below: Self.classes.count)
    var tokens = (0..<length).map { _ in
      Int32(Self.relevant + random.integer(below: Self.symbols.count - Self.relevant))
    }
    tokens[first] = Int32(answer / Self.relevant)
    tokens[second] = Int32(answer % Self.relevant)
    return Example(input: .tokens(tokens), target: .classAtEnd(Int32(answer)))
  }

  /// Counts right classes.
  public func makeScore() -> any AnswerScore { ClassAccuracy() }
}
