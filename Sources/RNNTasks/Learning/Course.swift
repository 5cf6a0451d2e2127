import RNNCore

/// How far a training run has come, and what it has seen on its way.
public struct Course: Codable, Hashable, Sendable {
  /// A look at the validation data.
  public struct Look: Codable, Hashable, Sendable {
    /// Updates made before it.
    public var updates: Int
    /// Passes over the training data that were complete.
    public var epochs: Int
    /// Time steps trained on before it.
    public var tokens: Int
    /// Steps before it whose gradient was clipped.
    public var clippedSteps: Int
    /// Training time before it, without looks.
    public var seconds: Double
    /// The mean loss of an answered element of the training data since the look before, as the
    /// model was when it was trained on it; not a number when there was none.
    public var trainLoss: Double
    /// The same of the validation data.
    public var validLoss: Double
    /// The task's own score.
    public var metric: Double

    /// Time steps a second of training since the look before.
    public var tokensPerSecond: Double { seconds > 0 ? Double(tokens) / seconds : 0 }
    /// The share of updates since the look before whose gradient was clipped.
    public var clippedShare: Double { Double(clippedSteps) / Double(max(1, updates)) }
  }

  /// Updates made.
  public internal(set) var updates = 0
  /// Passes over the training data that are complete.
  public internal(set) var epochs = 0
  /// Time steps trained on.
  public internal(set) var tokens = 0
  /// Training time alone, in seconds.
  public internal(set) var seconds = 0.0
  /// Steps whose gradient was clipped, and steps whose gradient or loss was not finite.
  public internal(set) var clippedSteps = 0
  /// Steps whose gradient or loss was not finite.
  public internal(set) var nonFiniteSteps = 0
  /// All looks at the validation data, in their order.
  public internal(set) var looks: [Look] = []
  /// Index of the best look; nil before the first finite one.
  public internal(set) var best: Int?
  /// Of the steps since the last look; nil in runs saved before losses were weighted by their
  /// elements, which begin to count where they go on.
  var losses: LossSum? = LossSum()

  /// Losses of answered elements.
  struct LossSum: Codable, Hashable, Sendable {
    var sum = 0.0
    var elements = 0

    mutating func add(_ report: StepReport) {
      guard report.elements > 0 else { return }
      sum += report.meanLoss * Double(report.elements)
      elements += report.elements
    }
  }

  /// A course without steps.
  public init() {}

  /// The look with the best score; nil before the first finite one.
  public var bestLook: Look? { best.map { looks[$0] } }
  /// Passes completed since the best look.
  public var epochsWithoutGain: Int { epochs - (bestLook?.epochs ?? 0) }
  /// The share of all updates whose gradient was clipped.
  public var clippedShare: Double { Double(clippedSteps) / Double(max(1, updates)) }
  /// Time steps a second of all training.
  public var tokensPerSecond: Double { seconds > 0 ? Double(tokens) / seconds : 0 }
  /// The mean loss of an answered element since the last look; not a number right after one.
  public var recentLoss: Double {
    guard let losses, losses.elements > 0 else { return .nan }
    return losses.sum / Double(losses.elements)
  }

  // MARK: - As text

  /// On one line.
  public var json: String { jsonLine }

  /// Reads ``json``; throws `.format`.
  ///
  /// - Parameters:
  ///   - json: the text.
  ///   - name: what complaints call it.
  public init(json: String, name: String) throws(RNNError) {
    try self.init(jsonLine: json, name: name, expected: "the course of a training run")
    let counts = [updates, epochs, tokens, clippedSteps, nonFiniteSteps, losses?.elements ?? 0]
    guard counts.allSatisfy({ (0...1 << 53).contains($0) }), seconds >= 0, seconds.isFinite,
      best.map({ looks.indices.contains($0) }) ?? true
    else {
      throw RNNError(
        .format, name, expected: "counts from 0 on and a best look among the looks",
        found: json.excerpt)
    }
  }
}
