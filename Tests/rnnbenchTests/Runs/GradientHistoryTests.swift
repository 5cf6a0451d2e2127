import Foundation
import Testing

@testable import RNNCore
@testable import RNNReport
@testable import RNNStudies

@Suite("The gradients of a run, as its report shows them")
struct GradientHistoryTests {
  /// A run of a model with an answer at each step or one at the end, of sequences with 1 to 4
  /// steps.
  private func run(
    updates: Int, every: Int, answer: SequenceBatch.Answer, clip: Float = 0.05
  ) throws -> (history: GradientHistory, clipped: [Bool]) {
    let model = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 1), body: .recurrent(.gru()), hiddenSize: 2, outputs: 1,
        loss: .meanSquaredError, answer: answer), seed: 3)
    let profiler = try GradientProfiler(every: every)
    let trainer = try Trainer(
      model, rate: 0.01, clipping: .globalNorm(clip), profiler: profiler)
    var history = GradientHistory(profiler)
    var clipped: [Bool] = []
    for update in 0..<updates {
      let steps = update % 4 + 1
      let values = (0..<steps).map { Float($0 + update % 3) }
      let report = try trainer.step(
        SequenceBatch([
          Example(
            input: .features(values, width: 1),
            target: answer == .atEnd ? .valuesAtEnd([1]) : .valuesPerStep(values))
        ]))
      history.add(report)
      clipped.append(report.clip?.isClipped ?? false)
    }
    return (history, clipped)
  }

  @Test("Updates from a profile to the next are counted with what clipping did to them")
  func stretches() throws {
    let (history, clipped) = try run(updates: 11, every: 4, answer: .atEnd)
    #expect(history.stretches.map(\.updates) == [4, 4, 3])
    #expect(
      history.stretches.map(\.clipped)
        == [clipped[..<4], clipped[4..<8], clipped[8...]].map { $0.filter { $0 }.count })
    #expect(clipped.contains(true))
    #expect(history.followsOneAnswer)
    #expect(try !run(updates: 8, every: 1, answer: .everyStep).history.followsOneAnswer)
  }

  @Test("A map has the norms of its profiles, and joins them where there are many")
  func map() throws {
    let (few, _) = try run(updates: 6, every: 1, answer: .everyStep)
    let (values, size) = few.map(ofLayer: "l0")
    #expect(size == 1 && values.count == 4 && values.allSatisfy { $0.count == 6 })
    for (column, profile) in few.profiles.enumerated() {
      let norms = profile.layers[0].memory.byStep
      for step in 0..<4 {
        if step < norms.count {
          #expect(values[step][column] == norms[step])
        } else {
          #expect(values[step][column].isNaN)
        }
      }
    }
    let (many, _) = try run(updates: 241, every: 1, answer: .atEnd)
    #expect(many.columns.map(\.count) == Array(repeating: 3, count: 80) + [1])
    let joined = many.map(ofLayer: "l0").values
    // Sequences of 1, 2 and 3 steps: the column's farthest step is of one alone, the nearest of all
    // three.
    let norms = many.profiles[..<3].map { $0.layers[0].memory.byDistance }
    #expect(norms.map(\.count) == [1, 2, 3] && joined[3][0].isNaN)
    #expect(joined[2][0] == norms[2][2])
    let mean = (norms.reduce(0) { $0 + $1[0] * $1[0] } / 3).squareRoot()
    #expect(abs(joined[0][0] - mean) <= 1e-12 * mean)
    let map = many.heatMap(ofLayer: "l0")
    guard case .numbers("updates", 0...240, true) = map.x,
      case .numbers("steps back", 0...3, true) = map.y
    else {
      Issue.record("\(map.x), \(map.y)")
      return
    }
  }

  @Test("Losses of several steps are said to hide how far one reaches, once for all layers")
  func sentences() throws {
    let (masked, _) = try run(updates: 3, every: 1, answer: .everyStep)
    let sentences = masked.sentences(cell: .gru(), memoryNeeded: nil)
    #expect(sentences.count == 1 && sentences[0].contains("--probe last"))
    let (one, _) = try run(updates: 4, every: 1, answer: .atEnd)
    let found = one.sentences(cell: .gru(), memoryNeeded: nil)
    #expect(found.count == 2 && found[1].hasPrefix("After 3 updates, gradient of all answers: l0"))
    let norms = one.profiles.map(\.globalNorm)
    #expect(found[0].hasPrefix("Gradients of 4 updates: norm") && norms.count == 4)
  }

  @Test("What has no number leaves no hole where others have one")
  func gaps() throws {
    // Every fourth sequence alone has a step 3, and two profiles share a column.
    let model = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 1), body: .recurrent(.gru()), hiddenSize: 2, outputs: 1,
        loss: .meanSquaredError, answer: .everyStep), seed: 3)
    let profiler = try GradientProfiler(every: 1, probing: .step(3))
    let trainer = try Trainer(model, rate: 0.01, nonFinite: .skip, profiler: profiler)
    var history = GradientHistory(profiler)
    for update in 0..<240 {
      let steps = update % 4 + 1
      // A batch whose gradient is not finite.
      let values = (0..<steps).map { _ in Float(update == 5 ? 3e38 : 1) }
      history.add(
        try trainer.step(
          SequenceBatch([
            Example(input: .features(values, width: 1), target: .valuesPerStep(values))
          ])))
    }
    #expect(history.profiles[0].layers.isEmpty && !history.profiles[3].layers.isEmpty)
    #expect(!history.profiles[5].globalNorm.isFinite && history.stretches[5].nonFinite == 1)
    let map = history.heatMap(ofLayer: "l0").values
    #expect(map.count == 4 && map[0].count == 120)
    for (column, value) in map[0].enumerated() { #expect(value.isFinite == (column % 2 == 1)) }
    let section = history.section(
      history.sentences(cell: .gru(), memoryNeeded: nil), threshold: nil)
    for case .figure(let figure) in section.blocks {
      guard let chart = figure.chart as? LineChart else { continue }
      #expect(chart.series.allSatisfy { $0.points.allSatisfy { $0.y.isFinite } }, "\(chart.title)")
    }
    #expect(history.sentences(cell: .gru(), memoryNeeded: nil)[0].contains("1 not finite"))
    #expect(history.sentences(cell: .gru(), memoryNeeded: nil).count == 2)

    let never = GradientHistory(try GradientProfiler(every: 1, probing: .step(9)))
    let other = try Trainer(model, rate: 0.01, profiler: never.profiler)
    try other.step(
      SequenceBatch([Example(input: .features([1], width: 1), target: .valuesPerStep([1]))]))
    #expect(never.sentences(cell: .gru(), memoryNeeded: nil)[0].contains("None of their batches"))
  }
}
