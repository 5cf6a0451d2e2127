import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Conditional random fields")
struct ConditionalRandomFieldTests {
  private static let closeness = Closeness(
    absolute: 3e-7, relative: 1e-6,
    reason: "computed in Double and rounded to Float once, sums of a few such in Float")

  /// Classes, lengths, scale of emissions and of transitions. Spreads beyond 200 leave the
  /// products.
  static let cases: [(Int, [Int], Double, Double)] = [
    (1, [1], 2, 2), (1, [3, 1], 2, 2), (2, [1], 2, 2), (2, [5, 2, 7], 2, 2), (3, [4, 1, 5], 3, 1),
    (4, [3, 5, 1, 3], 2, 3), (5, [4, 2], 4, 2), (3, [4, 1, 5], 30, 20), (3, [5, 2], 2, 300),
    (4, [4, 3, 1], 400, 500), (3, [5, 1, 4], 1000, 95), (4, [3, 4], 3, 95),
  ]

  @Test("Loss and gradients are those of all paths one by one", arguments: cases)
  func enumeration(_ classes: Int, _ lengths: [Int], _ scale: Double, _ spread: Double) throws {
    let field = try ChainCase(
      classes: classes, lengths: lengths, seed: 3, scale: scale, transitions: spread)
    let (found, expected) = (try field.run(), try field.oracle())
    expectClose([found.loss.value], [expected.loss], Self.closeness, "loss")
    #expect(found.loss.elements == lengths.reduce(0, +))
    expectClose(
      found.emissions.map { $0.map { $0.map(Double.init) } }, expected.emissions, Self.closeness,
      "emissions")
    for (name, slopes) in expected.gradients {
      expectClose(
        try found.gradients.values(of: name).map(Double.init), slopes, Self.closeness, name)
    }
    // Without gradients the emissions stay, and the loss is the same.
    let alone = try field.run(gradients: false)
    #expect(alone.loss == found.loss)
    #expect(alone.emissions == field.emissions)
  }

  @Test("Loss, gradients and best paths are PyTorch's")
  func agreesWithPyTorch() throws {
    let (classes, lengths) = (5, [4, 1, 3])
    var field = try ChainCase(classes: classes, lengths: lengths, seed: 1)
    let rows = (0..<8).map { row in
      (0..<classes).map { Float(4 * ClosedForm.value(tensor: 0, index: row * classes + $0)) }
    }
    field.emissions = [Array(rows[0..<4]), [rows[4]], Array(rows[5..<8])]
    field.targets = [[1, 3, 0, 2], [4], [1, 3, 0]]
    for (tensor, slice) in field.parameters.layout.slices.enumerated() {
      try field.parameters.set(
        slice.name,
        to: ClosedForm.values(tensor: tensor + 1, count: slice.count).map { Float($0) })
    }
    let found = try field.run()
    expectClose([found.loss.value], [PyTorchChainGolden.loss], Self.closeness, "loss")
    expectClose(
      found.emissions.flatMap { $0.flatMap { $0.map(Double.init) } }, PyTorchChainGolden.emissions,
      Self.closeness, "emissions")
    let slopes = [
      "crf.transitions": PyTorchChainGolden.transitions,
      "crf.start_transitions": PyTorchChainGolden.start,
      "crf.end_transitions": PyTorchChainGolden.end,
    ]
    for (name, expected) in slopes {
      expectClose(
        try found.gradients.values(of: name).map(Double.init), expected, Self.closeness, name)
    }
    #expect(found.paths.flatMap { $0 } == PyTorchChainGolden.paths)
  }

  @Test("The oracle's gradient is the slope of its loss")
  func oracleSlopes() throws {
    var field = try ChainCase(classes: 3, lengths: [4, 1], seed: 5)
    let slopes = try field.oracle()
    let probe: Float = 1 / 1024
    let closeness = Closeness(
      absolute: 1e-6, relative: 0, reason: "a probe of 1e-3 leaves its square times the curvature")
    for (sequence, step, column) in [(0, 0, 1), (0, 3, 2), (1, 0, 0)] {
      let before = field.emissions[sequence][step][column]
      field.emissions[sequence][step][column] = before + probe
      let above = try field.oracle().loss
      field.emissions[sequence][step][column] = before - probe
      let below = try field.oracle().loss
      field.emissions[sequence][step][column] = before
      let distance = Double(before + probe) - Double(before - probe)
      expectClose(
        [(above - below) / distance], [slopes.emissions[sequence][step][column]], closeness,
        "slope")
    }
    for slice in field.parameters.layout.slices {
      let values = try field.parameters.values(of: slice.name)
      for index in values.indices {
        var moved = values
        moved[index] += probe
        try field.parameters.set(slice.name, to: moved)
        let above = try field.oracle().loss
        let high = Double(moved[index])
        moved[index] = values[index] - probe
        try field.parameters.set(slice.name, to: moved)
        let slope = (above - (try field.oracle().loss)) / (high - Double(moved[index]))
        try field.parameters.set(slice.name, to: values)
        expectClose(
          [slope], [slopes.gradients[slice.name]?[index] ?? .nan], closeness, slice.name)
      }
    }
  }

  @Test("Viterbi's path is the best of all", arguments: cases)
  func viterbi(_ classes: Int, _ lengths: [Int], _ scale: Double, _ spread: Double) throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      let field = try ChainCase(
        classes: classes, lengths: lengths, seed: seed, scale: scale, transitions: spread)
      let (paths, chain) = (try field.run(gradients: false).paths, try field.chain())
      for (sequence, path) in paths.enumerated() {
        let rows = field.emissions[sequence].map { $0.map(Double.init) }
        let best = chain.paths(rows.count).max { chain.score(rows, $0) < chain.score(rows, $1) }
        #expect(path == best)
      }
    }
  }

  @Test("Among equal paths the lowest classes win")
  func ties() throws {
    let field = try ChainCase(classes: 3, lengths: [4, 2], seed: 1, scale: 0, transitions: 0)
    #expect(try field.run(gradients: false).paths == [[0, 0, 0, 0], [0, 0]])
  }

  @Test("Reductions divide by steps, by sequences, or not at all")
  func reductions() throws {
    let field = try ChainCase(classes: 3, lengths: [4, 1, 3], seed: 2)
    let whole = try field.run()
    for (reduction, count) in [(Loss.Reduction.mean, 8.0), (.perSequence, 3)] {
      let part = try field.run(reduction: reduction)
      expectClose(
        [part.loss.value * count], [whole.loss.value],
        Closeness(absolute: 0, relative: 1e-15, reason: "one division"), "loss")
      for slice in field.parameters.layout.slices {
        expectClose(
          try part.gradients.values(of: slice.name).map { Double($0) * count },
          try whole.gradients.values(of: slice.name).map(Double.init), Self.closeness, slice.name)
      }
    }
  }

  @Test("The bits do not depend on the number of threads", arguments: [2, 3, 7])
  func threads(_ count: Int) throws {
    let field = try ChainCase(classes: 37, lengths: [9, 3, 14, 1, 3], seed: 4)
    let (alone, together) = (try field.run(), try field.run(threads: count))
    #expect(alone.loss == together.loss)
    #expect(alone.emissions == together.emissions)
    #expect(alone.gradients.bits == together.gradients.bits)
    #expect(alone.paths == together.paths)
  }

  @Test(
    "Scores of any size give finite numbers",
    arguments: [1e4, 1e10, 3e38] as [Double], [0.1, 1e4, 3e38] as [Double])
  func extremes(_ scale: Double, _ spread: Double) throws {
    let field = try ChainCase(
      classes: 6, lengths: [7, 1, 4], seed: 6, scale: scale, transitions: spread)
    let found = try field.run()
    #expect(found.loss.value.isFinite && found.loss.value >= 0)
    #expect(found.emissions.allSatisfy { $0.allSatisfy { $0.allSatisfy { abs($0) <= 1 } } })
    for slice in field.parameters.layout.slices {
      let slopes = try found.gradients.values(of: slice.name)
      #expect(slopes.allSatisfy { abs($0) <= 12 })
    }
  }

  @Test(
    "What is added to all classes alike changes nothing, however large",
    arguments: [1e20, -1e20, 3.4e38] as [Float], [2, 300] as [Double])
  func hugeScores(_ size: Float, _ spread: Double) throws {
    var field = try ChainCase(classes: 3, lengths: [4, 1], seed: 6, transitions: spread)
    func set(emissions: Float, start: Float) throws {
      field.emissions = field.emissions.map { $0.map { $0.map { _ in emissions } } }
      for side in ["start", "end"] {
        try field.parameters.set("crf.\(side)_transitions", to: [start, start, start])
      }
    }
    try set(emissions: 0, start: 0)
    let small = try field.run()
    #expect(small.loss.value > 0.5)
    try set(emissions: size, start: -size)
    let huge = try field.run()
    #expect(huge.loss == small.loss && huge.paths == small.paths)
    #expect(huge.emissions == small.emissions && huge.gradients.bits == small.gradients.bits)
    // Transitions all alike leave a choice among 3 classes at each step.
    try field.parameters.set("crf.transitions", to: Array(repeating: size, count: 9))
    let even = try field.run()
    expectClose([even.loss.value], [5 * log(3)], Self.closeness, "loss")
    let row = [1 / 3, 1 / 3, 1 / 3] as [Double]
    for (slopes, target) in zip(even.emissions[0], field.targets[0]) {
      var expected = row
      expected[Int(target)] -= 1
      expectClose(slopes.map { Double($0) }, expected, Self.closeness, "emissions")
    }
  }

  @Test("A score of 1e4 against the target costs just that")
  func certainty() throws {
    var field = try ChainCase(classes: 2, lengths: [3], seed: 1, transitions: 0)
    field.emissions = [[[0, 1e4], [1e4, 0], [0, -1e4]]]
    field.targets = [[1, 0, 0]]
    #expect(try field.run().loss.value == 0)
    field.targets = [[0, 1, 1]]
    #expect(try field.run().loss.value == 3e4)
    // Transitions too far apart for products forbid what the emissions want.
    try field.parameters.set("crf.transitions", to: [0, -1e4, -1e4, 0])
    field.targets = [[1, 1, 1]]
    field.emissions = [[[0, 9e3], [1, 0], [0, 0]]]
    let (found, loss) = (try field.run(), exp(-9999.0))
    #expect(found.paths == [[1, 1, 1]])
    #expect(found.loss.value == loss)
  }

  @Test("A score that is not finite is found where it is", arguments: [Float.nan, .infinity])
  func nonFinite(_ value: Float) throws {
    var field = try ChainCase(classes: 3, lengths: [2, 4], seed: 1)
    field.emissions[1][2][1] = value
    let found = try field.run()
    #expect(found.loss.value.isNaN)
    #expect(found.emissions[0].allSatisfy { $0.allSatisfy(\.isFinite) })
    #expect(found.emissions[1].map { $0.allSatisfy(\.isNaN) } == [false, false, true, false])
    #expect(try found.gradients.values(of: "crf.transitions").allSatisfy(\.isNaN))
  }
}
