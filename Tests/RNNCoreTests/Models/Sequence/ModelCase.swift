import Testing

@testable import RNNCore

/// A small model with a ragged batch that fits it, for parameterised tests.
struct ModelCase: Sendable, CustomTestStringConvertible {
  var name: String
  var configuration: ModelConfiguration

  var testDescription: String { name }

  static let bodies: [(String, ModelConfiguration.Body)] = [
    ("feed-forward", .feedForward()),
    ("elman", .recurrent(.elman(.tanh))),
    ("jordan", .recurrent(.jordan(.tanh, teacherForcing: false))),
    ("jordan, teacher", .recurrent(.jordan(.sigmoid, teacherForcing: true))),
    ("elman-jordan", .recurrent(.jordan(.tanh, teacherForcing: false, hybrid: true))),
    ("hybrid, teacher", .recurrent(.jordan(.tanh, teacherForcing: true, hybrid: true))),
    (
      "bi-jordan",
      .recurrent(.jordan(.tanh, teacherForcing: false), directions: .concatenated)
    ),
    ("lstm", .recurrent(.lstm(peephole: true), layers: 2)),
    ("bi-lstm", .recurrent(.lstm(), layers: 2, directions: .concatenated)),
    ("summed gru", .recurrent(.gru(.after), layers: 2, directions: .summed)),
    ("gru before", .recurrent(.gru(.before))),
  ]

  static let all: [ModelCase] = bodies.flatMap { name, body in
    let inputs: [(String, ModelConfiguration.Input)] = [
      ("tokens", .tokens(vocabulary: 11, embedding: 5)), ("features", .features(width: 3)),
    ]
    return inputs.flatMap { inputName, input -> [ModelCase] in
      [SequenceBatch.Answer.everyStep, .atEnd].flatMap { answer -> [ModelCase] in
        Loss.allCases.compactMap { loss -> ModelCase? in
          // Teacher forcing has a target to feed back only when there is one at every step.
          if name.hasSuffix(", teacher"), answer == .atEnd { return nil }
          if loss.isOfWholeSequences, answer == .atEnd { return nil }
          if name.hasSuffix(", teacher"), loss == .connectionistTemporalClassification {
            return nil
          }
          return ModelCase(
            name: "\(name), \(inputName), \(answer), \(loss)",
            configuration: ModelConfiguration(
              input: input, contextWindow: 3, body: body, hiddenSize: 6, outputs: 4, loss: loss,
              answer: answer))
        }
      }
    }
  }

  func examples(lengths: [Int] = [4, 1, 7, 3], seed: UInt64 = 3) -> [Example] {
    var generator = RandomGenerator(seed: seed)
    return lengths.map { length in
      Example(
        input: input(length, using: &generator), target: target(length, using: &generator))
    }
  }

  func batch() throws -> SequenceBatch { try SequenceBatch(examples()) }

  private func input(_ length: Int, using generator: inout RandomGenerator) -> Example.Input {
    switch configuration.input {
    case .tokens(let vocabulary, _):
      .tokens((0..<length).map { _ in Int32(generator.integer(below: vocabulary)) })
    case .features(let width):
      .features((0..<length * width).map { _ in generator.normal() }, width: width)
    }
  }

  private func target(_ length: Int, using generator: inout RandomGenerator) -> Example.Target {
    let outputs = configuration.outputs
    if configuration.loss == .connectionistTemporalClassification {
      // So few that equal neighbours have room for a blank between them.
      return .labelling(
        (0..<(length + 1) / 2).map { _ in Int32(1 + generator.integer(below: outputs - 1)) })
    }
    let isClass = configuration.loss.takesClasses
    switch (configuration.answer, isClass) {
    case (.everyStep, true):
      return .classPerStep((0..<length).map { _ in Int32(generator.integer(below: outputs)) })
    case (.atEnd, true): return .classAtEnd(Int32(generator.integer(below: outputs)))
    case (.everyStep, false):
      return .valuesPerStep((0..<length * outputs).map { _ in generator.uniform() })
    case (.atEnd, false): return .valuesAtEnd((0..<outputs).map { _ in generator.uniform() })
    }
  }
}
