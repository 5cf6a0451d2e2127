internal import CLibrary

/// The rule that turns gradients into new parameters, with its settings. Defaults are PyTorch's.
public enum OptimizerRule: Sendable, Hashable, CustomStringConvertible {
  /// v ← momentum · v + g; w ← w − rate · v (Nesterov: rate · (g + momentum · v)).
  case sgd(momentum: Float = 0, nesterov: Bool = false)
  /// s ← α s + (1 − α) g²; w ← w − rate · g / (√s + ε) (Tieleman and Hinton 2012).
  case rmsProp(smoothing: Float = 0.99, epsilon: Float = 1e-8)
  /// Kingma and Ba 2015, with bias correction; weight decay is added to the gradient.
  case adam(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8)
  /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
  case adamW(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8)
  /// s ← s + g²; w ← w − rate · g / (√s + ε) (Duchi, Hazan and Singer 2011).
  case adaGrad(epsilon: Float = 1e-10)

  /// The rule with all its settings, by which a saved optimiser is known again.
  public var description: String {
    switch self {
    case .sgd(let momentum, let nesterov): "sgd(\(momentum), nesterov: \(nesterov))"
    case .rmsProp(let smoothing, let epsilon): "rmsprop(\(smoothing), \(epsilon))"
    case .adam(let beta1, let beta2, let epsilon): "adam(\(beta1), \(beta2), \(epsilon))"
    case .adamW(let beta1, let beta2, let epsilon): "adamw(\(beta1), \(beta2), \(epsilon))"
    case .adaGrad(let epsilon): "adagrad(\(epsilon))"
    }
  }

  /// λ where none is given, PyTorch's: 0.01 for AdamW, which would be Adam without, and 0 for all
  /// others.
  public var standardWeightDecay: Float { if case .adamW = self { 0.01 } else { 0 } }

  /// Floats that the rule remembers for each parameter.
  var memory: Int {
    switch self {
    case .sgd, .rmsProp, .adaGrad: 1
    case .adam, .adamW: 2
    }
  }
}

/// An optimiser with its memory of past gradients.
///
/// A step costs one pass over parameters, gradients and memory; the threads divide it.
public final class Optimizer: @unchecked Sendable {
  /// How gradients become updates.
  public let rule: OptimizerRule
  /// The learning rate before the schedule.
  public let rate: Float
  /// How the rate changes with the number of updates.
  public let schedule: RateSchedule
  /// λ of the weight decay.
  public let weightDecay: Float
  /// Updates made so far.
  public internal(set) var updates = 0

  /// What the rule remembers, in its own order.
  let memory: [ParameterStore]

  /// Throws for a rate that is not above 0, for settings outside their ranges, and where the
  /// process may not take what the rule remembers.
  ///
  /// - Parameters:
  ///   - rule: how gradients become updates.
  ///   - rate: the learning rate before the schedule.
  ///   - schedule: how the rate changes with the number of updates.
  ///   - weightDecay: λ; nil for ``OptimizerRule/standardWeightDecay``.
  ///   - layout: of the parameters.
  public init(
    _ rule: OptimizerRule, rate: Float, schedule: RateSchedule = .constant,
    weightDecay: Float? = nil, for layout: ParameterLayout
  ) throws(RNNError) {
    let weightDecay = weightDecay ?? rule.standardWeightDecay
    guard rate > 0, rate.isFinite else {
      throw RNNError(.range, "learning rate", expected: "a number above 0", found: "\(rate)")
    }
    guard weightDecay >= 0, weightDecay.isFinite else {
      throw RNNError(.range, "weight decay", expected: "0 or more", found: "\(weightDecay)")
    }
    try rule.validate()
    try schedule.validate()
    self.rule = rule
    self.rate = rate
    self.schedule = schedule
    self.weightDecay = weightDecay
    try layout.checkMemory(stores: rule.memory, "optimiser")
    memory = (0..<rule.memory).map { _ in ParameterStore(layout: layout) }
  }

  /// The rate of the next update.
  public var currentRate: Float { rate * schedule.factor(update: updates) }

  /// Moves parameters one step along their gradients.
  ///
  /// Throws `.shape` unless both have the layout that the optimiser was made for.
  ///
  /// - Parameters:
  ///   - parameters: to be moved.
  ///   - gradients: left as they are.
  ///   - team: the threads that divide the work.
  public func update(
    _ parameters: ParameterStore, gradients: ParameterStore, team: ThreadTeam = .shared
  ) throws(RNNError) {
    try memory[0].check(gradients: parameters)
    try parameters.check(gradients: gradients)
    move(parameters, along: gradients, team: team)
  }

  /// The same for stores that are known to fit.
  func move(_ parameters: ParameterStore, along gradients: ParameterStore, team: ThreadTeam) {
    let rate = currentRate
    updates += 1
    team.split(parameters.layout.storageCount, grain: 4096) { range in
      let w = parameters.storage.pointer + range.lowerBound
      let g = UnsafePointer(gradients.storage.pointer + range.lowerBound)
      let first = memory[0].storage.pointer + range.lowerBound
      move(
        range.count, rate, w, g, first, memory.last.map { $0.storage.pointer + range.lowerBound })
    }
    parameters.markChanged()
  }

  private func move(
    _ n: Int, _ rate: Float, _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>?
  ) {
    switch rule {
    case .sgd(let momentum, let nesterov):
      kernels.sgd(n, rate, momentum, nesterov, weightDecay, g, first, w)
    case .rmsProp(let smoothing, let epsilon):
      kernels.rmsprop(n, rate, smoothing, epsilon, weightDecay, g, first, w)
    case .adaGrad(let epsilon):
      kernels.adagrad(n, rate, epsilon, weightDecay, g, first, w)
    case .adam(let beta1, let beta2, let epsilon), .adamW(let beta1, let beta2, let epsilon):
      guard let second else { preconditionFailure("Adam remembers two moments") }
      var isCoupled = false
      if case .adam = rule { isCoupled = true }
      kernels.adam(
        n, rate, beta1, beta2, epsilon, correction(beta1), correction(beta2), weightDecay,
        isCoupled,
        g, first, second, w)
    }
  }

  /// 1 − βᵗ in `Double`: in `Float` it loses half its digits for β near 1.
  private func correction(_ beta: Float) -> Float { Float(1 - pow(Double(beta), Double(updates))) }
}

extension OptimizerRule {
  func validate() throws(RNNError) {
    switch self {
    case .sgd(let momentum, let nesterov):
      try requireRate(momentum, "momentum")
      if nesterov, momentum == 0 {
        throw RNNError(.range, "momentum", expected: "above 0 with Nesterov", found: "0")
      }
    case .rmsProp(let smoothing, let epsilon):
      try requireRate(smoothing, "RMSProp's smoothing")
      try requireEpsilon(epsilon)
    case .adam(let beta1, let beta2, let epsilon), .adamW(let beta1, let beta2, let epsilon):
      try requireRate(beta1, "Adam's beta1")
      try requireRate(beta2, "Adam's beta2")
      try requireEpsilon(epsilon)
    case .adaGrad(let epsilon): try requireEpsilon(epsilon)
    }
  }

  private func requireEpsilon(_ value: Float) throws(RNNError) {
    guard value > 0, value.isFinite else {
      throw RNNError(.range, "epsilon", expected: "a number above 0", found: "\(value)")
    }
  }
}
