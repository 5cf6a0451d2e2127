@testable import RNNCore
@testable import TestSupport

/// An encoder-decoder in plain numbers, one step of one sentence at a time. The networks are
/// `OracleNetwork`s.
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
    decode(
      parameters, inputs ?? [configuration.start] + pair.target,
      encode(parameters, read(pair.source))
    ).logits
  }

  /// The source in the order in which the encoder reads it.
  func read(_ source: Example.Input) -> Example.Input {
    configuration.reversesSource ? source.reversed : source
  }

  // MARK: Decoder

  /// What the decoder has written and carries on.
  struct Decoded<Scalar> {
    /// [token][V]
    var logits: [[Scalar]] = []
    var states: (hidden: [[Scalar]], cell: [[Scalar]])
    /// Of the last step; empty without attention.
    var context: [Scalar] = []
    /// What the readout read at the last step.
    var answer: [Scalar]
  }

  /// Reads `tokens` from the encoded states on.
  ///
  /// - Parameters:
  ///   - answer: what the readout read at the step before; nil at the first.
  ///   - moving: is added at one step to what asks attention, and there alone.
  func decode<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ tokens: [Int32], _ encoded: Encoded<Scalar>,
    after answer: [Scalar]? = nil, moving: (step: Int, by: [Scalar])? = nil
  ) -> Decoded<Scalar> {
    var network = network(configuration.decoder)
    network.directions = .forward
    var arguments = OracleArguments<Scalar>()
    arguments.parameters = own(parameters, "decoder.")
    var decoded = Decoded(
      states: encoded.states,
      answer: answer ?? [Scalar](repeating: 0.0, count: configuration.hiddenSize))
    for (step, token) in tokens.enumerated() {
      let move = moving?.step == step ? moving?.by : nil
      let own = row(
        Int(token), of: parameters["decoder.embedding.weight"], configuration.targetEmbedding)
      switch configuration.feeding {
      case .none: arguments.sequences = [[own]]
      case .answer: arguments.sequences = [[own + decoded.answer]]
      case .context:
        decoded.context = context(
          added(decoded.states.hidden.last ?? [], move), encoded.keys, parameters)
        arguments.sequences = [[own + decoded.context]]
      }
      arguments.initialHidden = decoded.states.hidden.map { [$0] }
      arguments.initialCell = decoded.states.cell.map { [$0] }
      let result = network.run(arguments)
      decoded.states = (result.finalHidden.map { $0[0] }, result.finalCell.map { $0[0] })
      write(parameters, result.outputs[0][0], encoded.keys, &decoded, moving: move)
    }
    return decoded
  }

  private func added<Scalar: OracleScalar>(_ values: [Scalar], _ move: [Scalar]?) -> [Scalar] {
    move.map { zip(values, $0).map { $0 + $1 } } ?? values
  }

  /// Adds the logits of an output of the decoder, whose context is there already where the step has
  /// read it.
  ///
  /// - Parameter moving: is added to the output where it is the query of attention, and there
  ///   alone.
  func write<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ output: [Scalar], _ keys: [[Scalar]],
    _ decoded: inout Decoded<Scalar>, moving: [Scalar]? = nil
  ) {
    if configuration.feeding != .context {
      decoded.context = context(added(output, moving), keys, parameters)
    }
    decoded.answer = answer(output, decoded.context, parameters)
    decoded.logits.append(dense("readout", decoded.answer, parameters))
  }

  // MARK: Encoder

  /// Outputs of all source steps, and the decoder's initial states by layer.
  typealias Encoded<Scalar> = (
    keys: [[Scalar]], states: (hidden: [[Scalar]], cell: [[Scalar]])
  )

  /// - Parameter source: as the encoder reads it.
  func encode<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ source: Example.Input
  ) -> Encoded<Scalar> {
    let network = network(configuration.encoder)
    var arguments = OracleArguments<Scalar>()
    arguments.parameters = own(parameters, "encoder.")
    arguments.sequences = [inputs(parameters, source)]
    let zeros = [Scalar](repeating: 0.0, count: network.stateWidth)
    let count = network.layers * network.directions.count
    arguments.initialHidden = Array(repeating: [zeros], count: count)
    arguments.initialCell = network.cell.isLSTM ? arguments.initialHidden : []
    // Real and imaginary parts of a complex state are joined each by themselves.
    let blocks = network.cell == .lru ? 2 : 1
    let result = network.run(arguments)
    func bridged(_ states: [[[Scalar]]]) -> [[Scalar]] {
      guard !states.isEmpty else { return [] }
      return (0..<network.layers).map { layer in
        (0..<blocks).flatMap { block in
          merged(
            (0..<network.directions.count).map {
              let state = states[network.stateIndex(layer: layer, direction: $0)][0]
              let width = state.count / blocks
              return Array(state[block * width..<(block + 1) * width])
            })
        }
      }
    }
    return (result.outputs[0], (bridged(result.finalHidden), bridged(result.finalCell)))
  }

  /// What the encoder's first layer reads at each step.
  func inputs<Scalar: OracleScalar>(
    _ parameters: [String: [Scalar]], _ source: Example.Input
  ) -> [[Scalar]] {
    switch source {
    case .tokens(let ids):
      ids.map {
        row(Int($0), of: parameters["encoder.embedding.weight"], configuration.source.width)
      }
    case .features(let values, let width):
      stride(from: 0, to: values.count, by: width).map { first in
        values[first..<first + width].map { Scalar(Double($0)) }
      }
    }
  }

  /// The vectors of one or both directions as one.
  func merged<Scalar: OracleScalar>(_ own: [[Scalar]]) -> [Scalar] {
    switch configuration.directions.oracle {
    case .forward: own[0]
    case .bidirectionalConcat: own[0] + own[1]
    case .bidirectionalSum: zip(own[0], own[1]).map { $0 + $1 }
    }
  }

  // MARK: Parts

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

  func network(_ shape: RecurrentConfiguration) -> OracleNetwork {
    OracleNetwork(
      cell: shape.cell.oracle(feedback: .identity), layers: shape.layers,
      directions: shape.directions.oracle, input: shape.inputSize, hidden: shape.hiddenSize)
  }

  /// The parameters of one network under the names that it has by itself.
  func own<Scalar>(
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
