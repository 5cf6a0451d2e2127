/// The second half of a training step, the same for every model: a gradient is checked, clipped and
/// made an update.
///
/// ```swift
/// let updater = try ParameterUpdater(
///   model.parameters, rule: .adam(), rate: 1e-3, clipping: .globalNorm(1))
/// for batch in batches {
///   updater.gradients.setToZero()
///   let loss = try model.addGradient(for: batch, state: &state, pass: pass, to: updater.gradients)
///   print(try updater.apply(loss).clip?.norm ?? .nan)
/// }
/// ```
public final class ParameterUpdater {
  /// What moves the parameters along the gradient.
  public let optimizer: Optimizer
  /// What is done to a gradient that is too long.
  public let clipping: Clipping
  /// What is done when a gradient is infinite or not a number.
  public let nonFinitePolicy: NonFinitePolicy
  /// What clipping did so far.
  public private(set) var statistics = ClipStatistics()
  /// The gradients of the last step, after clipping.
  public let gradients: ParameterStore
  /// Sees the gradient of a step before anything is done to it, and may change it: where gradients
  /// of several machines are added up, or somebody looks at them. What it throws ends the step,
  /// without an update.
  public var gradientHook: ((_ gradients: ParameterStore) throws(RNNError) -> Void)?
  /// The moving average of the parameters; nil without averaging.
  let average: ParameterAverage?

  private let parameters: ParameterStore
  private let team: ThreadTeam
  /// The parameters while averaged ones stand in their place.
  private var ownParameters: ParameterStore?
  private var showsAverage = false

  /// Throws `.range` for a rate, threshold or setting outside its range, `.memory` where the
  /// process may not take what gradients and optimiser need. The settings are described in
  /// ``Trainer``.
  public convenience init(
    _ parameters: ParameterStore, rule: OptimizerRule = .adam(), rate: Float,
    schedule: RateSchedule = .constant, weightDecay: Float? = nil, clipping: Clipping = .none,
    averaging: Float? = nil, nonFinite: NonFinitePolicy = .throw, team: ThreadTeam = .shared
  ) throws(RNNError) {
    try self.init(
      parameters, gradients: nil, rule: rule, rate: rate, schedule: schedule,
      weightDecay: weightDecay, clipping: clipping, averaging: averaging, nonFinite: nonFinite,
      team: team)
  }

  /// - Parameter gradients: where they are added up; nil for a store of the updater's own.
  init(
    _ parameters: ParameterStore, gradients: ParameterStore?, rule: OptimizerRule, rate: Float,
    schedule: RateSchedule, weightDecay: Float?, clipping: Clipping, averaging: Float?,
    nonFinite: NonFinitePolicy, team: ThreadTeam
  ) throws(RNNError) {
    if let threshold = clipping.threshold {
      _ = try Clipping(clipping.mode, threshold: threshold)
    }
    try parameters.layout.checkMemory(
      stores: 1 + rule.memory + (averaging == nil ? 0 : 2), "gradients and optimiser")
    self.parameters = parameters
    self.clipping = clipping
    self.team = team
    nonFinitePolicy = nonFinite
    optimizer = try Optimizer(
      rule, rate: rate, schedule: schedule, weightDecay: weightDecay, for: parameters.layout)
    if let averaging {
      average = try ParameterAverage(decay: averaging, layout: parameters.layout)
    } else {
      average = nil
    }
    self.gradients = gradients ?? ParameterStore(layout: parameters.layout)
  }

  /// Moves the parameters along ``gradients``, which are clipped on the way.
  ///
  /// Throws `.nonFinite` for a gradient that is infinite or not a number under
  /// ``NonFinitePolicy/throw``, what ``gradientHook`` throws, and `.unsupported` while averaged
  /// parameters stand in the model's place.
  ///
  /// - Parameters:
  ///   - loss: what the gradient is of, for the report.
  ///   - sequences: what clipping by norm over the batch divides by.
  @discardableResult
  public func apply(_ loss: LossValue, sequences: Int = 1) throws(RNNError) -> StepReport {
    try apply(loss, sequences: sequences, origin: { nil }, afterUpdate: { _ in })
  }

  /// - Parameters:
  ///   - loss: what the gradient is of, for the report.
  ///   - sequences: what clipping by norm over the batch divides by.
  ///   - origin: where numbers stopped being finite, asked for when they did.
  ///   - afterUpdate: what is done to the parameters between the update and the average.
  func apply(
    _ loss: LossValue, sequences: Int, origin: () -> NonFiniteOrigin?,
    afterUpdate: (ClipRecord?) -> Void
  ) throws(RNNError) -> StepReport {
    try requireOwnParameters()
    var report = StepReport(
      loss: loss.value, elements: loss.elements, meanLoss: loss.mean(sequences: sequences),
      sentenceLoss: loss.sentence, rate: optimizer.currentRate,
      regularization: loss.regularization)
    if let gradientHook { try gradientHook(gradients) }
    let squares = gradients.sumOfSquares(team)
    if !squares.isFinite, let finding = NonFinitePolicy.find(in: gradients) {
      let origin = origin()
      statistics.addNonFinite(parameter: finding.parameter, origin: origin)
      report.nonFiniteParameter = finding.parameter
      report.nonFiniteOrigin = origin
      switch nonFinitePolicy {
      case .throw: throw finding.error(step: statistics.steps - 1, origin: origin)
      case .skip: return report
      case .rescale: NonFinitePolicy.rescale(gradients, parameters: parameters)
      }
    } else {
      let record = clipping.apply(
        to: gradients, norm: squares.squareRoot(), sequences: sequences, team: team)
      statistics.add(record)
      report.clip = record
    }
    optimizer.move(parameters, along: gradients, team: team)
    afterUpdate(report.clip)
    average?.add(parameters, team: team)
    report.didUpdate = true
    return report
  }

  // MARK: - The average

  /// See ``Trainer/averaged``.
  public var averaged: ParameterStore? {
    average.flatMap { $0.updates > 0 ? $0.store : nil }
  }

  /// See ``Trainer/withAveragedParameters(_:)``.
  func withAveragedParameters<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let averaged, !showsAverage else { return try body() }
    let own = ownParameters ?? ParameterStore(layout: averaged.layout)
    ownParameters = own
    own.replaceAll(with: parameters)
    parameters.replaceAll(with: averaged)
    showsAverage = true
    defer {
      parameters.replaceAll(with: own)
      showsAverage = false
    }
    return try body()
  }

  /// Throws `.unsupported` while averaged parameters stand in the place of the model's own.
  func requireOwnParameters() throws(RNNError) {
    guard showsAverage else { return }
    throw RNNError(
      .unsupported, "training step", expected: "the model's own parameters",
      found: "averaged ones in their place")
  }
}
