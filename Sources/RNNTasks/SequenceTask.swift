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
  public enum Answer: Hashable, Sendable {
    /// After each step.
    case everyStep
    /// After the last step alone.
    case atEnd
  }

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

  /// What a time step is.
  public var input: Input
  /// When the network has to answer.
  public var answer: Answer
  /// How an answer is scored while training.
  public var objective: Objective
  /// The number of classes, the blank among them, or the width of the target vector.
  public var outputs: Int
  /// The number of classes of the whole sentence beside the answer at every step; nil where only
  /// the steps are answered.
  public var labels: Int?
  /// Whether a step may be predicted from later steps: false for models of the next symbol, which
  /// would read the answer. See ``checkSight(of:task:)``.
  public var allowsFuture: Bool

  /// Makes a shape.
  ///
  /// - Parameters:
  ///   - input: what a time step is.
  ///   - answer: after each step, or after the last.
  ///   - objective: how an answer is scored while training.
  ///   - outputs: classes, the blank among them, or numbers of a target vector.
  ///   - labels: classes of the whole sentence; nil where only the steps are answered.
  ///   - allowsFuture: whether a step may be predicted from later ones.
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

  /// Throws `.unsupported` for a model that would see more than the task allows: one
  /// that looks ahead where the next symbol is asked for.
  ///
  /// - Parameters:
  ///   - model: the configuration that is judged.
  ///   - task: the task's name, for the complaint.
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
  /// What goes into a network that does the task, and what comes out.
  var shape: TaskShape { get }

  /// Examples to watch learning by and to choose a model with.
  var validation: ExampleList { get }
  /// Examples for the final score; disjoint from `validation`.
  var test: ExampleList { get }

  /// Begins the training examples, in an order or of a generator that the seed decides.
  func makeTrainingSource(seed: UInt64) -> any TrainingSource

  /// Begins to score answers, which are added one at a time: the task's main score first, and
  /// whatever else it can say.
  func makeScore() -> any AnswerScore

  /// The loss of the best guess that ignores the input, where that is known: a floor to compare
  /// against. Nil when there is none in closed form.
  var guessLoss: Double? { get }

  /// Over how many steps an answer can depend on the input, at most: how far a gradient has to
  /// reach. Nil when the task does not say.
  var memoryNeeded: Int? { get }
}

extension SequenceTask {
  public var guessLoss: Double? { nil }
  public var memoryNeeded: Int? { nil }
}
