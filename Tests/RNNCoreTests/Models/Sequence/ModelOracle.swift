@testable import RNNCore
@testable import TestSupport

/// A whole model in plain numbers: embedding, context window, body, readout and loss, one step of
/// one sequence at a time. The recurrent body is `OracleNetwork`.
struct ModelOracle {
  var configuration: ModelConfiguration

  /// The loss of `examples`, starting from zero states.
  func loss<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ examples: [Example], reduction: Loss.Reduction,
    teacherForced: Bool = false
  ) -> Scalar {
    let steps = stepLoss(parameters, examples, reduction: reduction, teacherForced: teacherForced)
    guard let head = configuration.sentenceHead, examples[0].label != nil else { return steps }
    let logits = sentences(parameters, examples)
    let sum = zip(logits, examples).reduce(0.0 as Scalar) { sum, pair in
      sum - pair.0.softmax()[Int(pair.1.label ?? -1)].logarithm()
    }
    let count = reduction == .sum ? 1 : Double(examples.count)
    return steps + Scalar(Double(head.weight) / count) * sum
  }

  /// Logits of whole sequences, [sequence][C]: what a model with another readout says at the end.
  func sentences<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ examples: [Example]
  ) -> [[Scalar]] {
    var end = self
    end.configuration.answer = .atEnd
    let inputs = examples.map { windowed(vectors($0.input, parameters)) }
    return end.body(inputs, parameters, examples, teacherForced: false)
      .map { dense("sentence", $0[0], parameters) }
  }

  private func stepLoss<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ examples: [Example], reduction: Loss.Reduction,
    teacherForced: Bool
  ) -> Scalar {
    let outputs = outputs(parameters, examples, teacherForced: teacherForced)
    if configuration.loss == .conditionalRandomField {
      return chainLoss(outputs, parameters, examples, reduction: reduction)
    }
    if configuration.loss == .connectionistTemporalClassification {
      return labellingLoss(outputs, examples, reduction: reduction)
    }
    var sum: Scalar = 0.0
    var elements = 0
    for (rows, example) in zip(outputs, examples) {
      for (row, output) in rows.enumerated() {
        guard let answer = answer(example.target, row: row) else { continue }
        sum = sum + rowLoss(output, answer)
        elements += answer.elements
      }
    }
    switch reduction {
    case .mean: return sum / Scalar(Double(elements))
    case .perSequence: return sum / Scalar(Double(examples.count))
    case .sum: return sum
    }
  }

  /// [sequence][answer][O].
  func outputs<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ examples: [Example], teacherForced: Bool = false
  ) -> [[[Scalar]]] {
    let inputs = examples.map { windowed(vectors($0.input, parameters)) }
    let hidden = body(inputs, parameters, examples, teacherForced: teacherForced)
    guard configuration.needsReadout else { return hidden }
    return hidden.map { rows in
      rows.map { dense("readout", $0, parameters) }
    }
  }

  // MARK: - Input

  private func vectors<Scalar: OracleScalar>(
    _ input: Example.Input, _ parameters: [String: [Scalar]]
  ) -> [[Scalar]] {
    switch input {
    case .tokens(let ids):
      let (table, width) = (parameters["embedding.weight"] ?? [], configuration.input.width)
      return ids.map { Array(table[Int($0) * width..<(Int($0) + 1) * width]) }
    case .features(let values, let width):
      return stride(from: 0, to: values.count, by: width).map { start in
        values[start..<start + width].map { Scalar(Double($0)) }
      }
    }
  }

  private func windowed<Scalar: OracleScalar>(_ steps: [[Scalar]]) -> [[Scalar]] {
    let size = configuration.contextWindow
    let later = configuration.contextSide == .both ? size / 2 : 0
    let nothing = [Scalar](repeating: 0.0, count: configuration.input.width)
    return steps.indices.map { step in
      (step + later - size + 1...step + later).flatMap {
        steps.indices.contains($0) ? steps[$0] : nothing
      }
    }
  }

  // MARK: - Body

  /// What the readout reads, [sequence][answer][width].
  private func body<Scalar: OracleScalar>(
    _ inputs: [[[Scalar]]], _ parameters: [String: [Scalar]], _ examples: [Example],
    teacherForced: Bool
  ) -> [[[Scalar]]] {
    let atEnd = configuration.answer == .atEnd
    switch configuration.body {
    case .feedForward(let activation):
      let rows = inputs.map { steps in
        steps.map { step in
          dense("hidden", step, parameters).map { activation.oracle($0) }
        }
      }
      return atEnd ? rows.map { [$0[$0.count - 1]] } : rows
    case .recurrent(let cell, let layers, let directions):
      let network = OracleNetwork(
        cell: cell.oracle(feedback: configuration.loss.feedback), layers: layers,
        directions: directions.oracle,
        input: configuration.input.width * configuration.contextWindow,
        hidden: configuration.hiddenSize, output: configuration.outputs)
      var constants = OracleConstants()
      if teacherForced, !atEnd { constants.teacherTargets = examples.map { taught($0.target) } }
      return atEnd
        ? ends(of: network, inputs, parameters)
        : run(network, inputs, parameters, constants: constants)
    }
  }

  private func run<Scalar: OracleScalar>(
    _ network: OracleNetwork, _ inputs: [[[Scalar]]], _ parameters: [String: [Scalar]],
    constants: OracleConstants = OracleConstants()
  ) -> [[[Scalar]]] {
    var arguments = OracleArguments<Scalar>()
    arguments.parameters = parameters
    arguments.sequences = inputs
    let count = network.layers * network.directions.count
    arguments.initialHidden = zeros(count, inputs.count, network.stateWidth)
    arguments.initialCell = network.cell.isLSTM ? zeros(count, inputs.count, network.hidden) : []
    return network.run(arguments, constants: constants).outputs
  }

  /// What a network has to say after reading all, [sequence][1][width]: the forward direction at
  /// the last step, the reverse one at the first. The top layer runs by itself, so that directions
  /// that will be summed can be told apart.
  private func ends<Scalar: OracleScalar>(
    of network: OracleNetwork, _ inputs: [[[Scalar]]], _ parameters: [String: [Scalar]]
  ) -> [[[Scalar]]] {
    var (lower, top) = (network, network)
    lower.layers -= 1
    top.layers = 1
    if network.directions == .bidirectionalSum { top.directions = .bidirectionalConcat }
    let seen = lower.layers > 0 ? run(lower, inputs, parameters) : inputs
    top.input = seen[0][0].count
    var renamed: [String: [Scalar]] = [:]
    for direction in 0..<network.directions.count {
      let own = OracleNetwork.parameterSuffix(layer: lower.layers, direction: direction)
      for (name, values) in parameters where name.hasSuffix(own) {
        let suffix = OracleNetwork.parameterSuffix(layer: 0, direction: direction)
        renamed[name.dropLast(own.count) + suffix] = values
      }
    }
    return run(top, seen, renamed).map { steps in
      let forward = Array(steps[steps.count - 1].prefix(network.directionWidth))
      let reverse = Array(steps[0].dropFirst(network.directionWidth))
      let isSum = network.directions == .bidirectionalSum
      return [isSum ? zip(forward, reverse).map { $0 + $1 } : forward + reverse]
    }
  }

  private func dense<Scalar: OracleScalar>(
    _ name: String, _ input: [Scalar], _ parameters: [String: [Scalar]]
  ) -> [Scalar] {
    let isTied = name == "readout" && configuration.tiesEmbedding
    let weight = parameters[isTied ? "embedding.weight" : "\(name).weight"] ?? []
    return (parameters["\(name).bias"] ?? []).enumerated().map { row, bias in
      input.enumerated().reduce(bias) { $0 + weight[row * input.count + $1.offset] * $1.element }
    }
  }

  private func zeros<Scalar: OracleScalar>(_ a: Int, _ b: Int, _ c: Int) -> [[[Scalar]]] {
    [[[Scalar]]](
      repeating: [[Scalar]](repeating: [Scalar](repeating: 0.0, count: c), count: b), count: a)
  }

  // MARK: - Loss

  private enum Answer {
    case label(Int)
    case vector([Double])

    var elements: Int {
      if case .vector(let values) = self { values.count } else { 1 }
    }
  }

  private func answer(_ target: Example.Target, row: Int) -> Answer? {
    let width = configuration.outputs
    switch target {
    case .classPerStep(let ids): return ids[row] < 0 ? nil : .label(Int(ids[row]))
    case .classAtEnd(let id): return id < 0 ? nil : .label(Int(id))
    case .valuesPerStep(let values), .valuesAtEnd(let values):
      return .vector(values[row * width..<(row + 1) * width].map(Double.init))
    case .labelling: return nil
    }
  }

  private func taught(_ target: Example.Target) -> [[Double]] {
    guard case .classPerStep(let ids) = target else {
      guard case .valuesPerStep(let values) = target else { return [] }
      let width = configuration.outputs
      return (0..<values.count / width).map {
        values[$0 * width..<($0 + 1) * width].map(Double.init)
      }
    }
    return ids.map { id in (0..<configuration.outputs).map { $0 == Int(id) ? 1 : 0 } }
  }

  private func rowLoss<Scalar: OracleScalar>(_ output: [Scalar], _ answer: Answer) -> Scalar {
    switch answer {
    case .label(let id): return 0.0 - output.softmax()[id].logarithm()
    case .vector(let target):
      return zip(output, target).reduce(0.0) { sum, pair in
        let (z, y) = pair
        guard configuration.loss == .bernoulliCrossEntropy else {
          return sum + (z - Scalar(y)) * (z - Scalar(y))
        }
        return sum - Scalar(y) * z.sigmoid().logarithm()
          - Scalar(1 - y) * (1.0 - z.sigmoid()).logarithm()
      }
    }
  }
}

extension ModelOracle {
  /// −log p of all classes of a sequence, summed over sequences and divided.
  private func chainLoss<Scalar: OracleScalar>(
    _ emissions: [[[Scalar]]], _ parameters: [String: [Scalar]], _ examples: [Example],
    reduction: Loss.Reduction
  ) -> Scalar {
    let chain = OracleChain(parameters)
    var sum: Scalar = 0.0
    for (rows, example) in zip(emissions, examples) {
      guard case .classPerStep(let ids) = example.target else { continue }
      sum = sum + chain.loss(rows, ids.map { Int($0) })
    }
    switch reduction {
    case .mean: return sum / Scalar(Double(examples.reduce(0) { $0 + $1.length }))
    case .perSequence: return sum / Scalar(Double(examples.count))
    case .sum: return sum
    }
  }
}

extension ModelOracle {
  /// −log p of the labels of a sequence, summed over sequences and divided.
  private func labellingLoss<Scalar: OracleScalar>(
    _ outputs: [[[Scalar]]], _ examples: [Example], reduction: Loss.Reduction
  ) -> Scalar {
    var (sum, count): (Scalar, Int) = (0.0, 0)
    for (rows, example) in zip(outputs, examples) {
      guard case .labelling(let labels) = example.target else { continue }
      sum = sum + OracleLabelling.loss(rows, labels.map { Int($0) })
      count += max(1, labels.count)
    }
    switch reduction {
    case .mean: return sum / Scalar(Double(count))
    case .perSequence: return sum / Scalar(Double(examples.count))
    case .sum: return sum
    }
  }
}

extension Loss {
  /// What a Jordan network feeds back: the prediction that the loss compares with the target.
  fileprivate var feedback: OracleFeedback {
    switch self {
    case .softmaxCrossEntropy, .conditionalRandomField, .connectionistTemporalClassification:
      .softmax
    case .bernoulliCrossEntropy: .sigmoid
    case .meanSquaredError: .identity
    }
  }
}
