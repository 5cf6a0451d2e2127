@testable import RNNCore

/// An encoder-decoder in plain numbers, one step of one sentence at a time. The networks are `OracleNetwork`s.
struct EncoderDecoderOracle {
  var configuration: EncoderDecoderConfiguration

  /// Nats a target token.
  func loss<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ pairs: [SequencePair]
  ) -> Scalar {
    var (sum, count): (Scalar, Double) = (0.0, 0)
    for pair in pairs {
      for (logits, token) in zip(logits(parameters, pair), pair.target + [configuration.end]) {
        sum = sum - logits.softmax()[Int(token)].logarithm()
        count += 1
      }
    }
    return sum / Scalar(count)
  }

  /// [target step][V].
  ///
  /// - Parameter inputs: the tokens that the decoder reads; nil for the start and the target.
  func logits<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ pair: SequencePair, inputs: [Int32]? = nil
  ) -> [[Scalar]] {
    let source = configuration.reversesSource ? pair.source.reversed : pair.source
    let (keys, states) = encode(parameters, source)
    var network = network(configuration.decoder)
    network.directions = .forward
    var arguments = OracleArguments<Scalar>()
    arguments.parameters = own(parameters, "decoder.")
    arguments.initialHidden = states.hidden.map { [$0] }
    arguments.initialCell = states.cell.map { [$0] }
    var output = states.hidden.last ?? []
    var fed = [Scalar](repeating: 0.0, count: configuration.hiddenSize)
    return (inputs ?? [configuration.start] + pair.target).map { token in
      let own = row(
        Int(token), of: parameters["decoder.embedding.weight"], configuration.targetEmbedding)
      var context: [Scalar]?
      switch configuration.feeding {
      case .none: arguments.sequences = [[own]]
      case .answer: arguments.sequences = [[own + fed]]
      case .context:
        context = self.context(output, keys, parameters)
        arguments.sequences = [[own + (context ?? [])]]
      }
      let result = network.run(arguments)
      (arguments.initialHidden, arguments.initialCell) = (result.finalHidden, result.finalCell)
      output = result.outputs[0][0]
      fed = answer(output, context ?? self.context(output, keys, parameters), parameters)
      return dense("readout", fed, parameters)
    }
  }

  /// Outputs of all steps, and the decoder's initial states by layer.
  private func encode<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ source: Example.Input
  ) -> (keys: [[Scalar]], states: (hidden: [[Scalar]], cell: [[Scalar]])) {
    let network = network(configuration.encoder)
    var arguments = OracleArguments<Scalar>()
    arguments.parameters = own(parameters, "encoder.")
    switch source {
    case .tokens(let ids):
      arguments.sequences = [
        ids.map {
          row(Int($0), of: parameters["encoder.embedding.weight"], configuration.source.width)
        }
      ]
    case .features(let values, let width):
      arguments.sequences = [
        stride(from: 0, to: values.count, by: width).map { first in
          values[first..<first + width].map { Scalar(Double($0)) }
        }
      ]
    }
    let zeros = [Scalar](repeating: 0.0, count: network.hidden)
    let count = network.layers * network.directions.count
    arguments.initialHidden = Array(repeating: [zeros], count: count)
    arguments.initialCell = network.cell.isLSTM ? arguments.initialHidden : []
    let result = network.run(arguments)
    func bridged(_ states: [[[Scalar]]]) -> [[Scalar]] {
      guard !states.isEmpty else { return [] }
      return (0..<network.layers).map { layer in
        let own = (0..<network.directions.count).map {
          states[network.stateIndex(layer: layer, direction: $0)][0]
        }
        switch network.directions {
        case .forward: return own[0]
        case .bidirectionalConcat: return own[0] + own[1]
        case .bidirectionalSum: return zip(own[0], own[1]).map { $0 + $1 }
        }
      }
    }
    return (result.outputs[0], (bridged(result.finalHidden), bridged(result.finalCell)))
  }

  /// What attention finds; empty without.
  private func context<Scalar: OracleScalar>(
    _ query: [Scalar], _ keys: [[Scalar]], _ parameters: [String: [Scalar]]
  ) -> [Scalar] {
    guard let score = configuration.attention else { return [] }
    let scores = keys.map { key -> Scalar in
      switch score {
      case .dot: return dot(query, key)
      case .general: return dot(query, dense("attention.key", key, parameters))
      case .concat:
        let sum = zip(
          dense("attention.query", query, parameters), dense("attention.key", key, parameters)
        ).map { ($0 + $1).hyperbolicTangent() }
        return dot(parameters["attention.vector"] ?? [], sum)
      }
    }
    var context = [Scalar](repeating: 0.0, count: query.count)
    for (weight, key) in zip(scores.softmax(), keys) {
      for index in context.indices { context[index] = context[index] + weight * key[index] }
    }
    return context
  }

  /// What the readout reads.
  private func answer<Scalar: OracleScalar>(
    _ output: [Scalar], _ context: [Scalar], _ parameters: [String: [Scalar]]
  ) -> [Scalar] {
    guard configuration.attention != nil else { return output }
    return dense("attention.combination", context + output, parameters).map {
      $0.hyperbolicTangent()
    }
  }

  private func network(_ shape: RecurrentConfiguration) -> OracleNetwork {
    OracleNetwork(
      cell: shape.cell.oracle(feedback: .identity), layers: shape.layers,
      directions: shape.directions.oracle, input: shape.inputSize, hidden: shape.hiddenSize)
  }

  /// The parameters of one network under the names that it has by itself.
  private func own<Scalar>(
    _ parameters: [String: [Scalar]], _ prefix: String
  ) -> [String: [Scalar]] {
    var result: [String: [Scalar]] = [:]
    for (name, values) in parameters where name.hasPrefix(prefix) {
      result[String(name.dropFirst(prefix.count))] = values
    }
    return result
  }

  private func row<Scalar>(_ index: Int, of table: [Scalar]?, _ width: Int) -> [Scalar] {
    Array((table ?? [])[index * width..<(index + 1) * width])
  }

  private func dot<Scalar: OracleScalar>(_ a: [Scalar], _ b: [Scalar]) -> Scalar {
    zip(a, b).reduce(0.0) { $0 + $1.0 * $1.1 }
  }

  /// W x + b, or W x where there is no bias.
  private func dense<Scalar: OracleScalar>(
    _ name: String, _ input: [Scalar], _ parameters: [String: [Scalar]]
  ) -> [Scalar] {
    let weight = parameters["\(name).weight"] ?? []
    let bias = parameters["\(name).bias"]
    return (0..<weight.count / input.count).map { row in
      dot(Array(weight[row * input.count..<(row + 1) * input.count]), input)
        + (bias?[row] ?? 0.0)
    }
  }
}
