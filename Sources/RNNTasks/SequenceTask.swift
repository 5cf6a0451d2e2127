import RNNCore

/// What a network needs to know of a task to be built for it.
public struct TaskShape: Hashable, Sendable {
  /// What a time step holds.
  public enum Input: Hashable, Sendable {
    /// A token id in 0..<vocabulary.
    case tokens(vocabulary: Int)
    /// A vector of `width` numbers.
    case features(width: Int)
  }

  /// When the network has to answer.
  public enum Answer: Hashable, Sendable { case everyStep, atEnd }

  /// How an answer is scored while training.
  public enum Objective: Hashable, Sendable {
    /// One of `outputs` classes: softmax cross-entropy.
    case classes
    /// `outputs` real numbers: mean squared error.
    case values
    /// `outputs` independent yes/no answers: Bernoulli cross-entropy.
    case bernoulli
    /// Labels in their order without their places, `outputs` less one of them beside the blank:
    /// connectionist temporal classification.
    case labelling
  }

  public var input: Input
  public var answer: Answer
  public var objective: Objective
  /// The number of classes, the blank among them, or the width of the target vector.
  public var outputs: Int
  /// The number of classes of the whole sentence beside the answer at every step; nil where only
  /// the steps are answered.
  public var labels: Int?
  /// Whether a step may be predicted from later steps: false for models of the next symbol, which would read the
  /// answer. See ``checkSight(of:task:)``.
  public var allowsFuture: Bool

  public init(
    input: Input, answer: Answer, objective: Objective, outputs: Int, labels: Int? = nil,
    allowsFuture: Bool = true
  ) {
    self.input = input
    self.answer = answer
    self.objective = objective
    self.outputs = outputs
    self.labels = labels
    self.allowsFuture = allowsFuture
  }

  /// The side on which a context window stands by the task's own nature.
  public var contextSide: ContextSide { allowsFuture ? .both : .past }

  /// Throws ``RNNError/Kind/unsupported`` for a model that would see more than the task allows: one that looks
  /// ahead where the next symbol is asked for.
  ///
  /// - Parameter task: its name, for the complaint.
  public func checkSight(of model: ModelConfiguration, task: String) throws(RNNError) {
    guard !allowsFuture, let way = model.waysToLookAhead.first else { return }
    throw RNNError(
      .unsupported, "model of \(task)",
      expected: "one that sees the past alone: \(task) predicts what comes next", found: way)
  }
}

/// A problem to train on and to be measured by: shape, data and score.
public protocol SequenceTask: Sendable {
  /// The name on the command line.
  var name: String { get }
  /// One line on what makes it hard, for reports.
  var summary: String { get }
  var shape: TaskShape { get }

  /// Examples to watch learning by and to choose a model with.
  var validation: [Example] { get }
  /// Examples for the final score; disjoint from `validation`.
  var test: [Example] { get }

  func makeTrainingSource(seed: UInt64) -> any TrainingSource

  /// The task's own score of `predictions` for `examples` (parallel arrays), given their mean loss
  /// in nats.
  func metric(predictions: [SequencePrediction], examples: [Example], meanLoss: Double) -> Metric

  /// Every score of `predictions` for `examples`: ``metric(predictions:examples:meanLoss:)`` first,
  /// and whatever else the task can say.
  func score(predictions: [SequencePrediction], examples: [Example], meanLoss: Double) -> TaskScore

  /// The loss of the best guess that ignores the input, where that is known: a floor to compare
  /// against. Nil when there is none in closed form.
  var guessLoss: Double? { get }

  /// Over how many steps an answer can depend on the input, at most: how far a gradient has to reach. Nil when
  /// the task does not say.
  var memoryNeeded: Int? { get }
}

extension SequenceTask {
  public var guessLoss: Double? { nil }
  public var memoryNeeded: Int? { nil }

  public func score(
    predictions: [SequencePrediction], examples: [Example], meanLoss: Double
  ) -> TaskScore {
    TaskScore(metrics: [metric(predictions: predictions, examples: examples, meanLoss: meanLoss)])
  }
}
