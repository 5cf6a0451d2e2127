import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Prefix beam search")
struct CTCBeamSearchTests {
  private static let closeness = Closeness(
    absolute: 1e-12, relative: 1e-12, reason: "some hundred additions of logarithms in Double")

  private static func outputs(
    _ steps: Int, _ classes: Int, seed: UInt64, scale: Double
  ) -> [[Float]] {
    LabellingCase(classes: classes, lengths: [steps], labels: [[]], seed: seed, scale: scale)
      .outputs[0]
  }

  @Test(
    "A beam that leaves nothing out gives every labelling its exact probability",
    arguments: [(1, 2), (4, 2), (5, 3), (3, 5)], [0.5, 4] as [Double])
  func exact(_ shape: (Int, Int), _ scale: Double) throws {
    let (steps, classes) = shape
    let rows = Self.outputs(steps, classes, seed: 7, scale: scale)
    let expected = OracleLabelling.probabilities(rows.map { $0.map { Double($0) } })
    let found = try CTCBeamSearch(width: 10_000)
      .labellings(of: rows.flatMap { $0 }, classes: classes)
    #expect(found.count == expected.count)
    #expect(Set(found.map(\.labels)).count == found.count)
    for labelling in found {
      let probability = try #require(expected[labelling.labels.map { Int($0) }])
      expectClose(
        [labelling.logProbability], [log(probability)], Self.closeness, "\(labelling.labels)")
    }
    for (better, worse) in zip(found, found.dropFirst()) {
      #expect(better.logProbability >= worse.logProbability)
    }
  }

  @Test("A narrow beam gives lower bounds, and the best there is when outputs are sure of it")
  func narrow() throws {
    let (classes, steps) = (4, 7)
    for seed in 1...5 as ClosedRange<UInt64> {
      let rows = Self.outputs(steps, classes, seed: seed, scale: 3)
      let exact = OracleLabelling.probabilities(rows.map { $0.map { Double($0) } })
      for width in [1, 2, 5, 40] {
        let found = try CTCBeamSearch(width: width)
          .labellings(of: rows.flatMap { $0 }, classes: classes)
        #expect((1...width).contains(found.count))
        #expect(Set(found.map(\.labels)).count == found.count)
        for labelling in found {
          let bound = log(try #require(exact[labelling.labels.map { Int($0) }]))
          #expect(labelling.logProbability <= bound + 1e-12)
        }
      }
      let best = try #require(exact.max { $0.value < $1.value }).key
      let wide = try CTCBeamSearch(width: 40)
        .labellings(of: rows.flatMap { $0 }, classes: classes)
      #expect(wide[0].labels.map { Int($0) } == best)
    }
  }

  @Test("The likeliest labels are not those of the likeliest alignment")
  func beatsBestPath() throws {
    // Both steps: blank 0.6, label 0.4. The best alignment is two blanks, 0.36, but three leave the
    // label, 0.64.
    let step = [Float(log(0.6)), Float(log(0.4))]
    let found = try CTCBeamSearch(width: 4).labellings(of: step + step, classes: 2)
    #expect(found.map(\.labels) == [[1], []])
    let rounding = Closeness(
      absolute: 1e-6, relative: 0, reason: "logarithms that were rounded to Float")
    expectClose(
      found.map(\.logProbability), [log(0.64), log(0.36)], rounding, "log p")
    #expect(ConnectionistTemporalClassification.labelling(of: [0, 0]) == [])
  }

  @Test("Repetitions are joined, and only a blank keeps them apart")
  func collapse() {
    let paths: [([Int32], [Int32])] = [
      ([], []), ([0], []), ([2], [2]), ([1, 1, 1], [1]), ([1, 0, 1], [1, 1]),
      ([0, 3, 3, 0, 0, 3, 1, 1, 2, 0], [3, 3, 1, 2]),
    ]
    for (path, labels) in paths {
      #expect(ConnectionistTemporalClassification.labelling(of: path) == labels)
    }
  }

  @Test("What is impossible is not proposed, and sure steps leave one answer")
  func impossible() throws {
    let never = -Float.infinity
    // Label 2, label 2, blank, label 2, label 1.
    let steps: [Float] = [2, 2, 0, 2, 1].flatMap { (sure: Int) -> [Float] in
      (0..<3).map { $0 == sure ? 0 : never }
    }
    let found = try CTCBeamSearch(width: 8).labellings(of: steps, classes: 3)
    #expect(found == [CTCBeamSearch.Labelling(labels: [2, 2, 1], logProbability: 0)])
  }

  @Test("Hundreds of steps do not underflow")
  func longSequence() throws {
    let steps = [Float](repeating: 0, count: 500 * 3)
    let found = try CTCBeamSearch(width: 3).labellings(of: steps, classes: 3)
    #expect(found.count == 3 && found.allSatisfy { $0.logProbability > -600 })
  }

  @Test("Outputs without a distribution are refused")
  func refusals() throws {
    expectError(.range, about: "beam width") { _ = try CTCBeamSearch(width: 0) }
    let search = try CTCBeamSearch()
    expectError(.range, about: "classes") { _ = try search.labellings(of: [0], classes: 1) }
    expectError(.empty, about: "outputs") { _ = try search.labellings(of: [], classes: 2) }
    expectError(.shape, about: "outputs") { _ = try search.labellings(of: [0, 0, 0], classes: 2) }
    let never = -Float.infinity
    for bad in [[0, .nan], [.nan, 0], [.infinity, 0], [never, never]] as [[Float]] {
      expectError(.nonFinite, about: "outputs of step 1") {
        _ = try search.labellings(of: [0, 0] + bad, classes: 2)
      }
    }
  }
}
