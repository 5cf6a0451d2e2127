import Foundation

@testable import RNNCore
@testable import TestSupport

/// Elman layers, a readout and a loss in plain numbers, with the preactivation of every step kept:
/// what Ω is made of. One sequence, step and unit at a time; it shares no code with the engine.
struct RetentionOracle {
  /// What Ω holds constant for one layer, direction and sequence, in the order of reading.
  struct Frozen {
    var suffix: String
    /// dE/da_t, [T][H].
    var gradients: [[Double]]
    /// f'(a_t), [T][H].
    var slopes: [[Double]]
  }

  var activation: OracleActivation
  var layers: Int
  var directions: Directions
  var hidden: Int
  var atEnd: Bool

  /// The mean loss, and what Ω holds constant.
  func run(
    _ parameters: [String: [Double]], _ examples: [Example]
  ) -> (loss: Double, frozen: [Frozen]) {
    let tape = GradientTape()
    let variables = parameters.mapValues { $0.map { tape.variable($0) } }
    var preactivations: [(suffix: String, steps: [[Variable]])] = []
    var (loss, answers) = (Variable(0), 0)
    for example in examples {
      let seen = body(variables, inputs(example), &preactivations)
      guard case .valuesPerStep(let flat) = example.target.everyStep else { continue }
      let width = flat.count / seen.count
      for (row, state) in seen.enumerated() {
        for (output, z) in affine(variables, "readout.weight", "readout.bias", state).enumerated() {
          let error = z - Variable(Double(flat[row * width + output]))
          loss = loss + error * error
          answers += 1
        }
      }
    }
    loss = loss / Variable(Double(answers))
    let slopes = tape.gradient(of: loss)
    let frozen = preactivations.map { suffix, steps in
      Frozen(
        suffix: suffix, gradients: steps.map { $0.map { slopes[$0.node] } },
        slopes: steps.map { $0.map { slope($0.value) } })
    }
    return (loss.value, frozen)
  }

  /// Ω as a function of the recurrent weights alone.
  func omega(
    _ recurrent: [String: [Double]], _ frozen: [Frozen], _ form: RetentionRegularizer.Form
  ) -> Double {
    Dictionary(grouping: frozen, by: \.suffix).reduce(0) { sum, layer in
      guard let u = recurrent["weight_hh_" + layer.key] else { return sum }
      let terms = layer.value.flatMap { stepTerms(u, $0, form) }
      return terms.isEmpty ? sum : sum + terms.reduce(0, +) / Double(terms.count)
    }
  }

  private func stepTerms(
    _ u: [Double], _ frozen: Frozen, _ form: RetentionRegularizer.Form
  ) -> [Double] {
    (1..<max(1, frozen.gradients.count)).compactMap { step in
      let (da, slopes) = (frozen.gradients[step], frozen.slopes[step - 1])
      let arriving = da.reduce(0) { $0 + $1 * $1 }
      if arriving < (form == .paper ? 1e-60 : 1e-20) { return nil }
      let passed = (0..<hidden).reduce(0.0) { sum, column in
        let back = (0..<hidden).reduce(0.0) { $0 + da[$1] * u[$1 * hidden + column] }
        return sum + pow(back * slopes[column], 2)
      }
      return form == .paper
        ? pow((passed / arriving).squareRoot() - 1, 2) : pow(passed / arriving - 1, 2)
    }
  }

  // MARK: - The network

  /// What the readout reads.
  private func body(
    _ parameters: [String: [Variable]], _ inputs: [[Variable]],
    _ preactivations: inout [(suffix: String, steps: [[Variable]])]
  ) -> [[Variable]] {
    var steps = inputs
    var top: [[[Variable]]] = []
    for layer in 0..<layers {
      top = (0..<directions.count).map { direction in
        let suffix = "l\(layer)" + (direction == 1 ? "_reverse" : "")
        var (state, kept) = (Array(repeating: Variable(0), count: hidden), [[Variable]]())
        var outputs = steps
        for step in direction == 0 ? Array(steps.indices) : steps.indices.reversed() {
          let a = zip(
            affine(parameters, "weight_ih_" + suffix, "bias_ih_" + suffix, steps[step]),
            affine(parameters, "weight_hh_" + suffix, "bias_hh_" + suffix, state)
          ).map { $0 + $1 }
          state = a.map { activation($0) }
          kept.append(a)
          outputs[step] = state
        }
        preactivations.append((suffix, kept))
        return outputs
      }
      steps = join(top)
    }
    guard atEnd else { return steps }
    // Each direction's own last step.
    let ends = top.enumerated().map { direction, outputs in
      [direction == 0 ? outputs[outputs.count - 1] : outputs[0]]
    }
    return join(ends)
  }

  private func join(_ outputs: [[[Variable]]]) -> [[Variable]] {
    guard outputs.count == 2 else { return outputs[0] }
    return zip(outputs[0], outputs[1]).map { forward, reverse in
      directions == .summed ? zip(forward, reverse).map { $0 + $1 } : forward + reverse
    }
  }

  private func affine(
    _ parameters: [String: [Variable]], _ weight: String, _ bias: String, _ input: [Variable]
  ) -> [Variable] {
    let w = parameters[weight] ?? []
    return (parameters[bias] ?? []).enumerated().map { row, b in
      input.enumerated().reduce(b) { $0 + w[row * input.count + $1.offset] * $1.element }
    }
  }

  private func slope(_ a: Double) -> Double {
    switch activation {
    case .tanh: 1 - tanh(a) * tanh(a)
    case .sigmoid: exp(-a) / pow(1 + exp(-a), 2)
    case .relu: a > 0 ? 1 : 0
    case .identity: 1
    }
  }

  private func inputs(_ example: Example) -> [[Variable]] {
    guard case .features(let values, let width) = example.input else { return [] }
    return stride(from: 0, to: values.count, by: width).map { first in
      values[first..<first + width].map { Variable(Double($0)) }
    }
  }
}

extension Example.Target {
  /// A vector at the end as one at the only answered step.
  fileprivate var everyStep: Example.Target {
    if case .valuesAtEnd(let values) = self { .valuesPerStep(values) } else { self }
  }
}
