import RNNCore

/// One training run: batches and updates, looks at the validation data, the best parameters kept,
/// and a checkpoint at any time between two steps.
///
/// ```swift
/// let run = try TrainingRun(task, trainer: trainer, batch: 32, seed: 1)
/// while run.course.epochs < 20 {
///   try run.step()
///   if run.isAtEpochEnd { print(try run.look().metric) }
/// }
/// try run.useBest()
/// ```
public final class TrainingRun {
  /// What is trained, with its data.
  public let learner: any Learner
  /// What has happened so far.
  public private(set) var course = Course()
  /// Floating-point operations of the forward matrix products of all steps made here; 0 where they
  /// are not counted.
  public private(set) var forwardFlops = 0.0
  /// Whether the last step completed a pass over the training data.
  public private(set) var isAtEpochEnd = false
  /// Where the run diverged; nil while its loss and its parameters are finite. What is trained
  /// after it is of no use: end the run and go by ``useBest()``.
  public private(set) var divergence: Divergence?
  /// Those since the last look that were no update.
  private var stepsSkipped = 0

  /// The parameters of the best look.
  private let best: ParameterStore

  /// Begins a run of a learner that has made no steps.
  ///
  /// Throws `.memory` where the process may not take a second set of parameters.
  public init(_ learner: any Learner) throws(RNNError) {
    self.learner = learner
    let layout = learner.model.parameters.layout
    try layout.checkMemory(stores: 1, "best parameters")
    best = ParameterStore(layout: layout)
  }

  /// A run of a learner of sequences, which throws what making one throws.
  public convenience init(
    _ task: any SequenceTask, trainer: Trainer<SequenceModel>, batch: Int, seed: UInt64
  ) throws(RNNError) {
    try self.init(
      TaskLearner(task, trainer: trainer, batch: batch, seed: seed))
  }

  /// The model that is trained.
  public var model: any SavableModel { learner.model }

  /// Updates of one pass over the training data; nil for data without end.
  public var updatesPerEpoch: Int? { learner.updatesPerEpoch }

  /// Whether a pass over the training data is complete that no look was taken after: also of a run
  /// that goes on from a file that was saved between the two.
  public var owesLook: Bool {
    guard let updates = updatesPerEpoch, course.updates > 0 else { return false }
    return course.updates % updates == 0 && course.looks.last?.updates != course.updates
  }

  /// Trains on the next batch. A loss that is not finite is a ``divergence``.
  @discardableResult
  public func step() throws(RNNError) -> StepReport {
    let step = try learner.step()
    let (report, epochs) = (step.report, step.epochsCompleted)
    course.seconds += step.seconds
    forwardFlops += step.forwardFlops
    course.updates += 1
    course.tokens += step.tokens
    isAtEpochEnd = epochs.map { $0 > course.epochs } ?? false
    course.epochs = epochs ?? 0
    if report.clip?.isClipped == true { course.clippedSteps += 1 }
    if report.didUpdate, report.loss.isFinite {
      var losses = course.losses ?? Course.LossSum()
      losses.add(report)
      course.losses = losses
    } else {
      course.nonFiniteSteps += 1
      stepsSkipped += 1
    }
    if !report.loss.isFinite {
      let place = report.nonFiniteOrigin.map { "\($0)" } ?? report.nonFiniteParameter
      diverge(.trainingLoss, at: place, epoch: (epochs ?? 0) + (isAtEpochEnd ? 0 : 1))
    }
    return report
  }

  /// Notes the first divergence.
  private func diverge(_ quantity: Divergence.Quantity, at place: String?, epoch: Int) {
    guard divergence == nil else { return }
    divergence = Divergence(quantity: quantity, epoch: epoch, step: course.updates, place: place)
  }

  private func checkParameters() {
    guard let name = model.parameters.firstNonFinite else { return }
    diverge(.parameters, at: name, epoch: course.epochs + (isAtEpochEnd ? 0 : 1))
  }

  /// Measures on the validation data, and keeps the parameters when they are the best so far: those
  /// with the better metric, or with the same and a lower loss. With a trainer that averages, they
  /// are the averaged ones.
  ///
  /// Parameters or a loss that are not finite are a ``divergence``.
  @discardableResult
  public func look() throws(RNNError) -> Course.Look {
    checkParameters()
    let steps = course.updates - (course.looks.last?.updates ?? 0)
    let areAllSkipped = steps > 0 && stepsSkipped == steps
    stepsSkipped = 0
    let look = try learner.withAveragedParameters { () throws(RNNError) in try lookAtModel() }
    if learner.count(of: .validation) > 0, !look.validLoss.isFinite {
      diverge(.validationLoss, at: nil, epoch: course.epochs)
    } else if areAllSkipped {
      diverge(.gradients, at: nil, epoch: course.epochs)
    }
    return look
  }

  private func lookAtModel() throws(RNNError) -> Course.Look {
    let (look, loss, metric) = try measure()
    course.losses = Course.LossSum()
    if loss.isFinite, divergence == nil, isBest(metric, loss) {
      course.best = course.looks.count
      try best.copy(from: model.parameters)
    }
    course.looks.append(look)
    return look
  }

  /// Measures as ``look()`` does, but keeps and counts nothing: for a run that stops between two
  /// looks and is to go on as if it had not.
  public func glance() throws(RNNError) -> Course.Look {
    try learner.withAveragedParameters { () throws(RNNError) in try measure().look }
  }

  private func measure() throws(RNNError) -> (look: Course.Look, loss: Double, metric: Metric) {
    let (loss, metric) = try learner.validate()
    let look = Course.Look(
      updates: course.updates, epochs: course.epochs, tokens: course.tokens,
      clippedSteps: course.clippedSteps, seconds: course.seconds,
      trainLoss: course.recentLoss, validLoss: loss, metric: metric.value)
    return (look, loss, metric)
  }

  private func isBest(_ metric: Metric, _ loss: Double) -> Bool {
    guard let best = course.bestLook else { return true }
    // A score that the data are too short for is no number, and decides nothing.
    if metric.value == best.metric || metric.value.isNaN { return loss < best.validLoss }
    return metric.higherIsBetter ? metric.value > best.metric : metric.value < best.metric
  }

  /// Puts the parameters of the best look into the model: before the first look those of now,
  /// averaged where the trainer averages.
  public func useBest() throws(RNNError) {
    if let kept { try model.parameters.copy(from: kept) }
  }

  /// The parameters of the model to be used; nil for those in training.
  private var kept: ParameterStore? { course.best == nil ? learner.averaged : best }

  // MARK: - Rest and return

  private static let courseKey = "rnntasks.course"
  private static let positionKey = "rnntasks.position"

  /// Saves everything: the best model, where training goes on, and where in the data. Of several
  /// processes that train together every one calls it, and that of rank 0 writes.
  ///
  /// Throws what ``/RNNCore/Trainer/save(to:kept:carried:metadata:)`` throws; `.nonFinite` is a
  /// ``divergence``.
  public func save(to path: String, metadata: [String: String] = [:]) throws(RNNError) {
    var texts = metadata
    texts[Self.courseKey] = course.json
    texts[Self.positionKey] = learner.position.json
    do throws(RNNError) {
      try learner.save(to: path, kept: kept, metadata: texts)
    } catch {
      if error.kind == .nonFinite {
        checkParameters()
        diverge(.optimizer, at: nil, epoch: course.epochs + (isAtEpochEnd ? 0 : 1))
      }
      throw error
    }
  }

  /// Goes on where a saved run was: the updates from here on are those that it would have made, bit
  /// for bit when the learner is made alike, on any number of threads.
  ///
  /// Throws what ``/RNNCore/TrainingCheckpoint/restore(_:)`` throws, and `.format` for a
  /// place that these data do not have. The run is not to be used after an error.
  public func resume(_ checkpoint: TrainingCheckpoint) throws(RNNError) {
    let (texts, path) = (checkpoint.model.metadata, checkpoint.model.path)
    guard let courseText = texts[Self.courseKey], let positionText = texts[Self.positionKey] else {
      throw RNNError(
        .format, path, expected: "the course of a training run", found: "none")
    }
    let course = try Course(json: courseText, name: "\(path): \(Self.courseKey)")
    let position = try SourcePosition(json: positionText, name: "\(path): \(Self.positionKey)")
    let kept = try checkpoint.kept(layout: model.parameters.layout)
    guard kept != nil || course.best == nil, course.updates >= checkpoint.updates,
      course.updates - course.nonFiniteSteps <= checkpoint.updates
    else {
      throw RNNError(
        .format, path, expected: "a course that fits the saved parameters", found: "another")
    }
    guard position.epochs == course.epochs else {
      throw RNNError(
        .format, path, expected: "a place in pass \(course.epochs) over the data",
        found: "one in pass \(position.epochs)")
    }
    if let updates = updatesPerEpoch, course.updates / updates != course.epochs {
      throw RNNError(
        .format, path, expected: "passes of \(updates) updates",
        found: "\(course.updates) updates in \(course.epochs) passes")
    }
    try learner.restore(checkpoint, at: position)
    if let kept, course.best != nil { try best.copy(from: kept) }
    self.course = course
  }
}
