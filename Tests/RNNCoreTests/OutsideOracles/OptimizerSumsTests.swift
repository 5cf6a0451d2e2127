import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

/// Every rule against what its paper says of the whole history, in `Double`: momentum, moments and
/// AdaGrad's sum are written as sums over all gradients so far, with powers for weights, and
/// nothing is carried from step to step but the parameter. For a constant gradient the sums have
/// closed forms, which are written out beside them. (PyTorch's values of three steps are in
/// `Golden`, and ``OptimizerTests`` compares with them.)
@Suite("Optimisers against sums over all gradients")
struct OptimizerSumsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var rule: OptimizerRule
    var weightDecay: Float = 0
    var schedule = RateSchedule.constant

    var testDescription: String { "\(rule), decay \(weightDecay), \(schedule)" }
  }

  /// Each rule with PyTorch's settings and with others, and with what all of them share.
  static let cases: [Case] = [
    OptimizerRule.sgd(), .sgd(momentum: 0.9), .sgd(momentum: 0.9, nesterov: true), .rmsProp(),
    .rmsProp(smoothing: 0.75, epsilon: 1e-3), .adaGrad(), .adaGrad(epsilon: 0.5), .adam(),
    .adam(beta1: 0.5, beta2: 0.75, epsilon: 0.125), .adamW(),
    .adamW(beta1: 0.5, beta2: 0.75, epsilon: 0.125),
  ].flatMap { rule in
    [
      Case(rule: rule), Case(rule: rule, weightDecay: 0.25),
      Case(rule: rule, weightDecay: 0.25, schedule: .warmup(updates: 7)),
    ]
  }

  private static let rate: Float = 0.03125

  private static let closeness = Closeness(
    absolute: 1e-5, relative: 0,
    reason: "forty steps, each of which rounds a parameter below 4 by up to 2.4e-7, at most add up")

  @Test("take the steps of the sums", arguments: cases)
  func history(_ item: Case) throws {
    let start = ClosedForm.values(tensor: 0, count: 7)
    let history = (1...40).map { ClosedForm.values(tensor: $0, count: 7) }
    var sums = start.map { Summed(item, rate: Double(Self.rate), parameter: $0) }
    try Self.run(item, from: start, gradients: history) { step, found in
      for index in sums.indices { sums[index].step(history[step][index]) }
      expectClose(found, sums.map(\.parameter), Self.closeness, "w after step \(step + 1)")
    }
  }

  /// Gradients of both signs and of several sizes.
  @Test("go as far as geometric series say when the gradient never changes")
  func constantGradient() throws {
    let (slopes, steps) = ([0.5, -0.25, 2, -1.5, 0.0625], 40.0)
    let (rate, mu) = (Double(Self.rate), Double(Float(0.9)))
    /// Σ_{t=1}^{T} (1 − μᵗ) / (1 − μ)
    func momentum(_ count: Double) -> Double {
      (count - mu * (1 - pow(mu, count)) / (1 - mu)) / (1 - mu)
    }
    func sum(_ term: (Double) -> Double) -> Double {
      stride(from: 1, through: steps, by: 1).reduce(0) { $0 + term($1) }
    }
    let way: [(Case, (Double) -> Double)] = [
      (Case(rule: .sgd()), { $0 * steps }),
      (Case(rule: .sgd(momentum: 0.9)), { $0 * momentum(steps) }),
      // g + μ v_t is v_{t+1}: the same series from its second term on.
      (Case(rule: .sgd(momentum: 0.9, nesterov: true)), { $0 * (momentum(steps + 1) - 1) }),
      // Each moment's weighted mean is the constant itself.
      (Case(rule: .adam(epsilon: 0.125)), { $0 * steps / (abs($0) + 0.125) }),
      (
        Case(rule: .adaGrad(epsilon: 0.125)),
        { g in sum { g / (abs(g) * $0.squareRoot() + 0.125) } }
      ),
      (
        Case(rule: .rmsProp(smoothing: 0.75, epsilon: 0.125)),
        { g in sum { g / (abs(g) * (1 - pow(0.75, $0)).squareRoot() + 0.125) } }
      ),
    ]
    for (item, distance) in way {
      try Self.run(item, from: slopes.map { _ in 1 }, gradients: Self.repeated(slopes, 40)) {
        step, found in
        guard step == 39 else { return }
        let expected = slopes.map { 1 - rate * distance($0) }
        // Up to 30 away, where Float rounds by 1e-6.
        let bound = Closeness(
          absolute: 1e-5, relative: 4e-6, reason: "forty roundings of the parameter to Float")
        expectClose(found, expected, bound, item.testDescription)
      }
    }
  }

  /// w ← (1 − ηλ) w − η s leads to w* = −s / λ, and each step leaves 1 − ηλ of the distance to it.
  @Test("forget their start geometrically under weight decay")
  func weightDecay() throws {
    let (slopes, lambda, rate) = ([0.5, -0.25, 2, 0], 0.25, Double(Self.rate))
    let left = pow(1 - rate * lambda, 40)
    let pull: [(OptimizerRule, (Double) -> Double)] = [
      (.sgd(), { $0 }), (.adamW(epsilon: 0.125), { $0 / (abs($0) + 0.125) }),
    ]
    for (rule, push) in pull {
      let item = Case(rule: rule, weightDecay: Float(lambda))
      try Self.run(item, from: slopes.map { _ in 3 }, gradients: Self.repeated(slopes, 40)) {
        step, found in
        guard step == 39 else { return }
        let expected = slopes.map { slope in
          let end = -push(slope) / lambda
          return end + (3 - end) * left
        }
        expectClose(found, expected, Self.closeness, item.testDescription)
      }
    }
  }

  private static func repeated(_ slopes: [Double], _ count: Int) -> [[Double]] {
    Array(repeating: slopes, count: count)
  }

  private static func run(
    _ item: Case, from start: [Double], gradients history: [[Double]],
    _ check: (_ step: Int, _ parameters: [Double]) throws -> Void
  ) throws {
    var layout = ParameterLayout()
    _ = layout.add("w", layer: "l", rows: start.count, role: .peephole)
    let (parameters, gradients) = (ParameterStore(layout: layout), ParameterStore(layout: layout))
    try parameters.set("w", to: start.map { Float($0) })
    let optimizer = try Optimizer(
      item.rule, rate: rate, schedule: item.schedule, weightDecay: item.weightDecay, for: layout)
    let team = try ThreadTeam(count: 1)
    for (step, slopes) in history.enumerated() {
      try gradients.set("w", to: slopes.map { Float($0) })
      try optimizer.update(parameters, gradients: gradients, team: team)
      try check(step, try parameters.values(of: "w").map(Double.init))
    }
  }
}

/// One parameter and all its slopes so far.
private struct Summed {
  private let rule: OptimizerRule
  private let decay: Double
  private let rate: (Int) -> Double
  private(set) var parameter: Double
  private var slopes: [Double] = []

  init(_ item: OptimizerSumsTests.Case, rate: Double, parameter: Double) {
    rule = item.rule
    decay = Double(item.weightDecay)
    self.parameter = parameter
    if case .warmup(let updates) = item.schedule {
      self.rate = { rate * min(1, Double($0) / Double(updates)) }
    } else {
      self.rate = { _ in rate }
    }
  }

  /// Σ_s β^(t−s) f(slope_s), and the same without f: the sum of the weights.
  private func sum(_ beta: Float, _ value: (Double) -> Double) -> (of: Double, weights: Double) {
    slopes.enumerated().reduce((0, 0)) { sum, entry in
      let weight = pow(Double(beta), Double(slopes.count - 1 - entry.offset))
      return (sum.0 + weight * value(entry.element), sum.1 + weight)
    }
  }

  mutating func step(_ gradient: Double) {
    let isApart = if case .adamW = rule { true } else { false }
    slopes.append(gradient + (isApart ? 0 : decay * parameter))
    let rate = rate(slopes.count)
    let slope = slopes[slopes.count - 1]
    if isApart { parameter *= 1 - rate * decay }
    switch rule {
    case .sgd(let momentum, let nesterov):
      let velocity = sum(momentum) { $0 }.of
      parameter -= rate * (nesterov ? slope + Double(momentum) * velocity : velocity)
    case .rmsProp(let smoothing, let epsilon):
      let square = (1 - Double(smoothing)) * sum(smoothing) { $0 * $0 }.of
      parameter -= rate * slope / (square.squareRoot() + Double(epsilon))
    case .adaGrad(let epsilon):
      parameter -= rate * slope / (sum(1) { $0 * $0 }.of.squareRoot() + Double(epsilon))
    case .adam(let beta1, let beta2, let epsilon), .adamW(let beta1, let beta2, let epsilon):
      // The correction makes both moments weighted means.
      let (mean, square) = (sum(beta1) { $0 }, sum(beta2) { $0 * $0 })
      parameter -=
        rate * mean.of / mean.weights
        / ((square.of / square.weights).squareRoot() + Double(epsilon))
    }
  }
}
