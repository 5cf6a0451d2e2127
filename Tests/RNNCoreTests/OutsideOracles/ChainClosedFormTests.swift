import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

/// A conditional random field where statistics knows its sums: chains too long to enumerate (of
/// short ones ``ConditionalRandomFieldTests`` looks at all K^T paths, and at PyTorch's values). The
/// oracles are a Markov chain, whose paths add up to one and whose marginals are π Pᵗ; Potts' model
/// in one dimension; the binary strings without two ones side by side, which Fibonacci's numbers
/// count; and steps that know nothing of each other.
@Suite("Chains with known partition functions")
struct ChainClosedFormTests {
  private static let closeness = Closeness(
    absolute: 1e-5, relative: 2e-7,
    reason: "up to 200 scores, each rounded to Float by 6e-8 of its size, and gradients in Float")

  private static func chain(
    classes: Int, targets: [Int32], transitions: [Double]? = nil, start: [Double]? = nil
  ) throws -> ChainCase {
    var result = try ChainCase(
      classes: classes, lengths: [targets.count], seed: 1, scale: 0, transitions: 0)
    result.targets = [targets]
    func set(_ name: String, _ values: [Double]?) throws {
      if let values { try result.parameters.set(name, to: values.map { Float($0) }) }
    }
    try set("crf.transitions", transitions)
    try set("crf.start_transitions", start)
    return result
  }

  @Test("Of a Markov chain, log Z is 0 and the marginals are π Pᵗ")
  func markov() throws {
    let (initial, length) = ([0.5, 0.3, 0.2], 40)
    let p = [[0.7, 0.2, 0.1], [0.25, 0.25, 0.5], [0.05, 0.6, 0.35]]
    let targets = (0..<length).map { Int32($0 * $0 % 3) }
    let found = try Self.chain(
      classes: 3, targets: targets, transitions: p.joined().map { log($0) },
      start: initial.map { log($0) }
    ).run()

    let path = targets.map { Int($0) }
    let steps = zip(path, path.dropFirst())
    let own = steps.reduce(log(initial[path[0]])) { $0 + log(p[$1.0][$1.1]) }
    expectClose([found.loss.value], [-own], Self.closeness, "−log p(y)")

    var marginals = [initial]
    for step in 1..<length {
      let before = marginals[step - 1]
      marginals.append((0..<3).map { to in (0..<3).reduce(0) { $0 + before[$1] * p[$1][to] } })
    }
    for (step, marginal) in marginals.enumerated() {
      expectClose(
        found.emissions[0][step].map(Double.init),
        (0..<3).map { marginal[$0] - (path[step] == $0 ? 1 : 0) }, Self.closeness, "step \(step)")
    }
    let passages = (0..<9).map { index in
      let (from, to) = (index / 3, index % 3)
      return marginals.dropLast().reduce(0) { $0 + $1[from] * p[from][to] }
        - Double(steps.filter { $0 == (from, to) }.count)
    }
    expectClose(
      try found.gradients.values(of: "crf.transitions").map(Double.init), passages, Self.closeness,
      "transitions")
  }

  /// log Z = log K + (T − 1) log(e^J + K − 1); neighbours agree with probability e^J / (e^J + K −
  /// 1).
  @Test("Potts' model", arguments: [(2, 1.5), (7, 0.75), (5, -2), (3, 60)] as [(Int, Double)])
  func potts(_ classes: Int, _ coupling: Double) throws {
    let targets = [Int32](repeating: 1, count: 200)
    let transitions = (0..<classes * classes).map { $0 % (classes + 1) == 0 ? coupling : 0 }
    let found = try Self.chain(classes: classes, targets: targets, transitions: transitions).run()
    let weight = exp(coupling) + Double(classes - 1)
    let expected = log(Double(classes)) + 199 * (log(weight) - coupling)
    expectClose([found.loss.value], [expected], Self.closeness, "loss")
    // Every class is as likely as any other, at every step.
    for step in found.emissions[0] {
      let marginals = step.enumerated().map { Double($1) + ($0 == 1 ? 1 : 0) }
      expectClose(
        marginals, [Double](repeating: 1 / Double(classes), count: classes), Self.closeness,
        "marginals")
    }
    let slopes = try found.gradients.values(of: "crf.transitions").map(Double.init)
    let agreement = (0..<classes).reduce(0) { $0 + slopes[$1 * (classes + 1)] }
    expectClose(
      [agreement], [199 * (exp(coupling) / weight - 1)],
      Closeness(absolute: 3e-5, relative: 2e-7, reason: "sums of 199 marginals in Float"),
      "agreement")
  }

  @Test("Binary strings without two ones side by side", arguments: [60, 100, 1e4] as [Double])
  func fibonacci(_ forbidden: Double) throws {
    let length = 40
    let found = try Self.chain(
      classes: 2, targets: [Int32](repeating: 0, count: length), transitions: [0, 0, 0, -forbidden]
    ).run()
    var numbers = [0.0, 1]
    while numbers.count < length + 3 {
      numbers.append(numbers[numbers.count - 1] + numbers[numbers.count - 2])
    }
    #expect(numbers[length + 2] == 267_914_296)
    expectClose([found.loss.value], [log(267_914_296)], Self.closeness, "log of their number")
    // With a one at step t, t − 2 places before and T − t − 1 after are free.
    let ones = (1...length).map { numbers[$0] * numbers[length - $0 + 1] / 267_914_296 }
    expectClose(
      found.emissions[0].map { Double($0[1]) }, ones, Self.closeness, "share with a one there")
  }

  @Test("Without transitions every step is a softmax of its own")
  func independent() throws {
    let targets = (0..<50).map { $0 * $0 % 4 }
    var chain = try Self.chain(
      classes: 4, targets: targets.map { Int32($0) }, start: [0.5, -1, 2, 0.25])
    chain.emissions[0] = (0..<50).map { step in
      ClosedForm.values(tensor: step, count: 4).map { Float(6 * $0) }
    }
    let end: [Float] = [1, 0, -0.5, 0.75]
    try chain.parameters.set("crf.end_transitions", to: end)
    let found = try chain.run()
    var loss = 0.0
    for (step, emissions) in chain.emissions[0].enumerated() {
      var scores = emissions.map(Double.init)
      if step == 0 { scores = zip(scores, [0.5, -1, 2, 0.25]).map { $0 + $1 } }
      if step == 49 { scores = zip(scores, end).map { $0 + Double($1) } }
      let level = log(scores.reduce(0) { $0 + exp($1) })
      loss += level - scores[targets[step]]
      expectClose(
        found.emissions[0][step].map(Double.init),
        scores.indices.map { exp(scores[$0] - level) - (targets[step] == $0 ? 1 : 0) },
        Self.closeness,
        "step \(step)")
      let best = scores.indices.max { scores[$0] < scores[$1] }
      #expect(found.paths[0][step] == best)
    }
    expectClose([found.loss.value], [loss], Self.closeness, "loss")
  }
}
