import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Optimisers")
struct OptimizerTests {
  /// All but RMSProp with momentum, which the library does not offer.
  static let golden = PyTorchOptimizerGolden.all.filter { $0.rule != .rmsprop || $0.momentum == 0 }

  @Test("take PyTorch's steps", arguments: golden)
  func agreesWithPyTorch(_ golden: PyTorchOptimizerGolden) throws {
    let (parameters, gradients) = Self.stores(PyTorchOptimizerGolden.initialParameters)
    let optimizer = try Optimizer(
      Self.rule(golden), rate: Float(golden.learningRate), weightDecay: Float(golden.weightDecay),
      for: parameters.layout)
    let team = try ThreadTeam(count: 2)
    for (gradient, expected) in zip(PyTorchOptimizerGolden.gradients, golden.parametersAfterStep) {
      try gradients.set("w", to: gradient.map { Float($0) })
      try optimizer.update(parameters, gradients: gradients, team: team)
      expectClose(
        try parameters.values(of: "w").map(Double.init), expected,
        Closeness(absolute: 2e-6, relative: 2e-6, reason: "three steps of a few Float roundings"),
        "parameters")
    }
  }

  @Test("follow their schedules")
  func schedules() throws {
    func factors(_ schedule: RateSchedule) -> [Float] { (0..<7).map(schedule.factor) }
    #expect(factors(.constant) == Array(repeating: 1, count: 7))
    #expect(factors(.step(every: 3, factor: 0.5)) == [1, 1, 1, 0.5, 0.5, 0.5, 0.25])
    #expect(
      factors(.decay(after: 2, every: 2, factor: 0.5)) == [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125])
    #expect(factors(.warmup(updates: 4)) == [0.25, 0.5, 0.75, 1, 1, 1, 1])
    let cosine = factors(.cosine(updates: 4, floor: 0.2))
    #expect(cosine[0] == 1 && abs(cosine[2] - 0.6) < 1e-6)
    #expect(cosine[4...].allSatisfy { abs($0 - 0.2) < 1e-6 })
  }

  @Test("refuse settings without meaning")
  func refusesBadSettings() throws {
    let layout = Self.stores([0]).0.layout
    let rules: [OptimizerRule] = [
      .sgd(momentum: 1), .sgd(momentum: -0.1), .sgd(nesterov: true), .rmsProp(smoothing: 1),
      .adam(beta1: 1), .adam(beta2: -1), .adamW(epsilon: 0), .adaGrad(epsilon: .nan),
    ]
    for rule in rules {
      #expect(throws: RNNError.self) { try Optimizer(rule, rate: 1, for: layout) }
    }
    for rate in [0, -1, Float.nan, .infinity] {
      #expect(throws: RNNError.self) { try Optimizer(.sgd(), rate: rate, for: layout) }
    }
    for schedule in [
      RateSchedule.step(every: 0, factor: 1), .cosine(updates: 0), .warmup(updates: 0),
      .decay(after: -1, every: 1, factor: 1), .step(every: 1, factor: 0),
    ] {
      #expect(throws: RNNError.self) {
        try Optimizer(.sgd(), rate: 1, schedule: schedule, for: layout)
      }
    }
    #expect(throws: RNNError.self) {
      try Optimizer(.sgd(), rate: 1, weightDecay: -1, for: layout)
    }
  }

  private static func rule(_ golden: PyTorchOptimizerGolden) -> OptimizerRule {
    let (beta1, beta2) = (Float(golden.beta1), Float(golden.beta2))
    let epsilon = Float(golden.epsilon)
    return switch golden.rule {
    case .sgd: .sgd(momentum: Float(golden.momentum), nesterov: golden.isNesterov)
    case .rmsprop: .rmsProp(smoothing: Float(golden.decay), epsilon: epsilon)
    case .adam: .adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
    case .adamW: .adamW(beta1: beta1, beta2: beta2, epsilon: epsilon)
    case .adagrad: .adaGrad(epsilon: epsilon)
    }
  }

  private static func stores(_ values: [Double]) -> (ParameterStore, ParameterStore) {
    var layout = ParameterLayout()
    _ = layout.add("w", layer: "l", rows: values.count, role: .peephole)
    let parameters = ParameterStore(layout: layout)
    try? parameters.set("w", to: values.map { Float($0) })
    return (parameters, ParameterStore(layout: layout))
  }
}
