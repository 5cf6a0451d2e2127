import Foundation
import Testing

@testable import RNNCore
@testable import RNNTasks

@Suite("Random streams of a run")
struct RandomStreamTests {
  /// The streams that a program draws from: those of a model's parameters, of training and of data.
  private static func streams() throws -> [RandomStream] {
    let model = try SequenceModel(
      ModelConfiguration(
        input: .tokens(vocabulary: 3, embedding: 2), body: .recurrent(.lstm(), layers: 2),
        hiddenSize: 2, outputs: 3),
      seed: 1)
    return model.parameters.layout.slices.map { .initialization(of: $0.name) } + [
      .dropout, .generation, .normSample, .directions, .order, .wordDropout, .split,
      .trainingExamples, .validationExamples, .testExamples, .text, .partOfPair,
    ] + Transduction.Part.allCases.map { RandomStream("\($0) pairs") }
  }

  @Test("No two have a number in common, whatever their seeds")
  func disjoint() throws {
    var seen: [UInt64: String] = [:]
    for stream in try Self.streams() {
      for seed: UInt64 in [0, 1, 2, 3] {
        var generator = RandomGenerator(seed: seed, for: stream)
        for _ in 0..<300 {
          let owner = seen.updateValue("\(stream.name), seed \(seed)", forKey: generator.next())
          #expect(owner == nil, "\(stream.name), seed \(seed), draws what \(owner ?? "") drew")
          if owner != nil { break }
        }
      }
    }
  }

  @Test("No two are correlated, at any of some lags")
  func uncorrelated() throws {
    let (count, lags) = (1000, 0...2)
    let draws: [[Double]] = try Self.streams().flatMap { stream in
      [UInt64(1), 2].map { seed in
        var generator = RandomGenerator(seed: seed, for: stream)
        // Of mean 0 and variance 1.
        return (0..<count).map { _ in (Double(generator.uniform()) - 0.5) * 12.0.squareRoot() }
      }
    }
    var worst = 0.0
    for (index, a) in draws.enumerated() {
      for b in draws[..<index] {
        for lag in lags {
          var sum = 0.0
          for place in lag..<count { sum += a[place] * b[place - lag] }
          worst = max(worst, abs(sum) / Double(count - lag).squareRoot())
        }
      }
    }
    // Some 3,500 sums of variance 1: one in a million such sets goes beyond 6.
    #expect(worst < 6, "\(worst) standard deviations")
  }

  /// The first training sequence was once the start of weight_hh_l0: same seed, same label.
  @Test("A model and its data, of one seed, share no run of numbers")
  func modelAndData() throws {
    let task = try AddingTask(lengths: 60...60, heldOut: HeldOutSizes(validation: 5, test: 5))
    let model = try SequenceModel(
      ModelConfiguration(
        input: .features(width: 2), body: .recurrent(.lstm(), layers: 2), hiddenSize: 20,
        outputs: 1, loss: .meanSquaredError, answer: .atEnd),
      seed: 1)
    let weights = try model.parameters.layout.slices.map { slice in
      let values = try model.parameters.values(of: slice.name)
      // Uniform in ±bound as drawn: back to [0, 1).
      return values.map { Double($0) * 20.0.squareRoot() / 2 + 0.5 }
    }
    let examples = task.trainingExamples(20, seed: 1) + task.validation + task.test
    let data = examples.map { example in
      stride(from: 0, to: example.features.count, by: 2).map { Double(example.features[$0]) }
    }
    for values in data {
      // Rounded to ten thousandths, three numbers in a row say where they come from.
      func runs(_ values: [Double]) -> Set<[Int]> {
        let rounded = values.map { Int(($0 * 1e4).rounded()) }
        return Set((0..<max(0, rounded.count - 3)).map { Array(rounded[$0..<$0 + 4]) })
      }
      let own = runs(values)
      for others in weights { #expect(own.isDisjoint(with: runs(others))) }
    }
  }
}
