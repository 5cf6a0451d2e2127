import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

/// Pascanu's Ω (Pascanu, Mikolov and Bengio 2013, equations 9 and 10) where it can be written down:
/// one linear unit has ρ = |u| at every step, one with tanh ρ = |u| (1 − h²), and two units that U
/// turns and shrinks by r have ρ = r in whatever direction the gradient comes.
/// (``RetentionRegularizerTests`` compares layers, directions and activations with plain numbers
/// and differences.)
@Suite("Ω in closed form")
struct RetentionClosedFormTests {
  private static let closeness = Closeness(
    absolute: 1e-6, relative: 1e-5,
    reason: "a ratio of two lengths of Float gradients, each right to some 1e-7, less 1, squared")

  /// Ω and dΩ/dU of a model that answers at the end with v·h, the target 1.
  private static func regularize(
    _ activation: HiddenActivation, _ form: RetentionRegularizer.Form, u: [Float], readout: [Float],
    inputs: [[Float]]
  ) throws -> (omega: Double, gradient: [Double]) {
    let hidden = readout.count
    let examples = inputs.map {
      Example(input: .features($0, width: 1), target: .valuesAtEnd([1]))
    }
    let gradients = try [0, 1].map { (weight: Float) -> (Double?, [Float]) in
      let model = try SequenceModel(
        ModelConfiguration(
          input: .features(width: 1), body: .recurrent(.elman(activation)), hiddenSize: hidden,
          outputs: 1, loss: .meanSquaredError, answer: .atEnd), seed: 1,
        team: ThreadTeam(count: 1))
      model.parameters.setToZero()
      try model.parameters.set("weight_hh_l0", to: u)
      try model.parameters.set("weight_ih_l0", to: [Float](repeating: 0.5, count: hidden))
      try model.parameters.set("readout.weight", to: readout)
      let trainer = try Trainer(
        model, rule: .sgd(), rate: 1e-3,
        regularizer: RetentionRegularizer(weight: weight, form: form))
      let report = try trainer.step(SequenceBatch(examples))
      return (report.regularization, try trainer.gradients.values(of: "weight_hh_l0"))
    }
    return (
      try #require(gradients[1].0), zip(gradients[1].1, gradients[0].1).map { Double($0 - $1) }
    )
  }

  private static let inputs: [[Float]] = [
    [0.5, -0.25, 0.75, 0.125, -1], [1, -0.5, 0.25], [-0.75, 0.5, 0.5, 0.25, 0.125, -0.375, 1],
  ]

  @Test(
    "One linear unit: (|u| − 1)² or (u² − 1)²", arguments: [0.5, -0.75, 1, 1.25] as [Float],
    RetentionRegularizer.Form.allCases)
  func linearUnit(_ u: Float, _ form: RetentionRegularizer.Form) throws {
    let found = try Self.regularize(
      .identity, form, u: [u], readout: [0.5], inputs: Self.inputs)
    let (w, rho) = (Double(u), Double(abs(u)))
    switch form {
    case .paper:
      expectClose([found.omega], [(rho - 1) * (rho - 1)], Self.closeness, "Ω")
      expectClose(found.gradient, [2 * (rho - 1) * (w < 0 ? -1 : 1)], Self.closeness, "dΩ/du")
    case .released:
      expectClose([found.omega], [(w * w - 1) * (w * w - 1)], Self.closeness, "Ω")
      expectClose(found.gradient, [4 * w * (w * w - 1)], Self.closeness, "dΩ/du")
    }
  }

  @Test(
    "One unit with tanh: the mean over all steps but each first",
    arguments: [0.75, -1.5] as [Float],
    RetentionRegularizer.Form.allCases)
  func tanhUnit(_ u: Float, _ form: RetentionRegularizer.Form) throws {
    let found = try Self.regularize(.tanh, form, u: [u], readout: [0.5], inputs: Self.inputs)
    // The slope 1 − h² of every state that another one follows.
    var slopes: [Double] = []
    for sequence in Self.inputs {
      var h = 0.0
      for x in sequence.dropLast() {
        h = tanh(0.5 * Double(x) + Double(u) * h)
        slopes.append(1 - h * h)
      }
    }
    #expect(slopes.count == 12)
    func mean(_ term: (Double) -> Double) -> Double {
      slopes.reduce(0) { $0 + term($1) } / Double(slopes.count)
    }
    let (w, size, sign) = (Double(u), Double(abs(u)), u < 0 ? -1.0 : 1)
    switch form {
    case .paper:
      expectClose([found.omega], [mean { pow(size * $0 - 1, 2) }], Self.closeness, "Ω")
      expectClose(
        found.gradient, [mean { 2 * (size * $0 - 1) * sign * $0 }], Self.closeness, "dΩ/du")
    case .released:
      expectClose([found.omega], [mean { pow(w * w * $0 * $0 - 1, 2) }], Self.closeness, "Ω")
      expectClose(
        found.gradient, [mean { 4 * (w * w * $0 * $0 - 1) * w * $0 * $0 }], Self.closeness,
        "dΩ/du")
    }
  }

  /// With e a unit vector along the gradient of a step, dρ/dU = eᵀ e U / r; e turns by −θ with each
  /// step back.
  @Test("Two units that U turns and shrinks", arguments: RetentionRegularizer.Form.allCases)
  func similarity(_ form: RetentionRegularizer.Form) throws {
    let (u, r, turn) = ([0.375, -0.5, 0.5, 0.375], 0.625, atan2(0.5, 0.375))
    let found = try Self.regularize(
      .identity, form, u: u.map { Float($0) }, readout: [1, 0.25], inputs: Self.inputs)
    // dΩ/dρ of either form.
    let slope = form == .paper ? 2 * (r - 1) : 4 * r * (r * r - 1)
    expectClose(
      [found.omega], [form == .paper ? pow(r - 1, 2) : pow(r * r - 1, 2)], Self.closeness, "Ω")
    // Steps by their distance to the end of their sequence; the first step of each leads to none
    // before it.
    let distances = Self.inputs.flatMap { Array(0..<$0.count - 1) }
    var expected = [Double](repeating: 0, count: 4)
    for distance in distances {
      let angle = atan2(0.25, 1) - Double(distance) * turn
      let e = [cos(angle), sin(angle)]
      let passed = [e[0] * u[0] + e[1] * u[2], e[0] * u[1] + e[1] * u[3]]
      for index in 0..<4 {
        expected[index] += slope / r * e[index / 2] * passed[index % 2] / Double(distances.count)
      }
    }
    expectClose(found.gradient, expected, Self.closeness, "dΩ/dU")
    // ρ is as long as U is: by Euler's rule for homogeneous functions.
    expectClose(
      [zip(found.gradient, u).reduce(0) { $0 + $1.0 * $1.1 }], [slope * r], Self.closeness,
      "⟨dΩ/dU, U⟩")
  }
}
