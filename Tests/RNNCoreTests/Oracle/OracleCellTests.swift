import Foundation
import Testing

@testable import TestSupport

/// Cells PyTorch does not have, against their equations written out for a single unit, and the
/// relations between passes that hold whatever the cell.
@Suite("The oracle computes the published cells")
struct OracleCellTests {
  private static let closeness = Closeness(
    absolute: 1e-14, relative: 1e-13,
    reason: "the same sums in Double in another order, over a handful of operations")

  private func sigmoid(_ sum: Double) -> Double { 1 / (1 + exp(-sum)) }

  /// One step of a one-unit network with x = 0.5, h_0 = -0.3 (or y_0) and c_0 = 0.7.
  private func oneStep(_ cell: OracleCell, parameters: [String: [Double]]) -> OracleResult<Double> {
    let network = OracleNetwork(
      cell: cell, input: 1, hidden: 1, output: cell.isJordan ? 1 : 0)
    let named = Dictionary(uniqueKeysWithValues: parameters.map { ($0 + "_l0", $1) })
    return network.run(
      OracleArguments(
        parameters: named, sequences: [[[0.5]]], initialHidden: [[[-0.3]]],
        initialCell: cell.isLSTM ? [[[0.7]]] : []))
  }

  @Test("A peephole LSTM sees c_{t-1} in i and f, and c_t in o")
  func peepholeLSTM() {
    let result = oneStep(
      .lstm(peephole: true, coupled: false),
      parameters: [
        "weight_ih": [0.1, 0.2, 0.3, 0.4], "weight_hh": [0.5, 0.6, 0.7, 0.8],
        "bias_ih": [0.01, 0.02, 0.03, 0.04], "bias_hh": [0.05, 0.06, 0.07, 0.08],
        "weight_peephole": [0.9, -0.8, 1.1],
      ])
    let i = sigmoid(0.1 * 0.5 - 0.5 * 0.3 + 0.06 + 0.9 * 0.7)
    let f = sigmoid(0.2 * 0.5 - 0.6 * 0.3 + 0.08 - 0.8 * 0.7)
    let g = tanh(0.3 * 0.5 - 0.7 * 0.3 + 0.10)
    let c = f * 0.7 + i * g
    let o = sigmoid(0.4 * 0.5 - 0.8 * 0.3 + 0.12 + 1.1 * c)
    expectClose(result.finalCell, [[[c]]], Self.closeness, "c")
    expectClose(result.outputs, [[[o * tanh(c)]]], Self.closeness, "h")
  }

  @Test("A coupled LSTM forgets what it does not let in")
  func coupledLSTM() {
    let result = oneStep(
      .lstm(peephole: true, coupled: true),
      parameters: [
        "weight_ih": [0.1, 0.3, 0.4], "weight_hh": [0.5, 0.7, 0.8],
        "bias_ih": [0.01, 0.03, 0.04], "bias_hh": [0.05, 0.07, 0.08],
        "weight_peephole": [0.9, 1.1],
      ])
    let i = sigmoid(0.1 * 0.5 - 0.5 * 0.3 + 0.06 + 0.9 * 0.7)
    let c = (1 - i) * 0.7 + i * tanh(0.3 * 0.5 - 0.7 * 0.3 + 0.10)
    let o = sigmoid(0.4 * 0.5 - 0.8 * 0.3 + 0.12 + 1.1 * c)
    expectClose(result.finalCell, [[[c]]], Self.closeness, "c")
    expectClose(result.outputs, [[[o * tanh(c)]]], Self.closeness, "h")
  }

  @Test("The reset gate of a GRU acts before or after the product", arguments: [false, true])
  func resetGate(resetAfter: Bool) {
    let result = oneStep(
      .gru(resetAfter: resetAfter),
      parameters: [
        "weight_ih": [0.1, 0.2, 0.3], "weight_hh": [0.5, 0.6, 0.7],
        "bias_ih": [0.01, 0.02, 0.03], "bias_hh": [0.05, 0.06, 0.9],
      ])
    let r = sigmoid(0.1 * 0.5 - 0.5 * 0.3 + 0.06)
    let z = sigmoid(0.2 * 0.5 - 0.6 * 0.3 + 0.08)
    let carried = resetAfter ? r * (-0.7 * 0.3 + 0.9) : 0.7 * (r * -0.3) + 0.9
    let n = tanh(0.3 * 0.5 + 0.03 + carried)
    expectClose(result.outputs, [[[(1 - z) * n - z * 0.3]]], Self.closeness, "h")
  }

  @Test("A Jordan network returns its preactivation and feeds back its output")
  func jordan() {
    let result = oneStep(
      .jordan(.tanh, feedback: .sigmoid),
      parameters: [
        "weight_ih": [0.1], "weight_hh": [0.5], "bias_ih": [0.01], "bias_hh": [0.05],
        "weight_ho": [1.5], "bias_ho": [-0.2],
      ])
    let z = 1.5 * tanh(0.1 * 0.5 - 0.5 * 0.3 + 0.06) - 0.2
    expectClose(result.outputs, [[[z]]], Self.closeness, "z")
    expectClose(result.finalHidden, [[[sigmoid(z)]]], Self.closeness, "y")
  }

  @Test("A softmax is positive, sums to one and ignores a common shift")
  func softmaxIsDistribution() {
    let scores = [1.0, -2.0, 0.5]
    let shares = scores.softmax()
    expectClose([shares.reduce(0, +)], [1], Self.closeness, "sum")
    expectClose([log(shares[0] / shares[1])], [3], Self.closeness, "log ratio")
    expectClose(scores.map { $0 + 1e4 }.softmax(), shares, Self.closeness, "shifted")
  }

  @Test("A sequence among others is treated as if alone", arguments: OracleCase.all)
  func sequencesAreIndependent(_ oracleCase: OracleCase) {
    let network = oracleCase.network
    var generator = OracleGenerator(seed: 3)
    let together = network.arguments(lengths: [3, 1]) { _, _ in generator.value() }
    let result = network.run(together)
    for sequence in 0..<2 {
      var alone = together
      alone.sequences = [together.sequences[sequence]]
      alone.initialHidden = together.initialHidden.map { [$0[sequence]] }
      alone.initialCell = together.initialCell.map { [$0[sequence]] }
      let single = network.run(alone)
      expectClose(single.outputs, [result.outputs[sequence]], .exact, "outputs")
      expectClose(
        single.finalHidden, result.finalHidden.map { [$0[sequence]] }, .exact, "finalHidden")
      expectClose(single.finalCell, result.finalCell.map { [$0[sequence]] }, .exact, "finalCell")
    }
  }

  @Test("The backward direction is the forward one on the reversed sequence")
  func backwardIsForwardReversed() {
    var generator = OracleGenerator(seed: 4)
    var network = OracleNetwork(cell: .gru(resetAfter: true), input: 3, hidden: 5)
    network.directions = .bidirectionalConcat
    let both = network.arguments(lengths: [4]) { _, _ in generator.value() }
    let result = network.run(both)

    network.directions = .forward
    var reversed = both
    for (name, _, _) in network.parameterShapes {
      reversed.parameters[name] = both.parameters[name + "_reverse"]
    }
    reversed.sequences = both.sequences.map { $0.reversed() }
    reversed.initialHidden = [both.initialHidden[1]]
    let mirrored = network.run(reversed)
    let backward = result.outputs[0].map { Array($0.suffix(5)) }
    expectClose([mirrored.outputs[0].reversed()], [backward], .exact, "outputs")
    expectClose(mirrored.finalHidden, [result.finalHidden[1]], .exact, "finalHidden")
  }

  @Test(
    "A mask that stays the same scales the columns of the weights it meets",
    arguments: OracleCase.all.filter { $0.layers == 2 })
  func masksScaleColumns(_ oracleCase: OracleCase) {
    let network = oracleCase.network
    let lengths = [3, 1]
    var generator = OracleGenerator(seed: 5)
    var arguments = network.arguments(lengths: lengths) { _, _ in generator.value() }
    // Powers of two (and zero) make both ways of computing round alike.
    func mask(_ width: Int) -> [Double] { (0..<width).map { [2, 0, 0.5][$0 % 3] } }
    var constants = network.constants(lengths: lengths, dropout: 0.5, using: &generator)
    constants.recurrentMasks = arguments.initialHidden.map { $0.map { mask($0.count) } }
    constants.interLayerMasks = [
      lengths.map { [[Double]](repeating: mask(network.outputWidth), count: $0) }
    ]
    constants.teacherTargets = nil
    let masked = network.run(arguments, constants: constants)

    for (name, rows, columns) in network.parameterShapes
    where name.hasPrefix("weight_hh") || name.hasPrefix("weight_ih_l1") {
      let scales = (0..<rows).flatMap { _ in mask(columns) }
      arguments.parameters[name] = zip(arguments.parameters[name] ?? [], scales).map(*)
    }
    let scaled = network.run(arguments)
    expectClose(masked.outputs, scaled.outputs, .exact, "outputs")
    expectClose(masked.finalHidden, scaled.finalHidden, .exact, "finalHidden")
    expectClose(masked.finalCell, scaled.finalCell, .exact, "finalCell")
  }

  @Test("Forcing its own outputs on a Jordan network changes nothing, forcing others does")
  func forcingOwnOutputs() {
    let cell = OracleCell.jordan(.tanh, feedback: .softmax)
    let network = OracleNetwork(cell: cell, layers: 2, input: 3, hidden: 5, output: 7)
    var generator = OracleGenerator(seed: 6)
    let arguments = network.arguments(lengths: [4, 1]) { _, _ in generator.value() }
    let free = network.run(arguments)
    var constants = OracleConstants()
    constants.teacherTargets = free.outputs.map { $0.map { $0.softmax() } }
    let own = network.run(arguments, constants: constants)
    expectClose(own.outputs, free.outputs, .exact, "outputs")

    constants.teacherTargets = free.outputs
    let forced = network.run(arguments, constants: constants)
    #expect(forced.outputs[0][0] == free.outputs[0][0])
    #expect(forced.outputs[0][1] != free.outputs[0][1])
  }
}
