import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Clipping")
struct ClippingTests {
  private static let first: [Float] = [3, -4, 0]
  private static let second: [Float] = [0.6, 0.8]

  @Test("by each mode changes just what it says")
  func modes() throws {
    #expect(try Self.clip(.none) == (Self.first, Self.second, 1, false))
    let value = try Self.clip(.value(1))
    #expect(value.0 == [1, -1, 0] && value.1 == Self.second && value.3)
    // ‖(5, 1)‖ = √26.
    let norm = 26.0.squareRoot()
    Self.expect(try Self.clip(.globalNorm(2)), scales: (2 / norm, 2 / norm), smallest: 2 / norm)
    Self.expect(try Self.clip(.globalNorm(6)), scales: (1, 1), smallest: 1)
    Self.expect(try Self.clip(.perLayer(2)), scales: (0.4, 1), smallest: 0.4)
    Self.expect(try Self.clip(.perLayer(0.5)), scales: (0.1, 0.5), smallest: 0.1)
    // With 4 sequences the norm over the batch is √26 / 4.
    Self.expect(
      try Self.clip(.normOverBatch(0.5)), scales: (2 / norm, 2 / norm), smallest: 2 / norm)
    Self.expect(try Self.clip(.normOverBatch(1.3)), scales: (1, 1), smallest: 1)
  }

  @Test("refuses thresholds that are not above zero", arguments: [0, -1, Float.nan, .infinity])
  func refusesThresholds(_ threshold: Float) throws {
    for mode in Clipping.Mode.allCases where mode != .none {
      #expect(throws: RNNError.self) { try Clipping(mode, threshold: threshold) }
    }
    let model = try SequenceModel(ModelCase.all[0].configuration, seed: 1)
    #expect(throws: RNNError.self) {
      try Trainer(model, rate: 1, clipping: .globalNorm(threshold))
    }
  }

  @Test("statistics count, average and rank")
  func statistics() throws {
    var statistics = ClipStatistics()
    #expect(statistics.normQuantiles([0.5]) == nil && statistics.meanNorm == nil)
    for step in 1...10_001 {
      let isClipped = step % 4 == 0
      statistics.add(
        ClipRecord(norm: Double(step), scale: isClipped ? 0.5 : 1, isClipped: isClipped))
    }
    statistics.addNonFinite(parameter: "w")
    #expect(statistics.steps == 10_002 && statistics.clippedSteps == 2500)
    #expect(statistics.meanScaleWhenClipped == 0.5)
    #expect(statistics.meanNorm == 5001)
    #expect(
      statistics.firstNonFinite?.parameter == "w" && statistics.firstNonFinite?.step == 10_001)
    let quantiles = try #require(statistics.normQuantiles([0, 0.5, 0.9]))
    // 4,096 of 10,001: the standard error of a sampled quantile is 0.8 % of the range; five of
    // them.
    #expect(abs(quantiles[1] - 5001) < 400 && abs(quantiles[2] - 9001) < 400)
    #expect(quantiles[0] < 100)
  }

  @Test("a gradient that is not finite is thrown, skipped or replaced as the policy says")
  func nonFinitePolicies() throws {
    for policy in NonFinitePolicy.allCases {
      let trainer = try Self.brokenTrainer(policy)
      let before = trainer.model.parameters.withUnsafeMutableValues { Array($0) }
      let batch = try SequenceBatch([
        Example(input: .features([1e30, 1e30], width: 1), target: .valuesPerStep([0, 0]))
      ])
      if policy == .throw {
        #expect {
          try trainer.step(batch)
        } throws: { error in
          (error as? RNNError)?.kind == .nonFinite
            && (error as? RNNError)?.argument == "gradient of weight_ih_l0"
        }
      } else {
        let report = try trainer.step(batch)
        #expect(report.nonFiniteParameter == "weight_ih_l0" && report.clip == nil)
        #expect(report.didUpdate == (policy == .rescale))
      }
      #expect(trainer.statistics.nonFiniteSteps == 1)
      let after = trainer.model.parameters.withUnsafeMutableValues { Array($0) }
      if policy == .rescale {
        let range = try trainer.model.parameters.layout.slice(named: "weight_hh_l0").range
        for index in before.indices {
          // rate 0.5: U shrinks by 0.5 · 0.02 of itself, all else stays.
          let expected = range.contains(index) ? before[index] * (1 - 0.01) : before[index]
          #expect(abs(after[index] - expected) <= 1e-6 * abs(expected))
        }
      } else {
        #expect(after == before)
      }
    }
  }

  /// A relu network whose squared error overflows.
  private static func brokenTrainer(_ policy: NonFinitePolicy) throws -> Trainer<SequenceModel> {
    let model = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 1), body: .recurrent(.elman(.relu)), hiddenSize: 8, outputs: 1,
        loss: .meanSquaredError),
      seed: 1)
    return try Trainer(model, rule: .sgd(), rate: 0.5, nonFinite: policy)
  }

  private static func clip(
    _ clipping: Clipping
  ) throws -> ([Float], [Float], scale: Double, clipped: Bool) {
    var layout = ParameterLayout()
    _ = layout.add("a", layer: "l0", rows: 3, role: .peephole)
    _ = layout.add("b", layer: "l1", rows: 2, role: .peephole)
    let gradients = ParameterStore(layout: layout)
    try gradients.set("a", to: first)
    try gradients.set("b", to: second)
    let record = clipping.apply(to: gradients, sequences: 4)
    #expect(abs(record.norm - 26.0.squareRoot()) < 1e-6)
    return (
      try gradients.values(of: "a"), try gradients.values(of: "b"), record.scale, record.isClipped
    )
  }

  private static func expect(
    _ result: ([Float], [Float], scale: Double, clipped: Bool), scales: (Double, Double),
    smallest: Double
  ) {
    let closeness = Closeness(absolute: 0, relative: 1e-6, reason: "one Float product")
    expectClose(result.0.map(Double.init), first.map { Double($0) * scales.0 }, closeness, "a")
    expectClose(result.1.map(Double.init), second.map { Double($0) * scales.1 }, closeness, "b")
    #expect(abs(result.scale - smallest) < 1e-6 && result.clipped == (smallest < 1))
  }
}
