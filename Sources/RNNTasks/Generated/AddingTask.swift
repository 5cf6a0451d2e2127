import RNNCore

/// Adds the two marked numbers of a long sequence: the others have to be ignored, and the first of
/// the two remembered.
///
/// Input [T, 2]: a random value and a marker, 1 at two steps and 0 elsewhere. The first marker is
/// uniform over the first half of the steps and the second over the second half, as is common
/// since Le et al. (2015); Hochreiter and Schmidhuber (1997) put the first among the first ten
/// steps and mark the ends with -1. The target, one number after the last step, is an
/// ``AddingTarget``. Mean squared error is the training loss, the share of examples with an
/// absolute error below 0.04 the score.
public struct AddingTask: GeneratedTask {
  /// The lengths that are drawn from, uniformly.
  public let lengths: ClosedRange<Int>
  /// What is made of the two numbers.
  public let target: AddingTarget
  public private(set) var validation: ExampleList = []
  public private(set) var test: ExampleList = []

  /// An answer closer than this counts as solved (Hochreiter and Schmidhuber, 1997).
  public static let tolerance: Float = 0.04

  /// Sequences of a length drawn uniformly from `lengths`. Throws `.range` for
  /// lengths below 2 or empty held-out sets.
  public init(
    lengths: ClosedRange<Int> = 100...100, target: AddingTarget = .sum, seed: UInt64 = 1,
    heldOut sizes: HeldOutSizes = HeldOutSizes()
  ) throws(RNNError) {
    try checkLengths(lengths, atLeast: 2, task: .adding)
    try sizes.check()
    self.lengths = lengths
    self.target = target
    validation = heldOut(sizes.validation, .validationExamples, seed: seed)
    test = heldOut(sizes.test, .testExamples, seed: seed)
  }

  public var name: String { TaskName.adding.rawValue }
  public var summary: String { "add two marked numbers among \(lengths.text) steps" }
  public var shape: TaskShape {
    TaskShape(input: .features(width: 2), answer: .atEnd, objective: .values, outputs: 1)
  }
  public var guessLoss: Double? { target.variance }
  /// The first number may stand at the first step.
  public var memoryNeeded: Int? { lengths.upperBound - 1 }

  public func makeExample(using random: inout RandomGenerator) -> Example {
    let length = Int.random(in: lengths, using: &random)
    let first = random.integer(below: length / 2)
    let second = length / 2 + random.integer(below: length - length / 2)
    let range = target.valueRange
    var features = [Float](repeating: 0, count: 2 * length)
    for step in 0..<length {
      features[2 * step] = random.uniform(range.lowerBound, range.upperBound)
    }
    features[2 * first + 1] = 1
    features[2 * second + 1] = 1
    let answer = target(features[2 * first], features[2 * second])
    return Example(input: .features(features, width: 2), target: .valuesAtEnd([answer]))
  }

  /// Counts answers within ``tolerance``.
  public func makeScore() -> any AnswerScore { Score() }

  private struct Score: AnswerScore {
    private var solved = AnswerCount()

    mutating func add(_ prediction: SequencePrediction, for example: Example) {
      guard case .values(let answer) = prediction.answers,
        case .valuesAtEnd(let truth) = example.target
      else { preconditionFailure("an adding problem is answered by a number at its end") }
      solved.add(abs(answer[0] - truth[0]) < AddingTask.tolerance)
    }

    func taskScore(meanLoss: Double) -> TaskScore {
      TaskScore(metrics: [Metric(name: "solved share", value: solved.share, higherIsBetter: true)])
    }
  }
}
