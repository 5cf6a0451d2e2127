import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

/// Gradient profiles and horizons of whole models against linear recurrences: with the answer asked
/// for at the end, E = (y − 1)², a state k steps before it has the gradient dE/dy · v Uᵏ with v the
/// readout, which is rᵏ as long where U turns and shrinks, (λᵏ, k λᵏ⁻¹) where it is a Jordan block;
/// fᵏ and zᵏ in gated cells whose gates see nothing.
@Suite("Linear recurrences: profiles and horizons")
struct LinearGradientTests {
  private static let length = 24

  private static let closeness = Closeness(
    absolute: 0, relative: 1e-5,
    reason: "up to 24 products of Floats, each rounded by 6e-8, on the way forward and back")

  private static func model(
    _ cell: CellKind, hidden: Int, _ values: [String: [Float]]
  ) throws -> SequenceModel {
    let model = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 1), body: .recurrent(cell), hiddenSize: hidden, outputs: 1,
        loss: .meanSquaredError, answer: .atEnd), seed: 1, team: ThreadTeam(count: 1))
    model.parameters.setToZero()
    for (name, values) in values { try model.parameters.set(name, to: values) }
    return model
  }

  /// One impulse at the first step, and the target 1.
  private static func batch(_ lengths: [Int] = [length]) throws -> SequenceBatch {
    try SequenceBatch(
      lengths.map { length in
        Example(
          input: .features([1] + [Float](repeating: 0, count: length - 1), width: 1),
          target: .valuesAtEnd([1]))
      })
  }

  /// The first distance at which a share is below one per cent.
  private static func horizon(_ share: (Double) -> Double) -> Int? {
    (0..<length).first { share(Double($0)) < 0.01 }
  }

  @Test("U turns and shrinks: shares are rᵏ, the horizon is ⌈log 0.01 / log r⌉")
  func similarity() throws {
    let model = try Self.model(
      .elman(.identity), hidden: 2,
      [
        "weight_ih_l0": [1, 0], "weight_hh_l0": [0.375, -0.5, 0.5, 0.375],
        "readout.weight": [0.25, 1],
      ])
    let profile = try model.profile(for: Self.batch())
    let hidden = profile.layers[0].hidden
    // h_T = Uᵀ⁻¹ (1, 0), by angle and length.
    let (r, turn, last) = (0.625, atan2(0.5, 0.375), Double(Self.length - 1))
    let y = pow(r, last) * (0.25 * cos(last * turn) + sin(last * turn))
    let arriving = 2 * abs(y - 1) * (0.0625 + 1).squareRoot()
    expectClose([try #require(profile.loss)], [(y - 1) * (y - 1)], Self.closeness, "loss")
    let norms = (0..<Self.length).map { arriving * pow(r, Double($0)) }
    expectClose(hidden.byDistance, norms, Self.closeness, "‖δ‖ by distance")
    expectClose(hidden.byStep, norms.reversed(), Self.closeness, "‖δ‖ by step")
    expectClose([try #require(hidden.decayRate())], [r], Self.closeness, "rate")
    #expect(hidden.horizon() == 10 && Self.horizon { pow(r, $0) } == 10)
    #expect(hidden.horizon(share: 0.1) == 5, "0.625⁴ = 0.15, 0.625⁵ = 0.095")
  }

  @Test("A Jordan block: the gradient grows before it vanishes", arguments: [0.5, 0.625, -0.375])
  func jordanBlock(_ lambda: Double) throws {
    let model = try Self.model(
      .elman(.identity), hidden: 2,
      [
        "weight_ih_l0": [0, 1], "weight_hh_l0": [Float(lambda), 1, 0, Float(lambda)],
        "readout.weight": [1, 0],
      ])
    let hidden = try model.profile(for: Self.batch()).layers[0].hidden
    func share(_ k: Double) -> Double {
      pow(abs(lambda), k) * (1 + (k / lambda) * (k / lambda)).squareRoot()
    }
    expectClose(
      try (0..<Self.length).map { try #require(hidden.share(at: $0)) },
      (0..<Self.length).map { share(Double($0)) }, Self.closeness, "shares")
    #expect(share(1) > 1)
    #expect(hidden.horizon() == Self.horizon(share))
    #expect(hidden.horizon() != nil)
  }

  @Test("Gated cells: shares are powers of the gate, in batches of several lengths too")
  func gates() throws {
    func sigmoid(_ a: Double) -> Double { 1 / (1 + exp(-a)) }
    // Blocks of one unit: i, f, g, o and r, z, n.
    let cases: [(CellKind, [Float], [Float], kept: Double)] = [
      (.lstm(), [0, 0, 1, 0], [0.5, 0.75, 0.25, 1], sigmoid(0.75)),
      (.lstm(coupled: true), [0, 1, 0], [0.5, 0.25, 1], sigmoid(-0.5)),
      (.gru(.after), [0, 0, 1], [0.25, 0.5, 0.125], sigmoid(0.5)),
      (.gru(.before), [0, 0, 1], [0.25, 0.5, 0.125], sigmoid(0.5)),
    ]
    for (cell, weight, bias, kept) in cases {
      let model = try Self.model(
        cell, hidden: 1,
        ["weight_ih_l0": weight, "bias_ih_l0": bias, "readout.weight": [1.5]])
      for lengths in [[Self.length], [5, Self.length, 11]] {
        let memory = try model.profile(for: Self.batch(lengths)).layers[0].memory
        expectClose(
          try (0..<Self.length).map { try #require(memory.share(at: $0)) },
          (0..<Self.length).map { pow(kept, Double($0)) }, Self.closeness, "shares of \(cell)")
        expectClose([try #require(memory.decayRate())], [kept], Self.closeness, "rate of \(cell)")
        let expected = Int((log(0.01) / log(kept)).rounded(.up))
        #expect(memory.horizon() == (expected < Self.length ? expected : nil))
      }
    }
  }

  /// y = v uᵀ⁻¹, dy/du = v (T − 1) uᵀ⁻².
  @Test("One linear unit: BPTT is the power's derivative", arguments: [0.75, 1.0, -0.875, 1.125])
  func power(_ u: Double) throws {
    let model = try Self.model(
      .elman(.identity), hidden: 1,
      ["weight_ih_l0": [1], "weight_hh_l0": [Float(u)], "readout.weight": [0.5]])
    let gradients = ParameterStore(layout: model.parameters.layout)
    var state = model.zeroState(sequences: 1)
    let loss = try model.addGradient(
      for: Self.batch(), state: &state, pass: model.makePass(), to: gradients)
    let last = Double(Self.length - 1)
    let error = 0.5 * pow(u, last) - 1
    expectClose([loss.value], [error * error], Self.closeness, "loss")
    for (name, slope) in [
      ("weight_hh_l0", 0.5 * last * pow(u, last - 1)), ("weight_ih_l0", 0.5 * pow(u, last)),
      ("readout.weight", pow(u, last)), ("readout.bias", 1),
      // A bias is an input of 1 at every step.
      ("bias_hh_l0", 0.5 * (0...Int(last)).reduce(0) { $0 + pow(u, Double($1)) }),
    ] {
      expectClose(
        try gradients.values(of: name).map(Double.init), [2 * error * slope], Self.closeness, name)
    }
    let response = try LinearChain(steps: Self.length).response(to: u)
    expectClose(
      [response.output, response.slope], [pow(u, last), last * pow(u, last - 1)], Self.closeness,
      "the chain of the documentation")
  }
}
