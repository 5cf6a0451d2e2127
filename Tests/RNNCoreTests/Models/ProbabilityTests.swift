import Foundation
import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Probabilities of a model's answers")
struct ProbabilityTests {
  private static let inputs: [Example.Input] = [
    .tokens([3, 1, 4, 1]), .tokens([5]), .tokens([2, 0, 2]),
  ]

  private func model(_ loss: Loss, answer: SequenceBatch.Answer = .everyStep) throws
    -> SequenceModel
  {
    let model = try SequenceModel(
      ModelConfiguration(
        input: .tokens(vocabulary: 6, embedding: 4), body: .recurrent(.gru()), hiddenSize: 5,
        outputs: 3, loss: loss, answer: answer),
      seed: 4)
    // Far from nothing, so that classes differ.
    try model.parameters.fill(seed: 9, scale: 1.5)
    return model
  }

  private func outputs(_ model: SequenceModel) throws -> [[Float]] {
    let batch = try SequenceBatch(inputs: Self.inputs, answer: model.configuration.answer)
    var state = model.zeroState(sequences: Self.inputs.count)
    return try model.outputs(for: batch, state: &state, pass: model.makePass())
  }

  @Test(
    "Classes have the softmax of the outputs, yes and no its sigmoid, and the answers are the same")
  func ofSteps() throws {
    for (loss, answer) in [
      (Loss.softmaxCrossEntropy, SequenceBatch.Answer.everyStep), (.softmaxCrossEntropy, .atEnd),
      (.bernoulliCrossEntropy, .everyStep), (.connectionistTemporalClassification, .everyStep),
    ] {
      let model = try model(loss, answer: answer)
      let (predictions, found) = try model.predictionsAndProbabilities(for: Self.inputs)
      #expect(try predictions == model.predictions(for: Self.inputs))
      for (values, probabilities) in zip(try outputs(model), found) {
        let expected = stride(from: 0, to: values.count, by: 3).flatMap { first -> [Double] in
          let row = values[first..<first + 3].map(Double.init)
          if loss == .bernoulliCrossEntropy { return row.map { 1 / (1 + exp(-$0)) } }
          let sum = row.reduce(0) { $0 + exp($1) }
          return row.map { exp($0) / sum }
        }
        #expect(probabilities.count == expected.count)
        for (one, other) in zip(probabilities, expected) {
          #expect(abs(Double(one) - other) < 1e-6)
        }
      }
    }
  }

  @Test("Those of a conditional random field are the shares of all paths, counted one by one")
  func ofPaths() throws {
    let model = try model(.conditionalRandomField)
    let (predictions, found) = try model.predictionsAndProbabilities(for: Self.inputs)
    #expect(try predictions == model.predictions(for: Self.inputs))
    let transitions = try model.parameters.values(of: "crf.transitions").map(Double.init)
    let start = try model.parameters.values(of: "crf.start_transitions").map(Double.init)
    let end = try model.parameters.values(of: "crf.end_transitions").map(Double.init)
    for (values, probabilities) in zip(try outputs(model), found) {
      let steps = values.count / 3
      var (shares, sum) = ([Double](repeating: 0, count: values.count), 0.0)
      for number in 0..<Int(pow(3.0, Double(steps))) {
        let path = (0..<steps).map { number / Int(pow(3.0, Double($0))) % 3 }
        var score = start[path[0]] + end[path[steps - 1]]
        for step in 0..<steps { score += Double(values[3 * step + path[step]]) }
        for step in 1..<max(1, steps) { score += transitions[3 * path[step - 1] + path[step]] }
        sum += exp(score)
        for step in 0..<steps { shares[3 * step + path[step]] += exp(score) }
      }
      for (one, other) in zip(probabilities, shares) {
        #expect(abs(Double(one) - other / sum) < 2e-6)
      }
    }
  }

  @Test("The losses of single answers add up to that of the batch; those not asked for have none")
  func losses() throws {
    let model = try model(.softmaxCrossEntropy)
    let targets: [[Int32]] = [[0, -1, 2, 1], [2], [1, 1, 0]]
    let batch = try SequenceBatch(
      zip(Self.inputs, targets).map { Example(input: $0, target: .classPerStep($1)) })
    var (first, second) = (model.zeroState(sequences: 3), model.zeroState(sequences: 3))
    let pass = model.makePass()
    let losses = try model.answerLosses(for: batch, state: &first, pass: pass)
    let loss = try model.loss(for: batch, state: &second, pass: pass, reduction: .sum)
    #expect(losses.map(\.count) == [4, 1, 3] && losses[0][1] == 0)
    #expect(abs(losses.joined().reduce(0, +) - loss.value) < 1e-5)
    #expect(first == second)
  }

  @Test("Models of numbers have no probabilities, and other losses no losses of single answers")
  func refused() throws {
    let numbers = try model(.meanSquaredError)
    expectError(.unsupported, about: "probabilities") {
      _ = try numbers.predictionsAndProbabilities(for: Self.inputs)
    }
    var state = numbers.zeroState(sequences: 1)
    let batch = try SequenceBatch([
      Example(input: .tokens([1]), target: .valuesPerStep([0, 0, 0]))
    ])
    expectError(.unsupported, about: "losses of single answers") {
      _ = try numbers.answerLosses(for: batch, state: &state, pass: numbers.makePass())
    }
  }
}
