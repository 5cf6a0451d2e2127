import Foundation
import Testing

@testable import TestSupport

@Suite("The oracle agrees with PyTorch")
struct PyTorchGoldenTests {
  private static let closeness = Closeness(
    absolute: 1e-7, relative: 1e-7,
    reason: "both compute in Double; the golden values keep 8 significant digits")

  @Test("Outputs and final states are PyTorch's", arguments: PyTorchGolden.all)
  func results(_ golden: PyTorchGolden) {
    let result = golden.network.run(golden.arguments)
    expectClose(flattened(result.outputs), golden.outputs, Self.closeness, "outputs")
    expectClose(flattened(result.finalHidden), golden.finalHidden, Self.closeness, "finalHidden")
    expectClose(flattened(result.finalCell), golden.finalCell, Self.closeness, "finalCell")
  }

  @Test("Every gradient is PyTorch's", arguments: PyTorchGolden.all)
  func gradients(_ golden: PyTorchGolden) {
    let gradient = golden.network.gradient(at: golden.arguments, cotangent: golden.cotangent)
      .gradient
    #expect(Set(gradient.parameters.keys) == Set(golden.gradients.keys))
    for (name, expected) in golden.gradients {
      expectClose(gradient.parameters[name] ?? [], expected, Self.closeness, name)
    }
    expectClose(flattened(gradient.sequences), golden.inputGradient, Self.closeness, "sequences")
    expectClose(
      flattened(gradient.initialHidden), golden.initialHiddenGradient, Self.closeness, "h_0")
    expectClose(flattened(gradient.initialCell), golden.initialCellGradient, Self.closeness, "c_0")
  }

  @Test("Losses and their gradients are PyTorch's", arguments: PyTorchLossGolden.all)
  func losses(_ golden: PyTorchLossGolden) {
    let tape = GradientTape()
    let scores = PyTorchLossGolden.scores.map { tape.variable($0) }
    let loss = naiveLoss(golden, scores: scores)
    let slopes = tape.gradient(of: loss)
    expectClose([loss.value], [golden.value], Self.closeness, "loss")
    expectClose(scores.map { slopes[$0.node] }, golden.gradient, Self.closeness, "gradient")
  }

  private func naiveLoss(_ golden: PyTorchLossGolden, scores: [Variable]) -> Variable {
    let terms: [Variable]
    switch golden.loss {
    case .crossEntropy:
      terms = PyTorchLossGolden.classes.enumerated().map { row, label in
        let first = row * PyTorchLossGolden.columns
        let shares = Array(scores[first..<first + PyTorchLossGolden.columns]).softmax()
        return 0.0 - shares[label].logarithm()
      }
    case .binaryCrossEntropyWithLogits:
      terms = zip(scores, PyTorchLossGolden.oneHot).map { score, target in
        let probability = score.sigmoid()
        return 0.0 - (target == 1 ? probability : 1.0 - probability).logarithm()
      }
    case .meanSquaredError:
      terms = zip(scores, PyTorchLossGolden.realTargets).map { score, target in
        (score - Variable(target)) * (score - Variable(target))
      }
    }
    let sum = terms.reduce(0.0, +)
    return golden.reduction == .sum ? sum : sum / Variable(Double(terms.count))
  }

  @Test("Three steps of each optimizer are PyTorch's", arguments: PyTorchOptimizerGolden.all)
  func optimizers(_ golden: PyTorchOptimizerGolden) {
    var elements = PyTorchOptimizerGolden.initialParameters.map { NaiveOptimizer(parameter: $0) }
    for (step, gradients) in PyTorchOptimizerGolden.gradients.enumerated() {
      for (element, gradient) in gradients.enumerated() {
        elements[element].step(golden, gradient: gradient)
      }
      expectClose(
        elements.map(\.parameter), golden.parametersAfterStep[step], Self.closeness,
        "parameters after step \(step + 1)")
    }
  }
}

/// One parameter and what an optimizer remembers about it.
private struct NaiveOptimizer {
  var parameter: Double
  private var steps = 0.0
  private var velocity = 0.0
  private var mean = 0.0
  private var square = 0.0

  init(parameter: Double) {
    self.parameter = parameter
  }

  mutating func step(_ rule: PyTorchOptimizerGolden, gradient: Double) {
    steps += 1
    var slope = gradient
    if rule.rule == .adamW {
      parameter -= rule.learningRate * rule.weightDecay * parameter
    } else {
      slope += rule.weightDecay * parameter
    }
    switch rule.rule {
    case .sgd:
      velocity = rule.momentum * velocity + slope
      let direction = rule.isNesterov ? slope + rule.momentum * velocity : velocity
      parameter -= rule.learningRate * direction
    case .rmsprop:
      square = rule.decay * square + (1 - rule.decay) * slope * slope
      velocity = rule.momentum * velocity + slope / (square.squareRoot() + rule.epsilon)
      parameter -= rule.learningRate * velocity
    case .adam, .adamW:
      mean = rule.beta1 * mean + (1 - rule.beta1) * slope
      square = rule.beta2 * square + (1 - rule.beta2) * slope * slope
      let unbiasedMean = mean / (1 - pow(rule.beta1, steps))
      let unbiasedSquare = square / (1 - pow(rule.beta2, steps))
      parameter -=
        rule.learningRate * unbiasedMean / (unbiasedSquare.squareRoot() + rule.epsilon)
    case .adagrad:
      square += slope * slope
      parameter -= rule.learningRate * slope / (square.squareRoot() + rule.epsilon)
    }
  }
}
