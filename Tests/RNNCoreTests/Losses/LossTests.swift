import Testing

@testable import RNNCore
@testable import TestSupport

@Suite("Losses")
struct LossTests {
  @Test("agree with PyTorch's values and gradients", arguments: PyTorchLossGolden.all)
  func agreesWithPyTorch(_ golden: PyTorchLossGolden) throws {
    let (rows, columns) = (PyTorchLossGolden.rows, PyTorchLossGolden.columns)
    let targets: [Example.Target] = (0..<rows).map { row in
      let range = row * columns..<(row + 1) * columns
      return switch golden.loss {
      case .crossEntropy: .classPerStep([Int32(PyTorchLossGolden.classes[row])])
      case .binaryCrossEntropyWithLogits:
        .valuesPerStep(PyTorchLossGolden.oneHot[range].map { Float($0) })
      case .meanSquaredError:
        .valuesPerStep(PyTorchLossGolden.realTargets[range].map { Float($0) })
      }
    }
    let loss: Loss =
      switch golden.loss {
      case .crossEntropy: .softmaxCrossEntropy
      case .binaryCrossEntropyWithLogits: .bernoulliCrossEntropy
      case .meanSquaredError: .meanSquaredError
      }
    let result = try Self.evaluate(
      loss, PyTorchLossGolden.scores, targets, reduction: golden.reduction == .mean ? .mean : .sum)
    let closeness = Closeness(absolute: 2e-6, relative: 2e-6, reason: "a few Float roundings")
    expectClose([result.value.value], [golden.value], closeness, "loss")
    expectClose(result.gradient, golden.gradient, closeness, "gradient")
  }

  @Test("ignore steps without a class")
  func ignoresUnanswered() throws {
    let scores = PyTorchLossGolden.scores
    let some = try Self.evaluate(
      .softmaxCrossEntropy, scores,
      [.classPerStep([1]), .classPerStep([-1]), .classPerStep([2]), .classPerStep([-1])],
      reduction: .mean)
    let alone = try Self.evaluate(
      .softmaxCrossEntropy, Array(scores[0..<3] + scores[6..<9]),
      [.classPerStep([1]), .classPerStep([2])], reduction: .mean)
    #expect(some.value.elements == 2)
    #expect(some.value.value == alone.value.value)
    #expect(some.gradient[3..<6].allSatisfy { $0 == 0 })
  }

  @Test("divide by sequences when asked to")
  func perSequence() throws {
    let targets = PyTorchLossGolden.classes.map { Example.Target.classPerStep([Int32($0)]) }
    let sum = try Self.evaluate(
      .softmaxCrossEntropy, PyTorchLossGolden.scores, targets, reduction: .sum)
    let mean = try Self.evaluate(
      .softmaxCrossEntropy, PyTorchLossGolden.scores, targets, reduction: .perSequence)
    #expect(abs(mean.value.value - sum.value.value / 4) < 1e-6)
  }

  @Test("stay finite at extreme outputs", arguments: [80.0, -80, 1e4, -1e4])
  func staysFinite(_ extreme: Double) throws {
    for loss in [Loss.softmaxCrossEntropy, .bernoulliCrossEntropy] {
      let target: Example.Target =
        loss == .softmaxCrossEntropy ? .classPerStep([1]) : .valuesPerStep([0, 1, 0])
      let result = try Self.evaluate(loss, [extreme, 0, -extreme], [target], reduction: .sum)
      #expect(result.value.value.isFinite && result.value.value >= 0)
      #expect(result.gradient.allSatisfy { $0.isFinite && abs($0) <= 1 })
    }
  }

  /// One step a sequence, so that packed rows stand in the order given.
  static func evaluate(
    _ loss: Loss, _ scores: [Double], _ targets: [Example.Target], reduction: Loss.Reduction
  ) throws -> (value: LossValue, gradient: [Double]) {
    let batch = try SequenceBatch(targets.map { Example(input: .tokens([0]), target: $0) })
    let buffer = FloatBuffer(scores.count)
    for (index, score) in scores.enumerated() { buffer.pointer[index] = Float(score) }
    let outputs = buffer.matrix(targets.count, scores.count / targets.count)
    let value = try loss.evaluate(
      outputs, batch: batch, reduction: reduction, weights: FloatBuffer(),
      team: .shared)
    return (value, (0..<scores.count).map { Double(buffer.pointer[$0]) })
  }
}
