import Foundation

@testable import RNNCore
@testable import TestSupport

/// Gradients of an encoder-decoder's loss with respect to what flows inside it, as central
/// differences in `Double`: a value is moved, and all that reads it is computed again.
struct EncoderDecoderDifferences {
  /// What two sides of a difference are apart.
  private static let distance = 1e-5

  let oracle: EncoderDecoderOracle
  let parameters: [String: [Double]]
  let pairs: [SequencePair]
  let probing: ProfiledLoss

  init(_ model: EncoderDecoder, _ pairs: [SequencePair], _ probing: ProfiledLoss) throws {
    oracle = EncoderDecoderOracle(configuration: model.configuration)
    parameters = try model.parameters.named().mapValues { $0.map(Double.init) }
    (self.pairs, self.probing) = (pairs, probing)
  }

  private typealias Encoded = EncoderDecoderOracle.Encoded<Double>
  private typealias States = (hidden: [[Double]], cell: [[Double]])

  var loss: Double { pairs.reduce(0) { $0 + loss($1, encoded($1)) } }

  /// dE/de_j where attention alone looks at it, [pair][source step][H].
  var keys: [[[Double]]] {
    pairs.map { pair in
      let encoded = encoded(pair)
      return encoded.keys.indices.map { step in
        gradient(of: encoded.keys[step]) { moved in
          var other = encoded
          other.keys[step] = moved
          return loss(pair, other)
        }
      }
    }
  }

  /// dE/dq_t of what asks attention at step t where the scores alone read it, [pair][target
  /// step][H].
  var queries: [[[Double]]] {
    pairs.map { pair in
      let (encoded, tokens) = (encoded(pair), [oracle.configuration.start] + pair.target)
      let zeros = [Double](repeating: 0, count: oracle.configuration.hiddenSize)
      return tokens.indices.map { step in
        gradient(of: zeros) { moved in
          let decoded = oracle.decode(parameters, tokens, encoded, moving: (step, moved))
          return loss(pair, decoded.logits, from: 0)
        }
      }
    }
  }

  /// dE/dh_0 and dE/dc_0 of the decoder, all layers of a pair side by side.
  var bridge: [[Double]] {
    pairs.map { pair in
      let encoded = encoded(pair)
      return encoded.states.hidden.indices.flatMap { layer in
        gradient(of: encoded.states.hidden[layer]) { moved in
          var other = encoded
          other.states.hidden[layer] = moved
          return loss(pair, other)
        }
      }
        + encoded.states.cell.indices.flatMap { layer in
          gradient(of: encoded.states.cell[layer]) { moved in
            var other = encoded
            other.states.cell[layer] = moved
            return loss(pair, other)
          }
        }
    }
  }

  /// dE/dh_t of a decoder of one layer, [pair][target step][H].
  var decoder: [[[Double]]] {
    pairs.map { pair in
      let (encoded, tokens) = (encoded(pair), [oracle.configuration.start] + pair.target)
      return tokens.indices.map { step in
        let reached = oracle.decode(parameters, Array(tokens[...step]), encoded)
        return gradient(of: reached.states.hidden[0]) { moved in
          var here = reached
          here.states.hidden = [moved]
          here.logits = []
          oracle.write(parameters, moved, encoded.keys, &here)
          let later = oracle.decode(
            parameters, Array(tokens[(step + 1)...]), (encoded.keys, here.states),
            after: here.answer)
          return loss(pair, here.logits + later.logits, from: step)
        }
      }
    }
  }

  /// dE/dh_j of one direction of an encoder of one layer, [pair][step in its order of reading][H of
  /// a direction].
  ///
  /// - Parameter cell: dE/dc_j instead, h_j following c_j.
  func encoder(direction: Int, cell: Bool = false) -> [[[Double]]] {
    pairs.map { pair in
      let inputs = oracle.inputs(parameters, oracle.read(pair.source))
      let runs = (0..<oracle.configuration.directions.count).map { run(inputs, direction: $0) }
      return inputs.indices.map { step in
        let state = runs[direction][step]
        return gradient(of: cell ? state.cell : state.hidden) { moved in
          var runs = runs
          let other = cell ? following(state, cell: moved) : (moved, state.cell)
          runs[direction].replaceSubrange(
            step...,
            with: [other]
              + run(Array(ordered(inputs, direction)[(step + 1)...]), from: other, direction))
          return loss(pair, joined(runs))
        }
      }
    }
  }

  // MARK: One pair

  private func encoded(_ pair: SequencePair) -> Encoded {
    oracle.encode(parameters, oracle.read(pair.source))
  }

  private func loss(_ pair: SequencePair, _ encoded: Encoded) -> Double {
    let tokens = [oracle.configuration.start] + pair.target
    return loss(pair, oracle.decode(parameters, tokens, encoded).logits, from: 0)
  }

  /// The part of the batch's loss in the answers from a step on.
  private func loss(_ pair: SequencePair, _ logits: [[Double]], from first: Int) -> Double {
    let classes = (pair.target + [oracle.configuration.end])[first...]
    let losses = zip(logits, classes).map { -$0.softmax()[Int($1)].logarithm() }
    let answers = pairs.reduce(0) { $0 + $1.target.count + 1 }
    return probing == .lastAnswer
      ? (losses.last ?? 0) / Double(pairs.count) : losses.reduce(0, +) / Double(answers)
  }

  private func gradient(of values: [Double], _ loss: ([Double]) -> Double) -> [Double] {
    values.indices.map { index in
      var (up, down) = (values, values)
      up[index] += Self.distance
      down[index] -= Self.distance
      return (loss(up) - loss(down)) / (2 * Self.distance)
    }
  }

  // MARK: One direction of an encoder of one layer

  private typealias State = (hidden: [Double], cell: [Double])

  private func ordered(_ inputs: [[Double]], _ direction: Int) -> [[Double]] {
    direction == 0 ? inputs : inputs.reversed()
  }

  private func run(_ inputs: [[Double]], direction: Int) -> [State] {
    let zeros = [Double](repeating: 0, count: oracle.configuration.encoderHidden)
    return run(ordered(inputs, direction), from: (zeros, zeros), direction)
  }

  /// The states after each input, in the order of reading.
  private func run(_ inputs: [[Double]], from state: State, _ direction: Int) -> [State] {
    var network = oracle.network(oracle.configuration.encoder)
    network.directions = .forward
    var arguments = OracleArguments<Double>()
    for (name, values) in oracle.own(parameters, "encoder.")
    where name.hasSuffix("_reverse") == (direction == 1) {
      arguments.parameters[name.replacingOccurrences(of: "_reverse", with: "")] = values
    }
    var (state, states): (State, [State]) = (state, [])
    for input in inputs {
      arguments.sequences = [[input]]
      arguments.initialHidden = [[state.hidden]]
      arguments.initialCell = network.cell.isLSTM ? [[state.cell]] : []
      let result = network.run(arguments)
      state = (result.finalHidden[0][0], network.cell.isLSTM ? result.finalCell[0][0] : [])
      states.append(state)
    }
    return states
  }

  /// The state with another c, where h = o tanh(c) and no peephole shows c to o.
  private func following(_ state: State, cell: [Double]) -> State {
    (
      state.hidden.indices.map {
        state.hidden[$0] / state.cell[$0].hyperbolicTangent() * cell[$0].hyperbolicTangent()
      }, cell
    )
  }

  private func joined(_ runs: [[State]]) -> Encoded {
    let steps = runs[0].count
    let keys = (0..<steps).map { step in
      oracle.merged(
        runs.enumerated().map { $1[$0 == 0 ? step : steps - 1 - step].hidden })
    }
    let cells = runs.compactMap { $0.last?.cell }
    return (
      keys,
      (
        [oracle.merged(runs.compactMap { $0.last?.hidden })],
        cells[0].isEmpty ? [] : [oracle.merged(cells)]
      )
    )
  }
}
